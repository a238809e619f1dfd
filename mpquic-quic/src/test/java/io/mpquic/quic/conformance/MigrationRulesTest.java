package io.mpquic.quic.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.connection.QuicConnection;
import io.mpquic.quic.wire.ConnectionId;
import io.mpquic.quic.wire.EncryptionLevel;
import io.mpquic.quic.wire.Frame;
import io.mpquic.quic.wire.NewConnectionIdFrame;
import io.mpquic.quic.wire.PathChallengeFrame;
import io.mpquic.quic.wire.PathResponseFrame;
import io.mpquic.quic.wire.PingFrame;
import io.mpquic.quic.wire.RetireConnectionIdFrame;
import java.net.InetSocketAddress;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;

/** RFC 9000 §8.2, §9: each path is asked and answered on its own, and a move is not taken for granted. */
class MigrationRulesTest {
    private static final InetSocketAddress ELSEWHERE = new InetSocketAddress("198.51.100.7", 7777);
    private static final ConnectionId SECOND = new ConnectionId(RawBytes.hex("5a01020304050601"));
    private static final byte[] CHALLENGE = RawBytes.hex("1a 0011223344556677");

    @Requirement("9000-8.2.2-3")
    // RFC 9000 §8.2.2: the answer goes back on the path of the question; §9.1: which is not followed for it.
    @Test
    void aChallengeFromAnotherAddressIsAnsweredThereAndMovesNothing() {
        RawPeer peer = RawPeer.connected(true);
        sendFrom(ELSEWHERE, peer, peer.oneRtt().payload(CHALLENGE).padTo(1200));
        RawPacket answer = holding(peer, PathResponseFrame.class).getFirst();
        assertEquals(ELSEWHERE, answer.datagram().to());
        assertEquals(1200, answer.datagram().bytes().length);
        assertTrue(answer.frames().stream().allMatch(Frame::isProbing), "more than a probe goes there");
        assertEquals(Target.PEER, peer.target.connection().remoteAddress());
        peer.assertAlive();
    }

    @Requirement("9000-8.2.2-6")
    // RFC 9000 §8.2.2, §8.1: not beyond three times what came from an address that is not proven.
    @Test
    void aSmallChallengeFromAnotherAddressIsAnsweredWithinTheAmplificationLimit() {
        RawPeer peer = RawPeer.connected(true);
        byte[] question = peer.oneRtt().payload(CHALLENGE).padTo(100).build();
        peer.target.deliver(question, ELSEWHERE);
        peer.readOutbox();
        peer.advanceMs(5_000);
        int bytes = peer.received.stream()
                .filter(packet -> packet.datagram().to().equals(ELSEWHERE))
                .mapToInt(packet -> packet.datagram().bytes().length)
                .sum();
        assertEquals(3 * question.length, bytes);
    }

    // RFC 9000 §9.3.3: an answer on the path in use is more than a probe.
    @Test
    void aChallengeOnThePathInUseIsAnsweredWithMoreThanAProbe() {
        for (boolean peerIsClient : new boolean[] {true, false}) {
            RawPeer peer = RawPeer.connected(peerIsClient);
            peer.send(peer.oneRtt().payload(CHALLENGE).padTo(1200));
            assertTrue(holding(peer, PathResponseFrame.class).getFirst().has(PingFrame.class));
        }
    }

    @Requirement({"9000-9.3-1", "9000-9.3.3-1"})
    // RFC 9000 §9.3, §9.3.3: the new path is validated, and the old one too.
    @Test
    void afterAnApparentMoveBothPathsAreAsked() {
        RawPeer peer = RawPeer.connected(true);
        sendFrom(ELSEWHERE, peer, peer.oneRtt(PingFrame.INSTANCE).padTo(1200));
        List<RawPacket> questions = holding(peer, PathChallengeFrame.class);
        assertEquals(
                List.of(Target.PEER, ELSEWHERE),
                questions.stream()
                        .map(packet -> packet.datagram().to())
                        .sorted(byPort())
                        .toList()
                        .reversed());
        assertEquals(
                2,
                questions.stream()
                        .map(packet ->
                                packet.all(PathChallengeFrame.class).getFirst().data())
                        .distinct()
                        .count(),
                "each question is another one");
    }

