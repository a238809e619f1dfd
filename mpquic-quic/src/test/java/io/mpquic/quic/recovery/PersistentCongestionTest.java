package io.mpquic.quic.recovery;

import static io.mpquic.quic.recovery.RecoveryBench.APPLICATION;
import static io.mpquic.quic.recovery.RecoveryBench.HANDSHAKE;
import static io.mpquic.quic.recovery.RecoveryBench.INITIAL;
import static io.mpquic.quic.recovery.RecoveryBench.MS;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mpquic.quic.conformance.Requirement;
import io.mpquic.quic.wire.TransportException;
import org.junit.jupiter.api.Test;

class PersistentCongestionTest {
    private static final long MINIMUM_WINDOW_BYTES = 2400;

    /** After the sample of 100 ms: 3 * (100 + 200 + 25) ms, and about as much after a few more samples. */
    private static final long DURATION_MS = 975;

    @Requirement("9002-7.6.2-2")
    @Test
    void losingAllPacketsOverThreeProbeTimeoutsIsPersistentCongestion() throws TransportException {
        RecoveryBench bench = RecoveryBench.confirmed();
        bench.send(APPLICATION, 1, 200);
        bench.send(APPLICATION, 2, 700);
        bench.send(APPLICATION, 3, 200 + DURATION_MS + 1);
        bench.send(APPLICATION, 4, 1500);
        bench.send(APPLICATION, 5, 1500);
        bench.send(APPLICATION, 6, 1500);
        bench.ack(APPLICATION, 1600, 4, 5, 6);
        assertEquals(1, bench.recovery.persistentCongestions());
        assertEquals(MINIMUM_WINDOW_BYTES, bench.reno.windowBytes());
        assertEquals(100 * MS, bench.rtt.minNs());
    }

    @Test
    void aShorterStretchIsNone() throws TransportException {
        RecoveryBench bench = RecoveryBench.confirmed();
        bench.send(APPLICATION, 1, 200);
        bench.send(APPLICATION, 2, 900);
        bench.send(APPLICATION, 3, 1500);
        bench.ack(APPLICATION, 1600, 3);
        bench.recovery.onTimeout(1700 * MS);
        assertEquals(2, bench.recovery.packetsLost());
        assertEquals(0, bench.recovery.persistentCongestions());
    }

    @Test
    void anAcknowledgedPacketInBetweenRefutesIt() throws TransportException {
        RecoveryBench bench = RecoveryBench.confirmed();
        bench.send(APPLICATION, 1, 200);
        bench.send(APPLICATION, 2, 700);
        bench.send(APPLICATION, 3, 1300);
        bench.send(APPLICATION, 4, 1500);
        bench.ack(APPLICATION, 1600, 2, 4);
        assertEquals(2, bench.recovery.packetsLost());
        assertEquals(0, bench.recovery.persistentCongestions());
    }

    @Test
    void aPacketAcknowledgedInAnotherSpaceRefutesIt() throws TransportException {
        RecoveryBench bench = RecoveryBench.confirmed();
        bench.send(HANDSHAKE, 0, 200);
        bench.send(INITIAL, 0, 700);
        bench.send(HANDSHAKE, 1, 1300);
        bench.send(HANDSHAKE, 2, 1500);
        bench.ack(INITIAL, 800, 0);
        bench.ack(HANDSHAKE, 1600, 2);
        assertEquals(2, bench.recovery.packetsLost());
        assertEquals(0, bench.recovery.persistentCongestions());
    }

    @Test
    void lossesOfSeveralSpacesCountTogether() throws TransportException {
        RecoveryBench bench = RecoveryBench.confirmed();
        bench.send(INITIAL, 0, 200);
        bench.send(HANDSHAKE, 0, 1300);
        bench.send(INITIAL, 1, 1500);
        bench.send(HANDSHAKE, 1, 1500);
        bench.ack(INITIAL, 1600, 1);
        assertEquals(0, bench.recovery.persistentCongestions());
        bench.ack(HANDSHAKE, 1600, 1);
        assertEquals(1, bench.recovery.persistentCongestions());
    }

    @Test
    void packetsSentBeforeTheFirstSampleDoNotCount() throws TransportException {
        RecoveryBench bench = new RecoveryBench(false);
        bench.recovery.handshakeConfirmed();
        bench.send(APPLICATION, 0, 0);
        bench.send(APPLICATION, 1, 5000);
        bench.send(APPLICATION, 2, 8000);
        bench.ack(APPLICATION, 8100, 2);
        assertEquals(2, bench.recovery.packetsLost());
        assertEquals(0, bench.recovery.persistentCongestions());
    }

    @Requirement("9002-7.6.2-1")
    @Test
    void packetsThatElicitNoAckDoNotCount() throws TransportException {
        RecoveryBench bench = RecoveryBench.confirmed();
        bench.recovery.onPacketSent(APPLICATION, 1, 1200, false, true, false, -1, null, 200 * MS);
        bench.send(APPLICATION, 2, 1300);
        bench.send(APPLICATION, 3, 1500);
        bench.ack(APPLICATION, 1600, 3);
        assertEquals(2, bench.recovery.packetsLost());
        assertEquals(0, bench.recovery.persistentCongestions());
    }

