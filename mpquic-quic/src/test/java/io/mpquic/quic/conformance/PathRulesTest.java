package io.mpquic.quic.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.connection.QuicConnection;
import io.mpquic.quic.connection.SendResult;
import io.mpquic.quic.wire.ConnectionId;
import io.mpquic.quic.wire.NewConnectionIdFrame;
import io.mpquic.quic.wire.PathResponseFrame;
import io.mpquic.quic.wire.RetireConnectionIdFrame;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9000 §5.1, §8.2, §19.15, §19.16: connection IDs and path validation. */
class PathRulesTest {
    @Requirement("9000-5.1.1-3")
    @ParameterizedTest
    @ValueSource(longs = {2, 3, 100})
    void noMoreConnectionIdsAreIssuedThanThePeerWants(long limit) {
        RawPeer peer = RawPeer.of(true);
        peer.parameters = plain -> plain.setInteger(RawParameters.ACTIVE_CONNECTION_ID_LIMIT, limit);
        peer.prepare();
        Set<Long> sequences = new TreeSet<>();
        for (int i = 0; i < 5; i++) {
            peer.tryHandshake();
        }
        peer.advanceMs(100);
        peer.frames(NewConnectionIdFrame.class).forEach(frame -> sequences.add(frame.sequence()));
        assertTrue(sequences.size() <= limit - 1 && !sequences.isEmpty(), sequences.toString());
    }

    @Requirement("9000-5.1.1-2")
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aConnectionIdThatWasIssuedWorksAndARetiredOneIsReplaced(boolean peerIsClient) {
        RawPeer peer = RawPeer.of(peerIsClient);
        peer.tryHandshake().advanceMs(30);
        NewConnectionIdFrame issued = peer.frames(NewConnectionIdFrame.class).getFirst();
        peer.settle();
        peer.destination = issued.id();
        peer.assertAlive();
        peer.received.clear();
        peer.send(peer.oneRtt(new RetireConnectionIdFrame(0)));
        assertEquals(1, peer.frames(NewConnectionIdFrame.class).size());
        peer.assertAlive();
    }

    @Requirement({"9000-5.1.2-1", "9000-5.1.2-2"})
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void retirePriorToIsObeyed(boolean peerIsClient) {
        RawPeer peer = RawPeer.connected(peerIsClient);
        peer.send(peer.oneRtt().payload(FrameRulesTest.newConnectionId(1, 1)));
        peer.advanceMs(30);
        assertEquals(0, peer.frames(RetireConnectionIdFrame.class).getFirst().sequence());
        peer.assertAlive();
        assertEquals(
                new ConnectionId(RawBytes.hex("5a01020304050601")),
                peer.received.getLast().destination());
    }

    /** RFC 9000 §19.15: late, so it is retired at once. */
    @Requirement("9000-19.15-8")
    @Test
    void aConnectionIdBelowRetirePriorToIsRetiredAtOnce() {
        RawPeer peer = RawPeer.connected(true);
        peer.send(peer.oneRtt().payload(FrameRulesTest.newConnectionId(5, 5)));
        peer.settle();
        peer.send(peer.oneRtt().payload(FrameRulesTest.newConnectionId(2, 0)));
        peer.advanceMs(30);
        assertEquals(
                new RetireConnectionIdFrame(2),
                peer.frames(RetireConnectionIdFrame.class).getFirst());
    }

    @Requirement({"9000-8.2.2-1", "9000-8.2.2-5", "9000-8.2.2-7", "9000-19.17-1"})
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aPathChallengeIsEchoedOnceInADatagramOf1200Bytes(boolean peerIsClient) {
        RawPeer peer = RawPeer.connected(peerIsClient);
        peer.send(peer.oneRtt().payload(RawBytes.hex("1a 0011223344556677")).padTo(1200));
        peer.advanceMs(3_000);
        assertEquals(1, peer.frames(PathResponseFrame.class).size());
        RawPacket answer = peer.received.stream()
                .filter(packet -> packet.has(PathResponseFrame.class))
                .findFirst()
                .orElseThrow();
        assertEquals(
                0x0011223344556677L,
                answer.all(PathResponseFrame.class).getFirst().data());
        assertTrue(answer.datagram().bytes().length >= 1200, answer.datagram().bytes().length + " bytes");
    }

    /**
     * RFC 9002 §7: the window holds no probe back. A peer that has lost sight of this end, as behind a NAT that forgot it,
     * acknowledges nothing before it has the answer: if that waited for room in the window, both would wait for ever.
     */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anAnswerForWhichTheWindowHasNoRoomGoesWhenAProbeMay(boolean peerIsClient) {
        RawPeer peer = RawPeer.connected(peerIsClient).settle();
        fillWindow(peer);
        peer.send(peer.oneRtt().payload(RawBytes.hex("1a 0011223344556677")).padTo(1200));
        assertEquals(0, peer.frames(PathResponseFrame.class).size());
        peer.advanceMs(1_000);
        assertEquals(1, peer.frames(PathResponseFrame.class).size());
    }

    private static void fillWindow(RawPeer peer) {
        MemorySegment message = Arena.ofAuto().allocate(QuicConnection.HEADROOM_BYTES + 1000);
        MemorySegment out = Arena.ofAuto().allocate(1500);
        SendResult result;
        do {
            result = peer.target
                    .connection()
                    .sealDatagram(message, QuicConnection.HEADROOM_BYTES, 1000, out, 0, peer.target.nowNs);
        } while (result == SendResult.SENT);
        assertEquals(SendResult.BLOCKED, result);
    }

    @Test
    void aFloodOfPathChallengesIsAnsweredWithinBounds() {
        RawPeer peer = RawPeer.connected(true);
        for (int i = 0; i < 300; i++) {
            peer.send(peer.oneRtt().payload(RawBytes.hex("1a0011223344556677".repeat(20))));
        }
        for (int i = 0; i < 100; i++) {
            peer.acknowledgeAll().advanceMs(50);
        }
        assertTrue(peer.frames(PathResponseFrame.class).size() <= 300 * 20);
        peer.received.clear();
        peer.assertAlive();
    }
}
