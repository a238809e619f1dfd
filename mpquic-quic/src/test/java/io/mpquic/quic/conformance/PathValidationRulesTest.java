package io.mpquic.quic.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.wire.HandshakeDoneFrame;
import io.mpquic.quic.wire.PathChallengeFrame;
import io.mpquic.quic.wire.PathResponseFrame;
import io.mpquic.quic.wire.PingFrame;
import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

/** RFC 9000 §8.2, §9: the size of what asks and proves a path, and where the proof may come from. */
class PathValidationRulesTest {
    @Requirement("9000-8.2.1-2")
    @Test
    void challengesComeIn1200BytesWhereTheLimitPermits() {
        RawPeer peer = moved(1200);
        List<RawPacket> questions = questionsTo(peer);
        assertFalse(questions.isEmpty());
        questions.forEach(packet -> assertTrue(packet.datagram().bytes().length >= 1200));
    }

    /** RFC 9000 §8.2.1, §8.2.3: three times 100 bytes prove the address, and not that the path carries 1200. */
    @Requirement({"9000-8.2.1-3", "9000-8.2.3-1"})
    @Test
    void aSmallChallengeThatIsAnsweredIsFollowedByALargeOne() {
        RawPeer peer = moved(100);
        RawPacket question = questionsTo(peer).getFirst();
        assertTrue(question.datagram().bytes().length <= 300);
        peer.received.clear();
        answer(peer, question, Target.STRANGER);
        peer.advanceMs(1_000);
        List<RawPacket> again = questionsTo(peer);
        assertFalse(again.isEmpty(), "no second question");
        assertTrue(again.getFirst().datagram().bytes().length >= 1200);
    }

    /** RFC 9000 §8.2.2, §8.2.3: from wherever the answer comes, it proves the path of its question. */
    @Requirement("9000-8.2.2-4")
    @Test
    void anAnswerThatComesOnAnotherPathProvesThePathOfItsQuestion() {
        RawPeer peer = moved(1200);
        answer(peer, questionsTo(peer).getFirst(), Target.PEER);
        peer.advanceMs(10_000);
        assertEquals(Target.STRANGER, peer.target.connection().remoteAddress());
    }

    /** RFC 9000 §9 */
    @Requirement("9000-9-1")
    @Test
    void noClientMigratesBeforeTheHandshakeIsConfirmed() {
        RawPeer peer = RawPeer.of(false);
        peer.sendsHandshakeDone = false;
        peer.tryHandshake();
        assertTrue(peer.target.connection().isEstablished());
        peer.send(peer.oneRtt().payload(FrameRulesTest.newConnectionId(1, 0)));
        assertFalse(peer.target.connection().migrate(peer.target.nowNs));
        peer.send(peer.oneRtt(HandshakeDoneFrame.INSTANCE));
        assertTrue(peer.target.connection().migrate(peer.target.nowNs));
    }

    /** A client that was seen elsewhere, with one packet of this size. */
    private static RawPeer moved(int bytes) {
        RawPeer peer = RawPeer.connected(true);
        peer.target.deliver(peer.oneRtt(PingFrame.INSTANCE).padTo(bytes).build(), Target.STRANGER);
        peer.readOutbox();
        assertEquals(Target.STRANGER, peer.target.connection().remoteAddress());
        return peer;
    }

    private static List<RawPacket> questionsTo(RawPeer peer) {
        return peer.received.stream()
                .filter(packet -> packet.has(PathChallengeFrame.class))
                .filter(packet -> packet.datagram().to().equals(Target.STRANGER))
                .toList();
    }

    private static void answer(RawPeer peer, RawPacket question, InetSocketAddress from) {
        long data = question.all(PathChallengeFrame.class).getFirst().data();
        peer.target.deliver(peer.oneRtt(new PathResponseFrame(data)).padTo(1200).build(), from);
        peer.readOutbox();
    }
}
