package io.mpquic.quic.recovery;

import static io.mpquic.quic.recovery.RecoveryBench.APPLICATION;
import static io.mpquic.quic.recovery.RecoveryBench.BYTES;
import static io.mpquic.quic.recovery.RecoveryBench.HANDSHAKE;
import static io.mpquic.quic.recovery.RecoveryBench.INITIAL;
import static io.mpquic.quic.recovery.RecoveryBench.MS;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mpquic.quic.wire.AckRanges;
import io.mpquic.quic.wire.TransportException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the congestion controller and the listener are told, word by word. */
class RecoveryReportsTest {
    private final Transcript transcript;

    RecoveryReportsTest() throws TransportException {
        transcript = Transcript.confirmed();
    }

    @Test
    void eachPacketIsToldOfAndWhatIsInFlightWithIt() throws TransportException {
        transcript.send(1, 200);
        transcript.send(2, 201);
        assertEquals(
                List.of("pause at 0", "sent 1200, in flight 1200", "sent 1200, in flight 2400"), transcript.words());
        transcript.ack(300, 1);
        assertEquals(
                List.of(
                        "delivered 1200 of 200, short of data",
                        "acked A1 with F1",
                        "size 1200 arrived",
                        "in flight 1200"),
                transcript.words());
    }

    @Test
    void aPacketThatOnlyAcknowledgesConcernsNoWindow() throws TransportException {
        transcript.sendAckOnly(1, 200);
        transcript.ack(300, 1);
        assertEquals(List.of("acked A1", "size 40 arrived", "in flight 0"), transcript.words());
        assertEquals(0, transcript.recovery.bytesInFlight());
    }

    @Test
    void aProbeOfThePathMtuThatArrivesSaysNothingOfOtherPackets() throws TransportException {
        transcript.sendMtuProbe(1, 1450, 200);
        transcript.words();
        transcript.ack(300, 1);
        assertEquals(
                List.of("delivered 1450 of 200, short of data", "acked A1", "probe of 1450 arrived", "in flight 0"),
                transcript.words());
    }

    @Test
    void aLossIsToldWithTheTimeOfTheLastPacketLost() throws TransportException {
        for (int number = 1; number <= 5; number++) {
            transcript.send(number, 200 + number);
        }
        transcript.words();
        transcript.ack(310, 5);
        assertEquals(
                List.of(
                        "lost A1 with F1",
                        "size 1200 lost, of 201",
                        "lost A2 with F2",
                        "size 1200 lost, of 202",
                        "congestion: lost 2400 up to 202",
                        "delivered 1200 of 205",
                        "acked A5 with F5",
                        "size 1200 arrived",
                        "in flight 2400"),
                transcript.words());
    }

    @Test
    void aSenderThatHadRoomForOneMorePacketWasShortOfData() throws TransportException {
        for (int number = 1; number <= 3; number++) {
            transcript.send(number, 200);
        }
        transcript.send(4, 300);
        assertEquals("pause at 3600", transcript.words().get(4));
        // The window is full since 300: the packet of then was not sent for want of data, those before it were.
        transcript.ack(400, 1);
        assertEquals("delivered 1200 of 200", transcript.words().get(0));
    }

    @Test
    void aBurstIsNoPauseHoweverLateItComes() {
        transcript.send(1, 5_000);
        transcript.words();
        transcript.send(2, 5_001);
        assertEquals(List.of("sent 1200, in flight 2400"), transcript.words());
    }

    @Test
    void anAckOfNothingNewChangesNothing() throws TransportException {
        transcript.send(1, 200);
        transcript.words();
        transcript.recovery.onAckReceived(APPLICATION, new AckRanges(), 0, 300 * MS);
        transcript.ack(300, 0);
        assertEquals(List.of(), transcript.words());
        assertEquals(0, transcript.recovery.largestAcked(APPLICATION));
        transcript.ack(310, 1);
        assertEquals(1, transcript.recovery.largestAcked(APPLICATION));
    }

    @Test
    void theFramesOfEachOpenPacketAreHandedOutOnceWhenTheRingIsFull() {
        for (int number = 1; number <= 64; number++) {
            transcript.send(number, 200);
        }
        List<Object> open = new ArrayList<>();
        transcript.recovery.forEachUnacked(APPLICATION, open::add);
        assertEquals(64, open.size());
        assertEquals("F1", open.getFirst());
        assertEquals("F64", open.getLast());
    }

