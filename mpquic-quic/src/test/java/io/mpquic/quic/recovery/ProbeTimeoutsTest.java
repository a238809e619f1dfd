package io.mpquic.quic.recovery;

import static io.mpquic.quic.recovery.RecoveryBench.APPLICATION;
import static io.mpquic.quic.recovery.RecoveryBench.HANDSHAKE;
import static io.mpquic.quic.recovery.RecoveryBench.INITIAL;
import static io.mpquic.quic.recovery.RecoveryBench.MS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.conformance.Requirement;
import io.mpquic.quic.wire.TransportException;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProbeTimeoutsTest {
    @Test
    void theFirstTimeoutOfAHandshakeIsAboutOneSecond() {
        RecoveryBench bench = new RecoveryBench(true);
        bench.send(INITIAL, 0, 10);
        assertEquals(10 + 999, bench.timeoutMs());
    }

    @Test
    void thePeriodIsTheRoundTripAndFourVariancesAndThePeersDelay() throws TransportException {
        RecoveryBench bench = RecoveryBench.confirmed();
        assertEquals((100 + 4 * 50 + 25) * MS, bench.recovery.ptoNs(APPLICATION));
        assertEquals((100 + 4 * 50) * MS, bench.recovery.ptoNs(HANDSHAKE));
        bench.recovery.peerMaxAckDelay(5 * MS);
        assertEquals((100 + 4 * 50 + 5) * MS, bench.recovery.ptoNs(APPLICATION));
    }

    @Test
    void theTimerCountsFromTheLastAckElicitingPacket() throws TransportException {
        RecoveryBench bench = RecoveryBench.confirmed();
        bench.send(APPLICATION, 1, 200);
        bench.send(APPLICATION, 2, 250);
        bench.sendAckOnly(APPLICATION, 3, 260);
        assertEquals(250 + 325, bench.timeoutMs());
    }

    @Requirement("9002-6.2-1")
    @Test
    void anExpiryMakesTwoProbesDueAndLosesNothing() throws TransportException {
        RecoveryBench bench = RecoveryBench.confirmed();
        bench.send(APPLICATION, 1, 200);
        bench.recovery.onTimeout(524 * MS);
        assertEquals(0, bench.recovery.probesOwed(APPLICATION));
        bench.recovery.onTimeout(525 * MS);
        assertEquals(2, bench.recovery.probesOwed(APPLICATION));
        assertEquals(List.of(), bench.lost);
        bench.recovery.probeSent(APPLICATION);
        bench.recovery.probeSent(APPLICATION);
        bench.recovery.probeSent(APPLICATION);
        assertEquals(0, bench.recovery.probesOwed(APPLICATION));
    }

    @Requirement("9002-6.2.1-4")
    @Test
    void eachExpiryDoublesThePeriod() throws TransportException {
        RecoveryBench bench = RecoveryBench.confirmed();
        bench.send(APPLICATION, 1, 200);
        bench.recovery.onTimeout(525 * MS);
        assertEquals(1, bench.recovery.ptoCount());
        assertEquals(200 + 650, bench.timeoutMs());
        bench.recovery.onTimeout(850 * MS);
        assertEquals(200 + 1300, bench.timeoutMs());
        bench.send(APPLICATION, 2, 851);
        assertEquals(851 + 1300, bench.timeoutMs());
    }

    @Test
    void anyNumberOfExpiriesDoesNotOverflow() throws TransportException {
        RecoveryBench bench = RecoveryBench.confirmed();
        bench.send(APPLICATION, 1, 200);
        for (int i = 0; i < 100; i++) {
            long timeoutNs = bench.recovery.timeoutNs();
            bench.recovery.onTimeout(timeoutNs);
            bench.recovery.onPacketSent(APPLICATION, 2 + i, 100, true, true, false, -1, null, timeoutNs);
            assertEquals(true, bench.recovery.timeoutNs() > timeoutNs);
        }
    }

    @Test
    void anAcknowledgementResetsTheBackoffAndTheProbesOwed() throws TransportException {
        RecoveryBench bench = RecoveryBench.confirmed();
        bench.send(APPLICATION, 1, 200);
        bench.send(APPLICATION, 2, 200);
        bench.recovery.onTimeout(525 * MS);
        bench.ack(APPLICATION, 530, 1);
        assertEquals(0, bench.recovery.ptoCount());
        assertEquals(0, bench.recovery.probesOwed(APPLICATION));
    }

    @Requirement("9002-6.2.1-3")
    @Test
    void nothingIsTimedForApplicationDataBeforeTheHandshakeIsConfirmed() {
        RecoveryBench bench = new RecoveryBench(false);
        bench.send(APPLICATION, 0, 0);
        assertEquals(-1, bench.timeoutMs());
        bench.recovery.handshakeConfirmed();
        assertEquals(1024, bench.timeoutMs());
    }

    @Requirement("9002-6.2.1-2")
    @Test
    void theEarlierOfInitialAndHandshakeIsTimed() {
        RecoveryBench bench = new RecoveryBench(false);
        bench.send(INITIAL, 0, 0);
        bench.send(HANDSHAKE, 0, 50);
        assertEquals(999, bench.timeoutMs());
        bench.recovery.onTimeout(999 * MS);
        assertEquals(2, bench.recovery.probesOwed(INITIAL));
        assertEquals(1, bench.recovery.probesOwed(HANDSHAKE));
    }

    @Requirement("9002-6.2.2.1-2")
    @Test
    void aClientProbesAlthoughNothingIsInFlightUntilItsAddressIsValidated() throws TransportException {
        RecoveryBench bench = new RecoveryBench(true);
        bench.send(INITIAL, 0, 0);
        bench.ack(INITIAL, 100, 0);
        assertEquals(100 + 300, bench.timeoutMs());
        bench.recovery.onTimeout(400 * MS);
        assertEquals(1, bench.recovery.probesOwed(INITIAL));
        assertEquals(0, bench.recovery.probesOwed(HANDSHAKE));
        assertEquals(400 + 600, bench.timeoutMs());
    }

    @Requirement({"9000-8.1-5", "9002-6.2.2.1-3"})
    @Test
    void theAntiDeadlockProbeIsAHandshakePacketOnceItsKeysAreThere() throws TransportException {
        RecoveryBench bench = new RecoveryBench(true);
        bench.send(INITIAL, 0, 0);
        bench.ack(INITIAL, 100, 0);
        bench.recovery.handshakeKeysAvailable();
        bench.recovery.onTimeout(400 * MS);
        assertEquals(0, bench.recovery.probesOwed(INITIAL));
        assertEquals(1, bench.recovery.probesOwed(HANDSHAKE));
    }

    @Requirement("9002-6.2.2.1-2")
    @Test
    void anAcknowledgedHandshakePacketEndsTheAntiDeadlockTimer() throws TransportException {
        RecoveryBench bench = new RecoveryBench(true);
        bench.send(HANDSHAKE, 0, 0);
        bench.ack(HANDSHAKE, 100, 0);
        assertEquals(-1, bench.timeoutMs());
    }

    @Test
    void aServerHasNoAntiDeadlockTimer() throws TransportException {
        RecoveryBench bench = new RecoveryBench(false);
        bench.send(INITIAL, 0, 0);
        bench.ack(INITIAL, 100, 0);
        assertEquals(-1, bench.timeoutMs());
    }

    @Test
    void acknowledgedInitialPacketsDoNotResetTheBackoffOfAClient() throws TransportException {
        RecoveryBench bench = new RecoveryBench(true);
        bench.send(INITIAL, 0, 0);
        bench.recovery.onTimeout(999 * MS);
        bench.send(INITIAL, 1, 999);
        bench.ack(INITIAL, 1100, 0, 1);
        assertEquals(1, bench.recovery.ptoCount());
        bench.recovery.peerAddressValidationComplete();
        assertEquals(-1, bench.timeoutMs());
    }

    @Requirement("9002-6.2.2-1")
    @Test
    void discardedKeysResetTheBackoff() {
        RecoveryBench bench = new RecoveryBench(true);
        bench.send(INITIAL, 0, 0);
        bench.send(HANDSHAKE, 0, 10);
        bench.recovery.onTimeout(999 * MS);
        bench.recovery.discardSpace(INITIAL, 1000 * MS);
        assertEquals(0, bench.recovery.ptoCount());
        assertEquals(0, bench.recovery.probesOwed(INITIAL));
        assertEquals(10 + 999, bench.timeoutMs());
    }

    @Requirement("9002-6.2.2.1-1")
    @Test
    void aServerAtItsAmplificationLimitTimesNoProbe() {
        RecoveryBench bench = new RecoveryBench(false);
        bench.send(HANDSHAKE, 0, 0);
        bench.recovery.amplificationBlocked(true);
        assertEquals(-1, bench.timeoutMs());
        bench.recovery.amplificationBlocked(false);
        assertEquals(999, bench.timeoutMs());
    }

    @Requirement("9002-6.2.1-5")
    @Test
    void aLossTimerGoesBeforeAProbeTimer() throws TransportException {
        RecoveryBench bench = RecoveryBench.confirmed();
        bench.send(APPLICATION, 1, 200);
        bench.send(APPLICATION, 2, 200);
        bench.ack(APPLICATION, 300, 2);
        assertEquals(313, bench.timeoutMs());
        bench.recovery.onTimeout(313 * MS);
        assertEquals(0, bench.recovery.ptoCount());
        assertEquals(0, bench.recovery.probesOwed(APPLICATION));
    }

    /** A peer may keep an acknowledgement back for hours, and so have the round trip of its choice. */
    @Test
    void noRoundTripAndNoNumberOfTimeoutsMakesTheTimeOverflow() throws TransportException {
        RecoveryBench bench = RecoveryBench.confirmed();
        bench.send(APPLICATION, 1, 200);
        for (int i = 0; i < 20; i++) {
            bench.recovery.onTimeout(bench.recovery.timeoutNs());
        }
        long hoursMs = bench.timeoutMs();
        bench.ack(APPLICATION, hoursMs, 1);
        assertTrue(bench.rtt.smoothedNs() > 3_600_000 * MS / 8, bench.rtt.smoothedNs() + " ns");
        assertEquals(60_000 * MS, bench.recovery.ptoNs(APPLICATION));
        long nowNs = hoursMs * MS;
        bench.send(APPLICATION, 2, hoursMs);
        for (int i = 0; i < 20; i++) {
            assertTrue(bench.recovery.timeoutNs() > nowNs, "timeout " + i + " lies in the past");
            bench.recovery.onTimeout(bench.recovery.timeoutNs());
        }
    }

    @Requirement("9002-6.2.1-1")
    @Test
    void thePeriodIsAtLeastTheGranularityOfTheTimer() throws TransportException {
        RecoveryBench bench = RecoveryBench.confirmed();
        for (int number = 1; number < 400; number++) {
            bench.send(APPLICATION, number, 100 + number);
            bench.ack(APPLICATION, 100 + number, number);
        }
        assertTrue(bench.rtt.smoothedNs() < MS / 1_000);
        assertTrue(bench.recovery.ptoNs(HANDSHAKE) >= MS);
    }
}