    // RFC 9000 §9.3.3: a newer packet on the old path, which the question there brought about, moves it back.
    @Test
    void aForwardedPacketDoesNotTakeTheConnectionAway() {
        RawPeer peer = RawPeer.connected(true);
        sendFrom(ELSEWHERE, peer, peer.oneRtt(PingFrame.INSTANCE).padTo(1200));
        assertEquals(ELSEWHERE, peer.target.connection().remoteAddress());
        RawPacket question = holding(peer, PathChallengeFrame.class).stream()
                .filter(packet -> packet.datagram().to().equals(Target.PEER))
                .findFirst()
                .orElseThrow();
        long data = question.all(PathChallengeFrame.class).getFirst().data();
        peer.send(peer.oneRtt(new PathResponseFrame(data), PingFrame.INSTANCE).padTo(1200));
        assertEquals(Target.PEER, peer.target.connection().remoteAddress());
        peer.assertAlive();
    }

    // RFC 9000 §8.2.3: proof on whichever path it comes.
    @Test
    void anAnswerProvesThePathOfItsQuestion() {
        RawPeer peer = RawPeer.connected(true);
        sendFrom(ELSEWHERE, peer, peer.oneRtt(PingFrame.INSTANCE).padTo(1200));
        answerAll(peer, ELSEWHERE);
        peer.received.clear();
        peer.advanceMs(10_000);
        assertEquals(ELSEWHERE, peer.target.connection().remoteAddress());
        assertNull(peer.target.closeReason());
    }

    @Requirement("9000-9.3.2-1")
    // RFC 9000 §9.3.2
    @Test
    void withoutAnAnswerTheLastProvenAddressCountsAgain() {
        RawPeer peer = RawPeer.connected(true);
        sendFrom(ELSEWHERE, peer, peer.oneRtt(PingFrame.INSTANCE).padTo(1200));
        peer.advanceMs(5_000);
        assertEquals(Target.PEER, peer.target.connection().remoteAddress());
        peer.assertAlive();
    }

    @Requirement("9000-9.4-3")
    // RFC 9000 §8.2.4: not for less than three probe timeouts of a path of which nothing is known, nor for ever.
    @Test
    void aQuestionIsRepeatedEverMoreSeldomAndGivenUp() {
        RawPeer peer = RawPeer.connected(true);
        sendFrom(ELSEWHERE, peer, peer.oneRtt(PingFrame.INSTANCE).padTo(1200));
        long firstNs = peer.target.nowNs;
        peer.advanceMs(60_000);
        List<Long> times = holding(peer, PathChallengeFrame.class).stream()
                .filter(packet -> packet.datagram().to().equals(Target.PEER))
                .map(packet -> packet.datagram().atNs() - firstNs)
                .toList();
        assertTrue(times.size() >= 3 && times.size() <= 8, times.toString());
        for (int i = 2; i < times.size(); i++) {
            long before = times.get(i - 1) - times.get(i - 2);
            assertTrue(times.get(i) - times.get(i - 1) >= before, times.toString());
        }
    }

    @Requirement("9000-9.5-2")
    // RFC 9000 §9.5: whoever moved with a new ID is answered with a new ID; who did not, behind a NAT, is not.
    @Test
    void aMoveWithANewIdIsFollowedWithANewId() {
        RawPeer peer = RawPeer.of(true);
        peer.tryHandshake().advanceMs(30);
        final ConnectionId issued =
                peer.frames(NewConnectionIdFrame.class).getFirst().id();
        peer.settle();
        peer.send(peer.oneRtt().payload(FrameRulesTest.newConnectionId(1, 0))).settle();
        sendFrom(ELSEWHERE, peer, peer.oneRtt(PingFrame.INSTANCE).padTo(1200));
        assertEquals(peer.source, firstTo(peer, ELSEWHERE).destination());
        peer.send(peer.oneRtt(PingFrame.INSTANCE)).settle();

        peer.destination = issued;
        sendFrom(Target.STRANGER, peer, peer.oneRtt(PingFrame.INSTANCE).padTo(1200));
        assertEquals(SECOND, firstTo(peer, Target.STRANGER).destination());
    }

