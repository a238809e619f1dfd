package io.mpquic.quic.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.wire.AckFrame;
import io.mpquic.quic.wire.CryptoFrame;
import io.mpquic.quic.wire.EncryptionLevel;
import io.mpquic.quic.wire.PathResponseFrame;
import io.mpquic.quic.wire.PingFrame;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Packets that come before the keys to open them (RFC 9001 §5.7) count as they came, not as the keys did. */
class EarlyPacketRulesTest {
    private static final InetSocketAddress ELSEWHERE = new InetSocketAddress("198.51.100.7", 7777);
    private static final int CE = 3;

    // RFC 9000 §13.4.1: the mark is that of the packet, though another datagram brought the keys.
    @Test
    void theCongestionMarkOfAnEarlyPacketIsReported() {
        RawPeer peer = beforeItsFinished();
        peer.target.deliver(peer.oneRtt(PingFrame.INSTANCE).build(), Target.PEER, CE);
        finish(peer, Target.PEER);
        List<AckFrame> acks = peer.received.stream()
                .flatMap(packet -> packet.all(AckFrame.class).stream())
                .filter(ack -> ack.ecn() != null)
                .toList();
        assertFalse(acks.isEmpty(), "no marks are reported");
        var counts = acks.getLast().ecn();
        assertNotNull(counts);
        assertEquals(1, counts.ce());
    }

    // RFC 9000 §8.2.2: the answer goes where the question came from.
    @Test
    void aChallengeInAnEarlyPacketIsAnsweredWhereItCameFrom() {
        RawPeer peer = beforeItsFinished();
        peer.target.deliver(
                peer.oneRtt()
                        .payload(RawBytes.hex("1a 0011223344556677"))
                        .padTo(1200)
                        .build(),
                ELSEWHERE);
        finish(peer, Target.PEER);
        RawPacket answer = peer.received.stream()
                .filter(packet -> packet.has(PathResponseFrame.class))
                .findFirst()
                .orElseThrow();
        assertEquals(ELSEWHERE, answer.datagram().to());
    }

    // RFC 9000 §9.3: an early packet from the first address is no reason to go where the keys came from.
    @Test
    void theAddressThatTheLastOfTheHandshakeCameFromIsNotThatOfAnEarlyPacket() {
        RawPeer peer = beforeItsFinished();
        peer.target.deliver(peer.oneRtt(PingFrame.INSTANCE).build(), Target.PEER);
        finish(peer, ELSEWHERE);
        assertTrue(peer.target.connection().isEstablished());
        assertEquals(Target.PEER, peer.target.connection().remoteAddress());
    }

    // RFC 9000 §9: the first packets can be forged by whoever saw one; no server goes anywhere for them.
    @Test
    void whatComesFromElsewhereDuringTheHandshakeSendsNothingThere() {
        RawPeer peer = RawPeer.of(true).prepare();
        peer.sendHandshakeDataOf(EncryptionLevel.INITIAL);
        peer.received.clear();
        peer.target.deliver(
                peer.packet(EncryptionLevel.INITIAL)
                        .frames(PingFrame.INSTANCE)
                        .padTo(1200)
                        .build(),
                ELSEWHERE);
        peer.target.deliver(
                peer.packet(EncryptionLevel.HANDSHAKE)
                        .frames(PingFrame.INSTANCE)
                        .build(),
                ELSEWHERE);
        peer.advanceMs(3_000);
        assertFalse(peer.received.isEmpty());
        assertTrue(
                peer.received.stream().allMatch(packet -> packet.datagram().to().equals(Target.PEER)));
        peer.handshake();
    }

    /** A client that has all keys, while the server waits for its Finished. */
    private static RawPeer beforeItsFinished() {
        RawPeer peer = RawPeer.of(true).prepare();
        peer.sendHandshakeDataOf(EncryptionLevel.INITIAL);
        peer.sendHandshakeDataOf(EncryptionLevel.INITIAL);
        assertTrue(peer.tlsComplete);
        assertFalse(peer.target.connection().isEstablished());
        peer.received.clear();
        return peer;
    }

    private static void finish(RawPeer peer, InetSocketAddress from) {
        byte[] finished = peer.nextCrypto(EncryptionLevel.HANDSHAKE);
        assertNotNull(finished);
        peer.target.deliver(
                peer.packet(EncryptionLevel.HANDSHAKE)
                        .frames(new CryptoFrame(0, MemorySegment.ofArray(finished)))
                        .build(),
                from);
        peer.advanceMs(30);
    }
}
