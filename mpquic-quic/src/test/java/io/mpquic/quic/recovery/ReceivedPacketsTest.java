package io.mpquic.quic.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.conformance.Requirement;
import org.junit.jupiter.api.Test;

class ReceivedPacketsTest {
    private static final long MS = 1_000_000;

    private final ReceivedPackets received = new ReceivedPackets(25 * MS);

    @Test
    void beforeTheFirstPacketThereIsNothingToAcknowledge() {
        assertEquals(-1, received.largest());
        assertEquals(0, received.ranges().size());
        assertFalse(received.ackDue(Long.MAX_VALUE));
        assertFalse(received.hasUnacknowledged());
        assertFalse(received.isDuplicate(0));
        assertEquals(0, received.ackDelayNs(5));
    }

    @Test
    void oneAckElicitingPacketIsAcknowledgedWithinTheDelay() {
        received.onPacketReceived(0, true, 10 * MS);
        assertFalse(received.ackDue(10 * MS));
        assertEquals(35 * MS, received.ackDeadlineNs());
        assertTrue(received.ackDue(35 * MS));
    }

    @Test
    void theSecondAckElicitingPacketIsAcknowledgedAtOnce() {
        received.onPacketReceived(0, true, 10 * MS);
        received.onPacketReceived(1, true, 12 * MS);
        assertTrue(received.ackDue(12 * MS));
    }

    @Test
    void theThresholdCanBeRaised() {
        ReceivedPackets patient = new ReceivedPackets(25 * MS, 10);
        for (int number = 0; number < 9; number++) {
            patient.onPacketReceived(number, true, 0);
        }
        assertFalse(patient.ackDue(0));
        patient.onPacketReceived(9, true, 0);
        assertTrue(patient.ackDue(0));
    }

    @Test
    void packetsThatElicitNoAckAreNotAcknowledgedByThemselves() {
        for (int number = 0; number < 9; number++) {
            received.onPacketReceived(number, false, 0);
        }
        assertEquals(Long.MAX_VALUE, received.ackDeadlineNs());
        assertFalse(received.hasUnacknowledged());
        assertEquals("[8..0]", received.ranges().toString());
    }

    @Test
    void aLatePacketIsAcknowledgedAtOnce() {
        received.onPacketReceived(5, true, 0);
        received.onAckSent(0);
        received.onPacketReceived(4, true, 1);
        assertTrue(received.ackDue(1));
    }

    @Test
    void aPacketThatShowsAGapIsAcknowledgedAtOnce() {
        received.onPacketReceived(0, true, 0);
        received.onAckSent(0);
        received.onPacketReceived(2, true, 1);
        assertTrue(received.ackDue(1));
    }

    @Test
    void theNextPacketAfterAGapIsInOrderAgain() {
        received.onPacketReceived(0, true, 0);
        received.onPacketReceived(2, true, 1);
        received.onAckSent(1);
        received.onPacketReceived(3, true, 2);
        assertFalse(received.ackDue(2));
    }

    @Test
    void packetsThatElicitNoAckFillAGap() {
        received.onPacketReceived(0, true, 0);
        received.onAckSent(0);
        received.onPacketReceived(1, false, 1);
        received.onPacketReceived(2, true, 1);
        assertFalse(received.ackDue(1));
    }

    @Test
    void whatIsNoLongerAcknowledgedIsNoGap() {
        received.onPacketReceived(0, true, 0);
        received.onPacketReceived(1, false, 0);
        received.onPacketReceived(2, false, 0);
        received.onAckSent(0);
        received.onAckAcknowledged(2);
        received.onPacketReceived(3, true, 1);
        assertFalse(received.ackDue(1));
    }

    @Test
    void initialAndHandshakePacketsAreAcknowledgedAtOnce() {
        ReceivedPackets handshake = ReceivedPackets.immediate();
        handshake.onPacketReceived(0, true, 7);
        assertTrue(handshake.ackDue(7));
    }

    @Test
    void anAckThatWasSentEndsTheDeadline() {
        received.onPacketReceived(0, true, 0);
        received.onPacketReceived(1, true, 0);
        received.onAckSent(0);
        assertFalse(received.ackDue(Long.MAX_VALUE));
        assertFalse(received.hasUnacknowledged());
    }

    @Test
    void theDelayCountsFromTheArrivalOfTheLargestPacket() {
        received.onPacketReceived(5, true, 10);
        received.onPacketReceived(4, true, 15);
        assertEquals(10, received.ackDelayNs(20));
    }

    @Test
    void rangesAreDescendingAndMerge() {
        for (long number : new long[] {0, 1, 5, 9, 8, 4}) {
            received.onPacketReceived(number, true, 0);
        }
        assertEquals("[9..8, 5..4, 1..0]", received.ranges().toString());
    }

    @Test
    void onlyTheNewestRangesAreKept() {
        for (long number = 0; number < 200; number += 2) {
            received.onPacketReceived(number, true, 0);
        }
        assertEquals(ReceivedPackets.MAX_RANGES, received.ranges().size());
        assertEquals(198, received.ranges().largest(0));
        assertTrue(received.isDuplicate(0));
        assertFalse(received.isDuplicate(1));
    }

    @Test
    void aDuplicateIsKnownAgain() {
        received.onPacketReceived(3, true, 0);
        assertTrue(received.isDuplicate(3));
        assertFalse(received.isDuplicate(2));
        assertFalse(received.isDuplicate(4));
    }