    @Requirement("9000-9-5")
    // RFC 9000 §9: packets of an unknown server address are discarded.
    @Test
    void aClientDoesNotFollowAServer() {
        RawPeer peer = RawPeer.connected(false);
        sendFrom(ELSEWHERE, peer, peer.oneRtt().payload(CHALLENGE).padTo(1200));
        sendFrom(ELSEWHERE, peer, peer.oneRtt(PingFrame.INSTANCE));
        peer.advanceMs(1_000);
        assertTrue(peer.received.isEmpty());
        assertEquals(Target.PEER, peer.target.connection().remoteAddress());
    }

    @Requirement("9000-9.5-1")
    // RFC 9000 §9.2, §9.5: a new ID, a question about the new path, and the old ID is given back.
    @Test
    void aClientThatMigratesUsesAnotherIdAndValidatesThePath() {
        RawPeer peer = RawPeer.connected(false);
        peer.send(peer.oneRtt().payload(FrameRulesTest.newConnectionId(1, 0))).settle();
        QuicConnection connection = peer.target.connection();
        assertTrue(connection.migrate(peer.target.nowNs));
        peer.target.flush();
        peer.readOutbox();
        assertFalse(holding(peer, PathChallengeFrame.class).isEmpty());
        assertTrue(
                peer.received.stream().allMatch(packet -> packet.destination().equals(SECOND)));
        assertEquals(
                new RetireConnectionIdFrame(0),
                peer.frames(RetireConnectionIdFrame.class).getFirst());
        answerAll(peer, Target.PEER);
        peer.assertAlive();
        assertNotEquals(0, connection.statistics().migrations());
    }

    @Requirement("9000-9.5-1")
    @Test
    void aClientWithoutAnIdToSpareDoesNotMigrate() {
        RawPeer peer = RawPeer.connected(false);
        assertFalse(peer.target.connection().migrate(peer.target.nowNs));
        peer.assertAlive();
    }

    // RFC 9000 §9.5: nor towards a peer that wants no ID.
    @Test
    void aClientDoesNotMigrateTowardsAServerWithAnEmptyId() {
        RawPeer peer = RawPeer.of(false);
        peer.source = ConnectionId.EMPTY;
        peer.handshake();
        assertFalse(peer.target.connection().migrate(peer.target.nowNs));
    }

    @Requirement({"9000-9-2", "9000-18.2-2"})
    // RFC 9000 §18.2: disable_active_migration is the server's word on it.
    @Test
    void aClientDoesNotMigrateWhereTheServerForbidsIt() {
        RawPeer peer = RawPeer.of(false);
        peer.parameters = plain -> plain.add(0x0c, new byte[0]);
        peer.handshake();
        peer.send(peer.oneRtt().payload(FrameRulesTest.newConnectionId(1, 0))).settle();
        assertFalse(peer.target.connection().migrate(peer.target.nowNs));
        peer.assertAlive();
    }

    @Test
    void aServerDoesNotMigrate() {
        RawPeer peer = RawPeer.connected(true);
        peer.send(peer.oneRtt().payload(FrameRulesTest.newConnectionId(1, 0))).settle();
        assertFalse(peer.target.connection().migrate(peer.target.nowNs));
    }

    private static Comparator<InetSocketAddress> byPort() {
        return Comparator.comparingInt(InetSocketAddress::getPort);
    }

    private static void sendFrom(InetSocketAddress from, RawPeer peer, PacketDraft packet) {
        peer.target.deliver(packet.build(), from);
        peer.readOutbox();
    }

    private static RawPacket firstTo(RawPeer peer, InetSocketAddress to) {
        return peer.received.stream()
                .filter(packet -> packet.datagram().to().equals(to))
                .findFirst()
                .orElseThrow();
    }

    private static List<RawPacket> holding(RawPeer peer, Class<? extends Frame> kind) {
        return peer.received.stream().filter(packet -> packet.has(kind)).toList();
    }

    private static void answerAll(RawPeer peer, InetSocketAddress from) {
        for (PathChallengeFrame question : peer.frames(PathChallengeFrame.class)) {
            sendFrom(
                    from,
                    peer,
                    peer.packet(EncryptionLevel.ONE_RTT)
                            .frames(new PathResponseFrame(question.data()))
                            .padTo(1200));
        }
    }
}
