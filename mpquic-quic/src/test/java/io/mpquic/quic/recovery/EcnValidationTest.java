package io.mpquic.quic.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** RFC 9000 §13.4.2: marks are tested, and given up where they do not work. */
class EcnValidationTest {
    private final EcnValidation ecn = new EcnValidation();

    @BeforeEach
    void start() {
        ecn.start();
    }

    @Test
    void nothingIsMarkedBeforeItStarts() {
        assertEquals(EcnValidation.NOT_ECT, new EcnValidation().nextCodepoint());
    }

    @Test
    void tenPacketsTestThePathAndThenTheAnswerIsAwaited() {
        assertEquals(10, send(100));
        ack(10, 10, 0, 0);
        assertTrue(ecn.isCapable());
        assertEquals(100, send(100));
    }

    // RFC 9000 §13.4.2.1: the peer counts nothing although marked packets arrived.
    @Test
    void anAcknowledgementOfMarkedPacketsWithoutCountsIsAFailure() {
        send(10);
        assertFalse(ecn.onAck(2));
        assertTrue(ecn.hasFailed());
        assertEquals(0, send(10));
    }

    // RFC 9000 §13.4.2.1: a router has bleached the mark.
    @Test
    void aCountThatRisesByLessThanWhatWasAcknowledgedIsAFailure() {
        send(10);
        ack(2, 1, 0, 0);
        assertTrue(ecn.hasFailed());
    }

    @Test
    void onlyTheRiseOfACountStandsForWhatIsNewlyAcknowledged() {
        send(10);
        ack(4, 2, 0, 2);
        assertTrue(ecn.isCapable());
        ack(2, 3, 0, 3);
        assertTrue(ecn.isCapable());
        ack(3, 4, 0, 4);
        assertTrue(ecn.hasFailed());
    }

    @Test
    void marksThatBecameCeOnTheWayCount() {
        send(10);
        assertTrue(ack(4, 1, 0, 3), "congestion");
        assertTrue(ecn.isCapable());
        assertFalse(ack(1, 2, 0, 3), "not the same marks again");
    }

    @Test
    void moreThanWasSentIsAFailure() {
        send(10);
        ack(2, 11, 0, 0);
        assertTrue(ecn.hasFailed());
    }

    @Test
    void aMarkThatIsNeverSentIsAFailure() {
        send(10);
        ack(2, 2, 1, 0);
        assertTrue(ecn.hasFailed());
    }

    @Test
    void aCountThatGoesBackIsAFailure() {
        send(10);
        ack(3, 3, 0, 0);
        ack(1, 2, 0, 2);
        assertTrue(ecn.hasFailed());
    }

    // RFC 9000 §13.4.2.1: a lost ACK frame makes counts rise by more than its successor acknowledges.
    @Test
    void countsMayRiseByMore() {
        send(10);
        ack(1, 8, 0, 0);
        assertTrue(ecn.isCapable());
    }

    // RFC 9000 §13.4.2.2: the network drops what is marked.
    @Test
    void whenAllMarkedPacketsOfTheTestAreLostNoneIsMarkedAgain() {
        send(12);
        for (int i = 0; i < 10; i++) {
            assertFalse(ecn.hasFailed());
            ecn.onMarkedLost();
        }
        assertTrue(ecn.hasFailed());
    }

    @Test
    void lossesWhileTheTestRunsCountToo() {
        send(9);
        for (int i = 0; i < 9; i++) {
            ecn.onMarkedLost();
        }
        send(1);
        assertFalse(ecn.hasFailed());
        ecn.onMarkedLost();
        assertTrue(ecn.hasFailed());
    }

    @Test
    void lossesOfTheOldPathAreNoneOfTheNew() {
        send(10);
        for (int i = 0; i < 9; i++) {
            ecn.onMarkedLost();
        }
        ecn.start();
        send(10);
        ecn.onMarkedLost();
        assertFalse(ecn.hasFailed());
    }

    @Test
    void onceMarksWorkTheirLossIsCommonLoss() {
        send(10);
        ack(1, 1, 0, 0);
        for (int i = 0; i < 100; i++) {
            ecn.onMarkedLost();
        }
        assertTrue(ecn.isCapable());
    }

    @Test
    void anAcknowledgementOfUnmarkedPacketsNeedsNoCounts() {
        send(10);
        assertFalse(ecn.onAck(0));
        assertFalse(ecn.hasFailed());
    }

    @Test
    void countsAloneShowNothingAboutTheMarks() {
        send(10);
        ack(0, 3, 0, 0);
        assertFalse(ecn.isCapable());
        assertFalse(ecn.hasFailed());
        ack(0, 2, 0, 0);
        assertTrue(ecn.hasFailed(), "a count that goes back");
    }

    @Test
    void aCeCountThatGoesBackIsAFailure() {
        send(10);
        ack(3, 1, 0, 2);
        ack(1, 5, 0, 1);
        assertTrue(ecn.hasFailed());
    }

    @Test
    void beforeTheStartAndAfterAFailureCountsMeanNothing() {
        EcnValidation off = new EcnValidation();
        off.report(1, 1, 1);
        assertFalse(off.onAck(1));
        assertFalse(off.hasFailed());
        send(10);
        ecn.onAck(1);
        assertTrue(ecn.hasFailed());
        assertFalse(ack(1, 1, 0, 5));
    }

    @Test
    void onAnotherPathTheTestBeginsAnew() {
        send(10);
        ecn.onAck(1);
        assertTrue(ecn.hasFailed());
        ecn.start();
        assertEquals(10, send(20));
        ack(1, 5, 0, 0);
        assertTrue(ecn.isCapable());
    }

    private boolean ack(int newlyAcked, long ect0, long ect1, long ce) {
        ecn.report(ect0, ect1, ce);
        return ecn.onAck(newlyAcked);
    }

    /** Sends packets and returns how many of them were marked. */
    private int send(int packets) {
        int marked = 0;
        for (int i = 0; i < packets; i++) {
            marked += ecn.nextCodepoint() == EcnValidation.ECT_0 ? 1 : 0;
            ecn.onPacketSent();
        }
        return marked;
    }
}
