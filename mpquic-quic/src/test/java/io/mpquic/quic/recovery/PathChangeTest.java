package io.mpquic.quic.recovery;

import static io.mpquic.quic.recovery.RecoveryBench.APPLICATION;
import static io.mpquic.quic.recovery.RecoveryBench.BYTES;
import static io.mpquic.quic.recovery.RecoveryBench.MS;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mpquic.quic.wire.TransportException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** RFC 9000 §9.4: what was sent on another path says nothing about this one. */
class PathChangeTest {
    private final Transcript transcript;

    PathChangeTest() throws TransportException {
        transcript = Transcript.confirmed();
    }

    @Test
    void whatIsUnderWayOnTheOldPathLeavesTheFlight() {
        transcript.send(1, 200);
        transcript.send(2, 200);
        change(210);
        assertEquals(0, transcript.recovery.bytesInFlight());
        transcript.send(3, 211);
        assertEquals("sent 1200, in flight 1200", transcript.words().getLast());
    }

    @Test
    void anAcknowledgementOfWhatWentTheOldWayDeliversFramesAndMeasuresNothing() throws TransportException {
        transcript.send(1, 200);
        transcript.sendMtuProbe(2, 1450, 200);
        change(210);
        transcript.words();
        transcript.ack(900, 1, 2);
        assertEquals(List.of("acked A1 with F1", "acked A2", "in flight 0"), transcript.words());
        assertEquals(100 * MS, transcript.rtt.latestNs());
    }

    @Test
    void aLossOnTheOldPathIsSentAgainAndIsNoCongestion() throws TransportException {
        transcript.send(1, 200);
        transcript.sendMtuProbe(2, 1450, 200);
        change(210);
        for (int number = 3; number <= 6; number++) {
            transcript.send(number, 220);
        }
        transcript.words();
        transcript.ack(320, 3, 4, 5, 6);
        assertEquals(List.of("lost A1 with F1", "lost A2"), transcript.words().subList(0, 2));
        assertEquals(0, transcript.recovery.packetsLost());
        assertEquals(0, transcript.recovery.bytesLost());
        assertEquals(0, transcript.recovery.mtuProbesLost());
        assertEquals(0, transcript.recovery.bytesInFlight());
    }

    @Test
    void aLossOnTheOldPathThatWasNoneIsForgotten() throws TransportException {
        for (int number = 1; number <= 4; number++) {
            transcript.send(number, 200);
        }
        transcript.ack(300, 4);
        assertEquals(1, transcript.recovery.packetsLost());
        change(310);
        transcript.words();
        transcript.ack(320, 1, 4);
        assertEquals(List.of(), transcript.words());
        assertEquals(0, transcript.recovery.spuriousLosses());
    }

    @Test
    void theBackoffOfTheOldPathEndsWithIt() {
        transcript.send(1, 200);
        transcript.recovery.onTimeout(transcript.recovery.timeoutNs());
        assertEquals(1, transcript.recovery.ptoCount());
        change(700);
        assertEquals(0, transcript.recovery.ptoCount());
    }

    @Test
    void aQuestionToAnotherPathIsNeitherInFlightNorTimedNorEverLost() throws TransportException {
        transcript.recovery.onSentElsewhere(APPLICATION, 1, BYTES, 200 * MS);
        assertEquals(0, transcript.recovery.bytesInFlight());
        assertEquals(-1, transcript.timeoutMs());
        for (int number = 2; number <= 5; number++) {
            transcript.send(number, 210);
        }
        transcript.words();
        transcript.ack(310, 2, 3, 4, 5);
        assertEquals(
                0,
                transcript.words().stream()
                        .filter(word -> word.startsWith("lost"))
                        .count());
        assertEquals(0, transcript.recovery.packetsLost());
    }

    @Test
    void theAnswerToAQuestionToAnotherPathGivesNoSample() throws TransportException {
        transcript.send(1, 200);
        transcript.recovery.onSentElsewhere(APPLICATION, 2, BYTES, 210 * MS);
        transcript.words();
        transcript.ack(900, 1, 2);
        assertEquals(100 * MS, transcript.rtt.latestNs());
        assertEquals(
                List.of(
                        "delivered 1200 of 200, short of data",
                        "acked A1 with F1",
                        "size 1200 arrived",
                        "acked A2",
                        "in flight 0"),
                transcript.words());
    }

    private void change(long nowMs) {
        transcript.recovery.onPathChanged(APPLICATION, nowMs * MS);
    }
}
