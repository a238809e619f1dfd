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
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** RFC 9000 §17.2.5: Retry, which a server sends and a client answers. */
class RetryRulesTest {
    @Requirement({"9000-8.1.2-1", "9000-8.1.3-6", "9000-17.2.5.1-3", "9000-17.2.5.3-2"})
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

    @Requirement("9000-7.3-4")
    @Test
    void aServerMustProveThatItSentTheRetry() {
        RawPeer peer = RawPeer.of(false).prepare();
        retryAccepted(peer, "a token");
        peer.tryHandshake();
        peer.assertClosedWith(TransportError.TRANSPORT_PARAMETER_ERROR);
    }

    @Requirement({"9000-7.2-4", "9000-17.2.5.2-1", "9000-17.2.5.2-2"})
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

    @Requirement("9000-17.2.5.2-3")
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

    @Requirement("9000-17.2.5.2-4")
    @Test
    void aRetryWithoutATokenIsIgnored() {
        RawPeer peer = RawPeer.of(false).prepare();
        peer.received.clear();
        peer.send(retry(peer, peer.originalDestination, peer.source, ""));
        assertEquals(0, peer.received.size());
        peer.handshake().assertAlive();
    }

    @Requirement("9000-17.2.5.1-2")
    @Test
    void aRetryThatKeepsTheConnectionIdOfTheClientIsIgnored() {
        RawPeer peer = RawPeer.of(false).prepare();
        peer.received.clear();
        peer.send(retry(peer, peer.originalDestination, peer.originalDestination, "token"));
        assertEquals(0, peer.received.size());
        peer.handshake().assertAlive();
    }

    @Requirement("9000-17.2.5.2-2")
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
    static RawPeer retrying() {
        RawPeer peer = RawPeer.of(false);
        peer.parameters = plain -> plain.add(RawParameters.RETRY_SOURCE, peer.source);
        return peer;
    }

    /** Sends a Retry and checks that the client starts anew; the peer goes on with the keys of the new ID. */
    static RawPacket retryAccepted(RawPeer peer, String token) {
        byte[] packet = retry(peer, peer.originalDestination, peer.source, token);
        peer.received.clear();
        peer.installInitialKeys(peer.source);
        peer.send(packet);
        assertFalse(peer.received.isEmpty(), "no answer to the Retry");
        assertTrue(peer.received.getFirst().has(CryptoFrame.class));
        return peer.received.getFirst();
    }

    static byte[] retry(RawPeer peer, ConnectionId original, ConnectionId source, String token) {
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

    /** RFC 9000 §8.1.2, §17.2.5.2, §17.2.5.3: only the destination, the token and the packet number are new. */
    @Requirement({"9000-8.1.2-1", "9000-17.2.5.2-5", "9000-17.2.5.3-1"})
    @Test
    void theTokenIsInEachInitialPacketAfterTheRetry() {
        RawPeer peer = retrying().prepare();
        RawPacket first = peer.received.getFirst();
        byte[] hello = cryptoOf(first);
        RawPacket again = retryAccepted(peer, "a token");
        assertEquals(first.source(), again.source());
        byte[] repeated = cryptoOf(again);
        int common = Math.min(hello.length, repeated.length);
        assertArrayEquals(Arrays.copyOf(hello, common), Arrays.copyOf(repeated, common));
        peer.advanceMs(3_000);
        assertTrue(peer.received.size() > 2);
        for (RawPacket packet : peer.received) {
            assertArrayEquals("a token".getBytes(StandardCharsets.UTF_8), packet.token());
            assertEquals(first.source(), packet.source());
        }
    }

    private static byte[] cryptoOf(RawPacket packet) {
        CryptoFrame frame = packet.all(CryptoFrame.class).getFirst();
        assertEquals(0, frame.offset());
        return frame.data().toArray(ValueLayout.JAVA_BYTE);
    }

    @Requirement("9000-7.3-4")
    @Test
    void aServerMustNameTheIdOfItsRetry() {
        RawPeer peer = RawPeer.of(false);
        peer.parameters = plain -> plain.add(RawParameters.RETRY_SOURCE, new byte[8]);
        peer.prepare();
        retryAccepted(peer, "a token");
        peer.tryHandshake();
        peer.assertClosedWith(TransportError.TRANSPORT_PARAMETER_ERROR);
    }

    @Requirement("9000-17.2.5-1")
    @Test
    void aRetryIsReadWhateverItsUnusedBits() {
        for (int bits = 0; bits < 16; bits++) {
            RawPeer peer = retrying().prepare();
            byte[] packet = retry(peer, peer.originalDestination, peer.source, "a token");
            byte[] head = Arrays.copyOf(packet, packet.length - 16);
            head[0] = (byte) (0xf0 | bits);
            peer.received.clear();
            peer.installInitialKeys(peer.source);
            peer.send(RawBytes.join(head, RetryIntegrity.tag(peer.originalDestination, head)));
            assertFalse(peer.received.isEmpty(), "bits " + bits);
        }
    }
}
