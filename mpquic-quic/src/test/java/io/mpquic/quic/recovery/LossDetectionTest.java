package io.mpquic.quic.recovery;

import static io.mpquic.quic.recovery.RecoveryBench.APPLICATION;
import static io.mpquic.quic.recovery.RecoveryBench.MS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.wire.TransportException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is said of lost packets, and for how long. */
class LossDetectionTest {
    private final Transcript transcript;

    LossDetectionTest() throws TransportException {
        transcript = Transcript.confirmed();
    }

    @Test
    void aLossIsToldOnce() throws TransportException {
        sendAll(200, 1, 2, 3, 4, 5);
        transcript.ack(300, 4);
        assertEquals(1, count("congestion: lost 1200 up to 200"));
        transcript.ack(301, 2, 3, 4);
        assertEquals(0, count("congestion: lost 1200 up to 200"));
    }

    @Test
    void aLostPacketThatArrivesByItselfIsFound() throws TransportException {
        sendAll(200, 1, 2, 3, 4, 5);
        transcript.ack(300, 5);
        assertEquals(2, transcript.recovery.packetsLost());
        transcript.words();
        transcript.ack(301, 2);
        assertEquals(List.of("not lost A2"), transcript.words());
        transcript.ack(302, 1);
        assertEquals(List.of("not lost A1"), transcript.words());
        assertEquals(2, transcript.recovery.spuriousLosses());
    }

    @Test
    void aLostPacketIsRememberedForThreeProbeTimeouts() throws TransportException {
        sendAll(200, 1, 2, 3, 4);
        transcript.ack(300, 4);
        assertEquals(1, transcript.recovery.packetsLost());
        transcript.ack(301, 2, 3);
        // Another acknowledgement, just before the loss of packet 1 is three probe timeouts old.
        transcript.send(5, 301);
        long almost = 300 + 3 * transcript.recovery.ptoNs(APPLICATION) / MS - 1;
        transcript.ack(almost, 5);
        transcript.words();
        transcript.ack(almost, 1);
        assertEquals(List.of("not lost A1"), transcript.words());
    }

    @Test
    void persistentCongestionIsDeclaredOnceForOneStretch() throws TransportException {
        // The first sample is 100 ms, taken at 100: a duration of three times 325 ms.
        sendAll(101, 1);
        sendAll(1_200, 2, 3, 4, 5, 6);
        transcript.words();
        transcript.ack(1_350, 5);
        assertEquals(1, count("congestion: persistent"));
        transcript.ack(1_351, 6);
        assertEquals(0, count("congestion: persistent"));
        assertEquals(1, transcript.recovery.persistentCongestions());
        assertTrue(transcript.recovery.packetsLost() >= 3);
    }

    @Test
    void persistentCongestionForgetsTheLeastRoundTrip() throws TransportException {
        sendAll(101, 1);
        sendAll(1_200, 2, 3, 4, 5);
        assertEquals(100 * MS, transcript.rtt.minNs());
        transcript.ack(1_350, 5);
        assertEquals(150 * MS, transcript.rtt.minNs());
    }

    // RFC 9002 §7.6.2: only what was sent after the first sample.
    @Test
    void aPacketOfTheMomentOfTheFirstSampleDoesNotCount() throws TransportException {
        sendAll(100, 1);
        sendAll(1_200, 2, 3, 4, 5);
        transcript.words();
        transcript.ack(1_350, 5);
        assertEquals(0, count("congestion: persistent"));
        assertEquals(2, transcript.recovery.packetsLost());
    }

    private void sendAll(long nowMs, long... numbers) {
        for (long number : numbers) {
            transcript.send(number, nowMs);
        }
    }

    private long count(String word) {
        return transcript.words().stream().filter(word::equals).count();
    }
}