    @Test
    void whatWasDiscardedIsNotHandedOutForNumbersThatTakeItsPlaces() {
        for (int number = 1; number <= 10; number++) {
            transcript.send(number, 200);
        }
        transcript.recovery.discardSpace(APPLICATION, 210 * MS);
        transcript.send(11, 220);
        // The ring has 64 places: numbers 65 to 73 were left out, and theirs are those of 1 to 9.
        transcript.send(74, 220);
        List<Object> open = new ArrayList<>();
        transcript.recovery.forEachUnacked(APPLICATION, open::add);
        assertEquals(List.of("F11", "F74"), open);
        assertEquals(2 * BYTES, RecoveryProbe.outstandingBytes(transcript.recovery));
    }

    @Test
    void everyProbeTimeoutCountsAlthoughAnAcknowledgementEndsTheSeries() throws TransportException {
        transcript.send(1, 200);
        transcript.recovery.onTimeout(transcript.recovery.timeoutNs());
        transcript.recovery.onTimeout(transcript.recovery.timeoutNs());
        assertEquals(2, transcript.recovery.ptoCount());
        transcript.ack(2_000, 1);
        assertEquals(0, transcript.recovery.ptoCount());
        assertEquals(2, transcript.recovery.probeTimeouts());
    }

    @Test
    void aPathThatCameBackIsProbedAtOnceAndWithoutBackoff() {
        transcript.send(1, 200);
        transcript.recovery.onTimeout(transcript.recovery.timeoutNs());
        transcript.recovery.onTimeout(transcript.recovery.timeoutNs());
        transcript.recovery.probeSent(APPLICATION);
        transcript.recovery.probeSent(APPLICATION);
        assertEquals(0, transcript.recovery.probesOwed(APPLICATION));
        transcript.recovery.probeSent(APPLICATION);
        assertEquals(0, transcript.recovery.probesOwed(APPLICATION), "no debt below nothing");
        transcript.recovery.probeNow(APPLICATION, 2_000 * MS);
        assertEquals(2, transcript.recovery.probesOwed(APPLICATION));
        assertEquals(0, transcript.recovery.ptoCount());
    }

    // RFC 9002 §6.2.2.1
    @Test
    void theAntiDeadlockTimerOfAClientCountsFromWhateverHappenedLast() throws TransportException {
        Transcript client = new Transcript(true);
        client.send(INITIAL, 0, 0);
        client.ack(INITIAL, 100, 0);
        // A first sample of 100 ms: a probe timeout of 300 ms.
        assertEquals(400, client.timeoutMs());
        client.send(0, 150);
        assertEquals(450, client.timeoutMs());
        client.recovery.probeNow(HANDSHAKE, 170 * MS);
        assertEquals(470, client.timeoutMs());
        client.recovery.discardSpace(APPLICATION, 200 * MS);
        assertEquals(500, client.timeoutMs());
        client.recovery.onPathChanged(APPLICATION, 250 * MS);
        assertEquals(550, client.timeoutMs());
        client.recovery.onTimeout(550 * MS);
        assertEquals(1, client.recovery.probesOwed(INITIAL));
        assertEquals(550 + 600, client.timeoutMs());
    }

    @Test
    void aTimerThatIsAskedTooEarlyDoesNothing() {
        transcript.send(1, 200);
        long timeoutNs = transcript.recovery.timeoutNs();
        transcript.recovery.onTimeout(timeoutNs - 1);
        assertEquals(0, transcript.recovery.ptoCount());
        transcript.recovery.onTimeout(timeoutNs);
        assertEquals(1, transcript.recovery.ptoCount());
    }

    @Test
    void aWindowOf131072PacketsIsTheWidest() throws TransportException {
        for (int number = 1; number <= 5; number++) {
            transcript.send(number, 200);
        }
        transcript.ack(300, 2, 3, 4);
        transcript.words();
        for (long number = 6; number < 5 + (1 << 17); number++) {
            transcript.sendAckOnly(number, 300);
        }
        assertEquals(List.of(), transcript.words());
        transcript.sendAckOnly(5 + (1 << 17), 300);
        assertEquals(
                List.of("lost A5 with F5", "size 1200 lost, of 200", "congestion: lost 1200 up to 200"),
                transcript.words());
    }
}
