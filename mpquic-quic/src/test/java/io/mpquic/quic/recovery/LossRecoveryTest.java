package io.mpquic.quic.recovery;

import static io.mpquic.quic.recovery.RecoveryBench.APPLICATION;
import static io.mpquic.quic.recovery.RecoveryBench.BYTES;
import static io.mpquic.quic.recovery.RecoveryBench.HANDSHAKE;
import static io.mpquic.quic.recovery.RecoveryBench.INITIAL;
import static io.mpquic.quic.recovery.RecoveryBench.MS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.conformance.Requirement;
import io.mpquic.quic.wire.AckRanges;
import io.mpquic.quic.wire.TransportError;
import io.mpquic.quic.wire.TransportException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LossRecoveryTest {
    @Test
    void aPacketIsDeclaredLostAfterThreeLaterOnesAreAcknowledged() throws TransportException {
        RecoveryBench bench = RecoveryBench.confirmed();
        for (int number = 1; number <= 4; number++) {
            bench.send(APPLICATION, number, 200);
        }
        bench.ack(APPLICATION, 210, 2, 3);
        assertEquals(List.of(), bench.lost);
        bench.ack(APPLICATION, 210, 2, 3, 4);
        assertEquals(List.of("A1"), bench.lost);
        assertEquals(List.of("A2", "A3", "A4"), bench.acked);
        assertEquals(0, bench.recovery.bytesInFlight());
        assertEquals(1, bench.recovery.packetsLost());
        assertEquals(BYTES, bench.recovery.bytesLost());
    }

    @Test
    void numbersSkippedOnPurposeDoNotCountAsLaterPackets() throws TransportException {
        RecoveryBench bench = RecoveryBench.confirmed();
        bench.send(APPLICATION, 1, 200);
        bench.send(APPLICATION, 2, 200);
        bench.send(APPLICATION, 4, 200);
        bench.ack(APPLICATION, 210, 2, 4);
        assertEquals(List.of(), bench.lost);
        bench.send(APPLICATION, 5, 211);
        bench.ack(APPLICATION, 220, 5);
        assertEquals(List.of("A1"), bench.lost);
    }

    @Test
    void aPacketIsDeclaredLostNineEighthsOfARoundTripAfterItWasSentIfALaterOneArrived() throws TransportException {
        RecoveryBench bench = RecoveryBench.confirmed();
        bench.send(APPLICATION, 1, 200);
        bench.send(APPLICATION, 2, 201);
        bench.ack(APPLICATION, 301, 2);
        assertEquals(List.of(), bench.lost);
        assertEquals(313, bench.timeoutMs());
        bench.recovery.onTimeout(312 * MS);
        assertEquals(List.of(), bench.lost);
        bench.recovery.onTimeout(313 * MS);
        assertEquals(List.of("A1"), bench.lost);
        assertEquals(-1, bench.timeoutMs());
        assertEquals(0, bench.recovery.ptoCount());
    }

    @Test
    void theTimeThresholdFollowsTheLatestSampleWhenThatIsLarger() throws TransportException {
        RecoveryBench bench = RecoveryBench.confirmed();
        bench.send(APPLICATION, 1, 200);
        bench.send(APPLICATION, 2, 200);
        bench.ack(APPLICATION, 360, 2);
        assertEquals(List.of(), bench.lost);
        assertEquals(380, bench.timeoutMs());
    }

    @Requirement("9002-6.1.2-1")
    @Test
    void theTimeThresholdIsAtLeastAMillisecond() throws TransportException {
        RecoveryBench bench = new RecoveryBench(false);
        bench.recovery.handshakeConfirmed();
        bench.recovery.onPacketSent(APPLICATION, 0, BYTES, true, true, false, -1, null, 0);
        bench.recovery.onPacketSent(APPLICATION, 1, BYTES, true, true, false, -1, null, 0);
        AckRanges ranges = new AckRanges();
        ranges.add(1, 1);
        bench.recovery.onAckReceived(APPLICATION, ranges, 0, 1000);
        assertEquals(MS, bench.recovery.timeoutNs());
    }

    @Test
    void aPacketSentAfterTheLargestAcknowledgedOneIsNeverLost() throws TransportException {
        RecoveryBench bench = RecoveryBench.confirmed();
        bench.send(APPLICATION, 1, 200);
        bench.send(APPLICATION, 2, 200);
        bench.ack(APPLICATION, 900, 1);
        assertEquals(List.of(), bench.lost);
        assertEquals(BYTES, bench.recovery.bytesInFlight());
    }

    @Test
    void onlyTheLargestNewlyAcknowledgedPacketGivesARoundTripSample() throws TransportException {
        RecoveryBench bench = RecoveryBench.confirmed();
        bench.send(APPLICATION, 1, 200);
        bench.send(APPLICATION, 2, 210);
        bench.ack(APPLICATION, 300, 2);
        assertEquals(90 * MS, bench.rtt.latestNs());
        bench.ack(APPLICATION, 305, 1, 2);
        assertEquals(90 * MS, bench.rtt.latestNs());
        assertEquals(List.of("A2", "A1"), bench.acked);
    }

    @Requirement("9002-5.1-1")
    @Test
    void anAckOfNothingButUnelicitingPacketsGivesNoSample() throws TransportException {
        RecoveryBench bench = RecoveryBench.confirmed();
        bench.sendAckOnly(APPLICATION, 1, 200);
        bench.ack(APPLICATION, 900, 1);
        assertEquals(100 * MS, bench.rtt.latestNs());
    }

    @Test
    void anUnelicitingLargestGivesASampleTogetherWithAnElicitingPacket() throws TransportException {
        RecoveryBench bench = RecoveryBench.confirmed();
        bench.send(APPLICATION, 1, 200);
        bench.sendAckOnly(APPLICATION, 2, 210);
        bench.ack(APPLICATION, 290, 1, 2);
        assertEquals(80 * MS, bench.rtt.latestNs());
    }

    @Test
    void theAckDelayOfInitialPacketsIsIgnored() throws TransportException {
        RecoveryBench bench = new RecoveryBench(false);
        bench.send(INITIAL, 0, 0);
        bench.ack(INITIAL, 100, 0);
        bench.send(INITIAL, 1, 100);
        bench.ackDelayed(INITIAL, 280, 80, 1);
        assertEquals(110 * MS, bench.rtt.smoothedNs());
    }

    @Requirement("9002-5.3-1")
    @Test
    void theAckDelayIsLimitedToThePeersMaximumOnlyOnceTheHandshakeIsConfirmed() throws TransportException {
        RecoveryBench early = new RecoveryBench(false);
        early.recovery.peerMaxAckDelay(20 * MS);
        early.send(HANDSHAKE, 0, 0);
        early.ack(HANDSHAKE, 100, 0);
        early.send(HANDSHAKE, 1, 100);
        early.ackDelayed(HANDSHAKE, 280, 80, 1);
        assertEquals(100 * MS, early.rtt.smoothedNs());

        RecoveryBench late = RecoveryBench.confirmed();
        late.recovery.peerMaxAckDelay(20 * MS);
        late.send(APPLICATION, 1, 100);
        late.ackDelayed(APPLICATION, 280, 80, 1);
        assertEquals((700 + 160) * MS / 8, late.rtt.smoothedNs());
    }

    @Test
    void acknowledgingWhatWasNeverSentIsAProtocolViolation() throws TransportException {
        RecoveryBench bench = RecoveryBench.confirmed();
        TransportException unsent = assertThrows(TransportException.class, () -> bench.ack(APPLICATION, 200, 1));
        assertEquals(TransportError.PROTOCOL_VIOLATION, unsent.errorCode());
        assertThrows(TransportException.class, () -> bench.ack(HANDSHAKE, 200, 0));
    }

    @Test
    void acknowledgingASkippedNumberIsAProtocolViolation() throws TransportException {
        RecoveryBench bench = RecoveryBench.confirmed();
        bench.send(APPLICATION, 1, 200);
        bench.send(APPLICATION, 3, 200);
        bench.ack(APPLICATION, 300, 1, 3);
        assertThrows(TransportException.class, () -> bench.ack(APPLICATION, 300, 1, 2, 3));
    }

    @Test
    void aLostPacketThatIsAcknowledgedLaterCountsAsSpurious() throws TransportException {
        RecoveryBench bench = RecoveryBench.confirmed();
        for (int number = 1; number <= 4; number++) {
            bench.send(APPLICATION, number, 200);
        }
        bench.ack(APPLICATION, 300, 4);
        assertEquals(List.of("A1"), bench.lost);
        bench.ack(APPLICATION, 301, 1, 2, 3, 4);
        assertEquals(List.of("A1"), bench.spurious);
        assertEquals(1, bench.recovery.spuriousLosses());
        bench.ack(APPLICATION, 302, 1, 2, 3, 4);
        assertEquals(1, bench.recovery.spuriousLosses());
        assertEquals(List.of("A4", "A2", "A3"), bench.acked);
    }

    @Test
    void aLostPacketIsForgottenAfterThreeProbeTimeouts() throws TransportException {
        RecoveryBench bench = RecoveryBench.confirmed();
        for (int number = 1; number <= 4; number++) {
            bench.send(APPLICATION, number, 200);
        }
        bench.ack(APPLICATION, 300, 2, 3, 4);
        long later = 301 + 3 * bench.recovery.ptoNs(APPLICATION) / MS;
        bench.send(APPLICATION, 5, later);
        bench.ack(APPLICATION, later + 100, 5);
        bench.ack(APPLICATION, later + 101, 1, 2, 3, 4, 5);
        assertEquals(List.of(), bench.spurious);
    }

    @Test
    void theLossOfAnMtuProbeDoesNotShrinkTheWindow() throws TransportException {
        RecoveryBench bench = RecoveryBench.confirmed();
        long windowBytes = bench.reno.windowBytes();
        bench.sendMtuProbe(1, 1450, 200);
        for (int number = 2; number <= 4; number++) {
            bench.send(APPLICATION, number, 200);
        }
        bench.ack(APPLICATION, 300, 2, 3, 4);
        assertEquals(List.of("A1"), bench.lost);
        assertEquals(List.of(1450), bench.probesLost);
        assertEquals(windowBytes, bench.reno.windowBytes());
        assertEquals(0, bench.recovery.packetsLost());
        assertEquals(1, bench.recovery.mtuProbesLost());
        assertEquals(0, bench.recovery.bytesInFlight());
    }

    @Test
    void anMtuProbeThatArrivesLateIsStillReported() throws TransportException {
        RecoveryBench bench = RecoveryBench.confirmed();
        bench.sendMtuProbe(1, 1450, 200);
        for (int number = 2; number <= 4; number++) {
            bench.send(APPLICATION, number, 200);
        }
        bench.ack(APPLICATION, 300, 2, 3, 4);
        bench.ack(APPLICATION, 301, 1, 2, 3, 4);
        assertEquals(List.of(1450), bench.probesAcked);
        assertEquals(0, bench.recovery.spuriousLosses());
    }

    @Requirement({"9000-13.3-4", "9002-7.4-1"})
    @Test
    void aLossShrinksTheWindowBeforeTheSameAckCouldGrowIt() throws TransportException {
        RecoveryBench bench = RecoveryBench.confirmed();
        for (int number = 1; number <= 10; number++) {
            bench.send(APPLICATION, number, 200);
        }
        long windowBytes = bench.reno.windowBytes();
        bench.ack(APPLICATION, 300, 2, 3, 4, 5, 6, 7, 8, 9, 10);
        assertEquals(windowBytes / 2, bench.reno.windowBytes());
    }

    @Test
    void theWindowGrowsOnlyWhenItWasFull() throws TransportException {
        RecoveryBench bench = RecoveryBench.confirmed();
        long windowBytes = bench.reno.windowBytes();
        bench.send(APPLICATION, 1, 200);
        bench.ack(APPLICATION, 300, 1);
        assertEquals(windowBytes, bench.reno.windowBytes());
        for (int number = 2; number <= 11; number++) {
            bench.send(APPLICATION, number, 300);
        }
        bench.ack(APPLICATION, 400, 2, 3);
        assertEquals(windowBytes + 2 * BYTES, bench.reno.windowBytes());
    }

    @Test
    void aSenderThatThePacerHoldsBackIsNotShortOfData() throws TransportException {
        RecoveryBench bench = RecoveryBench.confirmed();
        long windowBytes = bench.reno.windowBytes();
        bench.send(APPLICATION, 1, 200);
        bench.recovery.onPacingLimited(201 * MS);
        bench.ack(APPLICATION, 300, 1);
        assertEquals(windowBytes + BYTES, bench.reno.windowBytes());
    }

    @Requirement({"9002-6.2.2-1", "9002-6.4-1"})
    @Test
    void discardingASpaceTakesItsPacketsOutOfTheFlightWithoutAReport() {
        RecoveryBench bench = new RecoveryBench(true);
        bench.send(INITIAL, 0, 0);
        bench.send(INITIAL, 1, 0);
        bench.send(HANDSHAKE, 0, 1);
        bench.recovery.discardSpace(INITIAL, 2 * MS);
        assertEquals(BYTES, bench.recovery.bytesInFlight());
        assertEquals(List.of(), bench.lost);
        assertEquals(List.of(), bench.acked);
        bench.send(INITIAL, 2, 3);
        assertEquals(2 * BYTES, bench.recovery.bytesInFlight());
    }

    @Test
    void framesComeBackWithThePacketAndWithTheLargestNumberItAcknowledged() throws TransportException {
        RecoveryBench bench = RecoveryBench.confirmed();
        bench.recovery.onPacketSent(APPLICATION, 1, BYTES, true, true, false, 17, "hello", 200 * MS);
        List<Object> open = new ArrayList<>();
        bench.recovery.forEachUnacked(APPLICATION, open::add);
        assertEquals(List.of("hello"), open);
        bench.ack(APPLICATION, 300, 1);
        assertEquals(List.of("hello"), bench.framesBack);
        assertEquals(17, bench.largestAckedBack);
        open.clear();
        bench.recovery.forEachUnacked(APPLICATION, open::add);
        assertTrue(open.isEmpty());
    }

    @Test
    void packetsThatOnlyAcknowledgeAreNotInFlightAndNeverLost() throws TransportException {
        RecoveryBench bench = RecoveryBench.confirmed();
        bench.sendAckOnly(APPLICATION, 1, 200);
        assertEquals(0, bench.recovery.bytesInFlight());
        assertEquals(-1, bench.timeoutMs());
        for (int number = 2; number <= 5; number++) {
            bench.send(APPLICATION, number, 200);
        }
        bench.ack(APPLICATION, 300, 2, 3, 4, 5);
        assertEquals(List.of(), bench.lost);
    }

    @Test
    void anEndpointThatOnlyAcknowledgesDoesNotPileUpPackets() {
        SentPackets sent = new SentPackets();
        for (long number = 0; number < 100_000; number++) {
            sent.add(number, (byte) 0, 40, number, -1, null);
        }
        assertTrue(sent.end() - sent.first() <= 1024, "window of " + (sent.end() - sent.first()));
    }

    @Test
    void aPeerThatNeverAcknowledgesCannotStretchTheWindowWithoutEnd() throws TransportException {
        RecoveryBench bench = RecoveryBench.confirmed();
        bench.send(APPLICATION, 1, 200);
        for (long number = 2; number < 300_000; number++) {
            bench.sendAckOnly(APPLICATION, number, 200);
        }
        assertEquals(List.of("A1"), bench.lost);
        assertEquals(0, bench.recovery.bytesInFlight());
    }

    @Requirement("9000-12.3-1")
    @Test
    void packetNumbersThatDoNotRiseAreABug() throws TransportException {
        RecoveryBench bench = RecoveryBench.confirmed();
        assertThrows(IllegalStateException.class, () -> bench.send(APPLICATION, 0, 200));
        assertFalse(bench.recovery.bytesInFlight() > 0);
    }
}