    @Requirement("9000-13.2.3-1")
    @Test
    void packetsFarBelowTheLargestCountAsDuplicates() {
        received.onPacketReceived(0, true, 0);
        received.onPacketReceived(1_000_000, true, 0);
        assertTrue(received.isDuplicate(1));
        assertTrue(received.isDuplicate(1_000_000 - 8192));
        assertFalse(received.isDuplicate(1_000_000 - 8191));
        assertFalse(received.isDuplicate(999_999));
    }

    @Requirement("9000-13.2.3-2")
    @Test
    void anAcknowledgedAckPrunesTheRangesButKeepsTheLargest() {
        for (long number : new long[] {0, 1, 2, 6, 7, 8}) {
            received.onPacketReceived(number, true, 0);
        }
        received.onAckSent(0);
        received.onAckAcknowledged(-1);
        assertEquals("[8..6, 2..0]", received.ranges().toString());
        received.onAckAcknowledged(6);
        assertEquals("[8..7]", received.ranges().toString());
        received.onAckAcknowledged(8);
        assertEquals("[8]", received.ranges().toString());
        assertTrue(received.isDuplicate(0));
        assertFalse(received.isDuplicate(4));
    }

    @Test
    void aLatePacketThatNoAckHasListedYetIsNotPruned() {
        for (long number : new long[] {0, 1, 3, 4}) {
            received.onPacketReceived(number, true, 0);
        }
        received.onAckSent(0);
        received.onPacketReceived(2, true, 1);
        received.onAckAcknowledged(4);
        assertEquals("[4..2]", received.ranges().toString());
    }

    @Test
    void aGapBehindTheVeryFirstPacketIsAcknowledgedAtOnce() {
        received.onPacketReceived(0, true, 10 * MS);
        received.onAckSent(11 * MS);
        received.onPacketReceived(2, true, 12 * MS);
        assertTrue(received.ackDue(12 * MS));
    }

    @Test
    void theDelayOfTheVeryFirstPacketIsReported() {
        received.onPacketReceived(0, true, 10 * MS);
        assertEquals(5 * MS, received.ackDelayNs(15 * MS));
    }

    @Test
    void duplicatesAreKnownAgainAtLargeNumbersToo() {
        for (long number = 1_000_000; number < 1_000_100; number++) {
            received.onPacketReceived(number, true, 0);
        }
        for (long number = 1_000_000; number < 1_000_100; number++) {
            assertTrue(received.isDuplicate(number));
        }
        assertFalse(received.isDuplicate(999_999));
        assertFalse(received.isDuplicate(1_000_100));
    }

    @Test
    void whatWasLeftOutBehindAJumpIsNoDuplicate() {
        received.onPacketReceived(3, true, 0);
        // Number 3 and number 8195 share a place in the window.
        received.onPacketReceived(8_200, true, 0);
        assertFalse(received.isDuplicate(8_195));
        received.onPacketReceived(8_195, true, 0);
        assertTrue(received.isDuplicate(8_195));
        // A jump inside the window empties what it passes over.
        received.onPacketReceived(8_200 + 8_190, true, 0);
        for (long number = 8_201; number < 8_200 + 8_190; number++) {
            assertFalse(received.isDuplicate(number), "number " + number);
        }
        assertTrue(received.isDuplicate(8_200));
        assertTrue(received.isDuplicate(8_200 + 8_190));
    }

    @Test
    void marksAreCountedByTheirKind() {
        assertFalse(received.hasMarks());
        received.onPacketReceived(0, true, 0);
        received.onCodepoint(EcnValidation.NOT_ECT, 0);
        assertFalse(received.hasMarks());
        for (int kind = 0; kind < 3; kind++) {
            ReceivedPackets marked = new ReceivedPackets(25 * MS);
            marked.onPacketReceived(0, true, 0);
            marked.onCodepoint(kind + 1, 0);
            assertTrue(marked.hasMarks());
            assertEquals(kind + 1 == EcnValidation.ECT_0 ? 1 : 0, marked.ect0());
            assertEquals(kind + 1 == EcnValidation.ECT_1 ? 1 : 0, marked.ect1());
            assertEquals(kind + 1 == EcnValidation.CE ? 1 : 0, marked.ce());
        }
    }

    @Test
    void congestionIsToldOfAtOnceIfThereIsSomethingToAcknowledge() {
        received.onPacketReceived(0, false, 10 * MS);
        received.onCodepoint(EcnValidation.CE, 10 * MS);
        assertFalse(received.ackDue(10 * MS));
        received.onPacketReceived(1, true, 11 * MS);
        assertFalse(received.ackDue(11 * MS));
        received.onCodepoint(EcnValidation.CE, 11 * MS);
        assertTrue(received.ackDue(11 * MS));
    }

    @Test
    void whatTheLastAckFrameReportedIsRemembered() {
        assertEquals(-1, received.largestReported());
        received.onPacketReceived(7, true, 10 * MS);
        assertEquals(-1, received.largestReported());
        received.onAckSent(11 * MS);
        received.onPacketReceived(8, true, 12 * MS);
        assertEquals(7, received.largestReported());
    }

    @Test
    void nonsenseSettingsAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> new ReceivedPackets(-1));
        assertThrows(IllegalArgumentException.class, () -> new ReceivedPackets(0, 0));
    }
}
