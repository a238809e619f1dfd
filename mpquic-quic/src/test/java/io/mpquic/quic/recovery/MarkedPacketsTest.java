package io.mpquic.quic.recovery;

import static io.mpquic.quic.recovery.RecoveryBench.APPLICATION;
import static io.mpquic.quic.recovery.RecoveryBench.BYTES;
import static io.mpquic.quic.recovery.RecoveryBench.INITIAL;
import static io.mpquic.quic.recovery.RecoveryBench.MS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.wire.TransportException;
import org.junit.jupiter.api.Test;

/** RFC 9000 §13.4.2: which packets the peer's ECN counts are compared with. */
class MarkedPacketsTest {
    private final Transcript transcript;
    private final EcnValidation ecn;

    MarkedPacketsTest() throws TransportException {
        transcript = Transcript.confirmed();
        ecn = transcript.recovery.ecn();
        ecn.start();
    }

    @Test
    void congestionIsOfTheTimeWhenTheLastAcknowledgedPacketWasSent() throws TransportException {
        sendMarked(1, 200);
        sendMarked(2, 205);
        transcript.words();
        ecn.report(1, 0, 1);
        transcript.ack(300, 1, 2);
        assertEquals("congestion: marked, of 205", transcript.words().get(0));
        assertTrue(ecn.isCapable());
    }

    @Test
    void packetsWithoutAMarkNeedNoCount() throws TransportException {
        transcript.send(1, 200);
        sendMarked(2, 200);
        ecn.report(1, 0, 0);
        transcript.ack(300, 1, 2);
        assertTrue(ecn.isCapable());
    }

    @Test
    void aMarkedPacketWithoutACountIsAFailure() throws TransportException {
        sendMarked(1, 200);
        transcript.ack(300, 1);
        assertTrue(ecn.hasFailed());
    }

    @Test
    void anAckThatComesLateSaysNothingOfCounts() throws TransportException {
        sendMarked(1, 200);
        sendMarked(2, 200);
        ecn.report(2, 0, 0);
        transcript.ack(300, 2);
        assertTrue(ecn.isCapable());
        // This one was sent before, and its count is the older one.
        ecn.report(1, 0, 0);
        transcript.ack(301, 1);
        assertTrue(ecn.isCapable());
    }

    @Test
    void aReportThatDoesNotCountIsNotKeptForTheNextAck() throws TransportException {
        for (int number = 1; number <= 3; number++) {
            sendMarked(number, 200);
        }
        ecn.report(1, 0, 0);
        transcript.ack(300, 2);
        ecn.report(3, 0, 0);
        transcript.ack(301, 1);
        assertTrue(ecn.isCapable());
        transcript.ack(302, 3);
        assertTrue(ecn.hasFailed());
    }

    @Test
    void theSameAckOnceMoreSaysNothingOfCounts() throws TransportException {
        sendMarked(1, 200);
        ecn.report(1, 0, 0);
        transcript.ack(300, 1);
        transcript.words();
        ecn.report(1, 0, 1);
        transcript.ack(301, 1);
        assertEquals(0, transcript.words().size());
        assertTrue(ecn.isCapable());
    }

    @Test
    void onlyApplicationPacketsAreCounted() throws TransportException {
        ecn.nextCodepoint();
        transcript.send(INITIAL, 0, 200);
        transcript.ack(INITIAL, 300, 0);
        assertFalse(ecn.hasFailed());
        // One mark was sent, with packet 1; two cannot have arrived.
        sendMarked(1, 310);
        ecn.report(2, 0, 0);
        transcript.ack(400, 1);
        assertTrue(ecn.hasFailed());
    }

    @Test
    void markedPacketsOfTheOldPathNeedNoCountOnTheNewOne() throws TransportException {
        sendMarked(1, 200);
        sendMarked(2, 200);
        transcript.recovery.onPathChanged(APPLICATION, 210 * MS);
        ecn.start();
        sendMarked(3, 220);
        ecn.report(1, 0, 0);
        transcript.ack(320, 1, 2, 3);
        assertTrue(ecn.isCapable());
    }

    @Test
    void theMarkOfAPacketOnAnotherPathIsCountedByThePeerToo() throws TransportException {
        ecn.nextCodepoint();
        transcript.recovery.onSentElsewhere(APPLICATION, 1, BYTES, 200 * MS);
        sendMarked(2, 200);
        ecn.report(2, 0, 0);
        transcript.ack(300, 1, 2);
        assertTrue(ecn.isCapable());
    }

    @Test
    void whereAllMarkedPacketsOfTheTestAreLostNoneIsMarkedAgain() throws TransportException {
        for (int number = 1; number <= 10; number++) {
            sendMarked(number, 200);
        }
        for (int number = 11; number <= 14; number++) {
            sendMarked(number, 210);
        }
        assertEquals(EcnValidation.NOT_ECT, ecn.codepoint());
        transcript.ack(320, 12, 13, 14);
        assertTrue(ecn.hasFailed());
    }

    @Test
    void losingPacketsOfAnotherPathIsNoFailureOfTheMarks() throws TransportException {
        for (int number = 1; number <= 10; number++) {
            sendMarked(number, 200);
        }
        transcript.recovery.onPathChanged(APPLICATION, 205 * MS);
        for (int number = 11; number <= 14; number++) {
            sendMarked(number, 210);
        }
        transcript.ack(320, 12, 13, 14);
        assertFalse(ecn.hasFailed());
    }

    private void sendMarked(long number, long nowMs) {
        ecn.nextCodepoint();
        transcript.send(number, nowMs);
    }
}
