package io.mpquic.quic.conformance;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.crypto.RetryIntegrity;
import io.mpquic.quic.wire.ConnectionId;
import io.mpquic.quic.wire.CryptoFrame;
import io.mpquic.quic.wire.EncryptionLevel;
import io.mpquic.quic.wire.PingFrame;
import io.mpquic.quic.wire.TransportError;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** RFC 9000 §17.2.5: Retry, which a server sends and a client answers. */
class RetryRulesTest {
    @Test
    void aClientAnswersARetryWithItsTokenAndCompletesTheHandshake() {
        RawPeer peer = retrying().prepare();
        long before = peer.received.getLast().number();
        RawPacket again = retryAccepted(peer, "a token");
        assertArrayEquals("a token".getBytes(StandardCharsets.UTF_8), again.token());
        assertEquals(peer.source, again.destination());
        assertTrue(again.number() > before, "packet numbers go on");
        assertTrue(again.datagram().bytes().length >= 1200);
        peer.handshake().assertAlive();
    }

    @Test
    void aServerMustProveThatItSentTheRetry() {
        RawPeer peer = RawPeer.of(false).prepare();
        retryAccepted(peer, "a token");
        peer.tryHandshake();
        peer.assertClosedWith(TransportError.TRANSPORT_PARAMETER_ERROR);
    }

    @Test
    void aSecondRetryIsIgnored() {
        RawPeer peer = retrying().prepare();
        retryAccepted(peer, "a token");
        peer.received.clear();
        ConnectionId other = new ConnectionId(RawBytes.hex("bbbbbbbbbbbbbbbb"));
        peer.send(retry(peer, peer.originalDestination, other, "another"));
        peer.send(retry(peer, peer.source, other, "another"));
        assertEquals(0, peer.received.size());
        peer.handshake().assertAlive();
    }

    @Test
    void aRetryWithAWrongTagIsIgnored() {
        RawPeer peer = RawPeer.of(false).prepare();
        peer.received.clear();
        byte[] packet = retry(peer, peer.originalDestination, peer.source, "token");
        packet[packet.length - 1] ^= 1;
        peer.send(packet);
        peer.send(retry(peer, new ConnectionId(new byte[8]), peer.source, "token"));
        assertEquals(0, peer.received.size());
        peer.handshake().assertAlive();
    }

    @Test
    void aRetryWithoutATokenIsIgnored() {
        RawPeer peer = RawPeer.of(false).prepare();
        peer.received.clear();
        peer.send(retry(peer, peer.originalDestination, peer.source, ""));
        assertEquals(0, peer.received.size());
        peer.handshake().assertAlive();
    }

    @Test
    void aRetryThatKeepsTheConnectionIdOfTheClientIsIgnored() {
        RawPeer peer = RawPeer.of(false).prepare();
        peer.received.clear();
        peer.send(retry(peer, peer.originalDestination, peer.originalDestination, "token"));
        assertEquals(0, peer.received.size());
        peer.handshake().assertAlive();
    }

    @Test
    void aRetryAfterAnotherPacketIsIgnored() {
        RawPeer peer = RawPeer.of(false).prepare();
        peer.send(
                peer.packet(EncryptionLevel.INITIAL).frames(PingFrame.INSTANCE).padTo(1200));
        peer.received.clear();
        peer.send(retry(peer, peer.originalDestination, new ConnectionId(new byte[8]), "token"));
        assertEquals(0, peer.received.size());
        peer.handshake().assertAlive();
    }

    @Test
    void aRetryToAServerIsIgnored() {
        RawPeer peer = FrameRulesTest.atLevel(true, EncryptionLevel.HANDSHAKE);
        peer.received.clear();
        peer.send(retry(peer, peer.originalDestination, peer.source, "token"));
        assertEquals(0, peer.received.size());
        peer.handshake().assertAlive();
    }

    @Test
    void aRetryTokenThatFillsThePacketDoesNotHangTheClient() {
        for (int length = 1000; length < 1300; length += 7) {
            RawPeer peer = RawPeer.of(false).prepare();
            peer.received.clear();
            peer.send(retry(peer, peer.originalDestination, peer.source, "t".repeat(length)));
            peer.advanceMs(15_000);
            assertTrue(peer.target.bytesOut < 200_000, peer.target.bytesOut + " bytes");
        }
    }

    @Test
    void aVersionNegotiationAfterARetryIsIgnored() {
        RawPeer peer = RawPeer.of(false).prepare();
        retryAccepted(peer, "a token");
        peer.send(VersionRulesTest.versionNegotiation(peer, VersionRulesTest.UNKNOWN_VERSION));
        assertNull(peer.target.closeReason());
    }

    /** A server that admits its Retry in its transport parameters. */
    private static RawPeer retrying() {
        RawPeer peer = RawPeer.of(false);
        peer.parameters = plain -> plain.add(RawParameters.RETRY_SOURCE, peer.source);
        return peer;
    }

    /** Sends a Retry and checks that the client starts anew; the peer goes on with the keys of the new ID. */
    private static RawPacket retryAccepted(RawPeer peer, String token) {
        byte[] packet = retry(peer, peer.originalDestination, peer.source, token);
        peer.received.clear();
        peer.installInitialKeys(peer.source);
        peer.send(packet);
        assertFalse(peer.received.isEmpty(), "no answer to the Retry");
        assertTrue(peer.received.getFirst().has(CryptoFrame.class));
        return peer.received.getFirst();
    }

    private static byte[] retry(RawPeer peer, ConnectionId original, ConnectionId source, String token) {
        byte[] tokenBytes = token.getBytes(StandardCharsets.UTF_8);
        byte[] head = RawBytes.join(
                RawBytes.hex("f0 00000001"),
                new byte[] {(byte) peer.destination.lengthBytes()},
                peer.destination.bytes(),
                new byte[] {(byte) source.lengthBytes()},
                source.bytes(),
                tokenBytes);
        return RawBytes.join(head, RetryIntegrity.tag(original, head));
    }
}