    @Test
    void lostMtuProbesDoNotCount() throws TransportException {
        RecoveryBench bench = RecoveryBench.confirmed();
        bench.sendMtuProbe(1, 1400, 200);
        bench.sendMtuProbe(2, 1400, 1300);
        bench.send(APPLICATION, 3, 1500);
        bench.ack(APPLICATION, 1600, 3);
        assertEquals(2, bench.recovery.mtuProbesLost());
        assertEquals(0, bench.recovery.persistentCongestions());
    }

    @Test
    void theExampleOfTheRfcEstablishesIt() {
        PersistentCongestion tracker = new PersistentCongestion();
        long durationNs = 6_000 * MS;
        tracker.onAcked(0, durationNs);
        tracker.onAcked(12_000 * MS, durationNs);
        boolean established = false;
        for (long sentMs : new long[] {1_000, 2_000, 3_000, 4_000, 5_000, 6_000, 8_000}) {
            established |= tracker.onLost(sentMs * MS, durationNs);
        }
        assertEquals(true, established);
    }

    @Test
    void aLatePacketSplitsTheStretch() {
        PersistentCongestion tracker = new PersistentCongestion();
        tracker.onAcked(0, 10);
        tracker.onAcked(100, 10);
        assertEquals(false, tracker.onLost(20, 10));
        tracker.onAcked(25, 10);
        assertEquals(false, tracker.onLost(40, 10));
        assertEquals(true, tracker.onLost(51, 10));
    }

    @Test
    void whatWasSentAtTheMomentOfTheFirstAcknowledgedPacketLiesOutsideTheStretch() {
        PersistentCongestion tracker = new PersistentCongestion();
        tracker.onAcked(10, 10);
        tracker.onAcked(100, 10);
        assertEquals(false, tracker.onLost(11, 20));
        assertEquals(false, tracker.onLost(10, 0));
        assertEquals(false, tracker.onLost(31, 20));
        assertEquals(true, tracker.onLost(32, 20));
    }

    @Test
    void whatWasSentAtTheMomentOfTheLastAcknowledgedPacketLiesInsideTheStretch() {
        PersistentCongestion tracker = new PersistentCongestion();
        tracker.onAcked(0, 10);
        tracker.onAcked(100, 10);
        assertEquals(false, tracker.onLost(89, 10));
        assertEquals(true, tracker.onLost(100, 10));
        assertEquals(false, tracker.onLost(101, 10));
    }

    @Test
    void exactlyTheDurationIsNotEnough() {
        PersistentCongestion tracker = new PersistentCongestion();
        tracker.onAcked(0, 10);
        tracker.onAcked(100, 10);
        assertEquals(false, tracker.onLost(50, 10));
        assertEquals(false, tracker.onLost(60, 10));
        assertEquals(true, tracker.onLost(61, 10));
    }

    @Test
    void lossesMayBeFoundInAnyOrder() {
        PersistentCongestion tracker = new PersistentCongestion();
        tracker.onAcked(0, 10);
        tracker.onAcked(100, 10);
        assertEquals(false, tracker.onLost(50, 10));
        assertEquals(true, tracker.onLost(39, 10));
    }

    @Test
    void bothSidesOfAnArrivalGoOnByThemselves() {
        PersistentCongestion tracker = new PersistentCongestion();
        tracker.onAcked(0, 10);
        tracker.onAcked(100, 10);
        tracker.onLost(20, 100);
        tracker.onLost(70, 100);
        tracker.onAcked(45, 10);
        assertEquals(false, tracker.onLost(30, 10));
        assertEquals(true, tracker.onLost(31, 10));
        assertEquals(false, tracker.onLost(80, 10));
        assertEquals(true, tracker.onLost(81, 10));
        // What shares its time with the arrival was not sent strictly before it, and belongs to the first side.
        assertEquals(true, tracker.onLost(45, 10));
    }

    @Test
    void fourStretchesAreWatchedTheLatestOnes() {
        PersistentCongestion tracker = new PersistentCongestion();
        for (long ackedNs = 0; ackedNs <= 500; ackedNs += 100) {
            tracker.onAcked(ackedNs, 10);
        }
        // The one up to 0 and the one up to 100 were given up.
        tracker.onLost(20, 10);
        assertEquals(false, tracker.onLost(80, 10));
        for (long fromNs = 100; fromNs < 500; fromNs += 100) {
            assertEquals(false, tracker.onLost(fromNs + 20, 10));
            assertEquals(true, tracker.onLost(fromNs + 80, 10));
        }
    }

    @Test
    void packetsInCloseOrderOpenNoStretch() {
        PersistentCongestion tracker = new PersistentCongestion();
        for (long ackedNs = 0; ackedNs <= 100; ackedNs += 10) {
            tracker.onAcked(ackedNs, 10);
        }
        assertEquals(false, tracker.onLost(1, 5));
        assertEquals(false, tracker.onLost(9, 5));
    }
}
