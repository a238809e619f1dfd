package io.mpquic.quic.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.crypto.CipherSuite;
import io.mpquic.quic.crypto.KeySchedule;
import io.mpquic.quic.wire.ConnectionId;
import io.mpquic.quic.wire.CryptoFrame;
import io.mpquic.quic.wire.EncryptionLevel;
import io.mpquic.quic.wire.HandshakeDoneFrame;
import io.mpquic.quic.wire.PacketType;
import io.mpquic.quic.wire.PingFrame;
import io.mpquic.quic.wire.TransportException;
import io.mpquic.quic.wire.TransportParameters;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9000 §7 and RFC 9001 §4, §5: keys and levels of the handshake, and what ends them. */
class HandshakeRulesTest {
    private static final int SESSION_ID_AT = 4 + 2 + 32;
    private static final int SUPPORTED_VERSIONS = 43;
    private static final int NEW_SESSION_TICKET = 4;

    @Requirement({"9001-4-1", "9001-4.9-1"})
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void handshakeDataGoOutAgainAtTheirOwnLevel(boolean peerIsClient) {
        RawPeer peer = peerIsClient
                ? FrameRulesTest.atLevel(true, EncryptionLevel.HANDSHAKE)
                : RawPeer.of(false).prepare();
        PacketType[] types = peerIsClient
                ? new PacketType[] {PacketType.INITIAL, PacketType.HANDSHAKE}
                : new PacketType[] {PacketType.INITIAL};
        Map<PacketType, TreeMap<Long, Byte>> first = new EnumMap<>(PacketType.class);
        for (PacketType type : types) {
            first.put(type, cryptoOf(peer, type));
        }
        peer.received.clear();
        for (int i = 0; i < 4; i++) {
            peer.advanceMs(1_500);
            if (peerIsClient) { // gives the server room to send
                peer.send(peer.packet(EncryptionLevel.INITIAL).payload((byte) 0).padTo(1200));
            }
        }
        for (PacketType type : types) {
            TreeMap<Long, Byte> again = cryptoOf(peer, type);
            assertFalse(again.isEmpty(), "nothing of " + type + " is repeated");
            again.forEach((offset, value) -> assertEquals(first.get(type).get(offset), value));
        }
    }

    @Requirement({"9001-4.9.1-1", "9001-4.9.1-2"})
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theFirstHandshakePacketEndsTheInitialKeys(boolean peerIsClient) {
        RawPeer peer = FrameRulesTest.atLevel(peerIsClient, EncryptionLevel.HANDSHAKE);
        peer.send(peer.packet(EncryptionLevel.HANDSHAKE).frames(PingFrame.INSTANCE));
        assertTrue(peer.received.stream().anyMatch(packet -> packet.type() == PacketType.HANDSHAKE));
        peer.received.clear();
        peer.send(
                peer.packet(EncryptionLevel.INITIAL).frames(PingFrame.INSTANCE).padTo(1200));
        peer.advanceMs(3_000);
        assertTrue(peer.received.stream().noneMatch(packet -> packet.type() == PacketType.INITIAL));
    }

    @Requirement("9001-4.9.2-1")
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theConfirmedHandshakeEndsTheHandshakeKeys(boolean peerIsClient) {
        RawPeer peer = RawPeer.connected(peerIsClient);
        peer.send(peer.packet(EncryptionLevel.HANDSHAKE).frames(PingFrame.INSTANCE))
                .advanceMs(100);
        assertEquals(0, peer.received.size());
        peer.assertAlive();
    }

    @Requirement({"9000-19.20-1", "9001-4.1.2-1"})
    @Test
    void aServerConfirmsTheHandshakeAtOnce() {
        RawPeer peer = FrameRulesTest.atLevel(true, EncryptionLevel.HANDSHAKE);
        peer.send(peer.packet(EncryptionLevel.HANDSHAKE).frames(PingFrame.INSTANCE))
                .advanceMs(1_000);
        assertEquals(0, peer.frames(HandshakeDoneFrame.class).size());
        peer.sendHandshakeDataOf(EncryptionLevel.HANDSHAKE);
        assertEquals(1, peer.frames(HandshakeDoneFrame.class).size());
    }

    @Requirement("9000-13.3-2")
    @Test
    void handshakeDoneIsRepeatedUntilItIsAcknowledged() {
        RawPeer peer = RawPeer.of(true).tryHandshake();
        peer.received.clear();
        peer.advanceMs(3_000);
        assertFalse(peer.frames(HandshakeDoneFrame.class).isEmpty());
        peer.acknowledgeAll().settle();
        peer.advanceMs(10_000);
        assertEquals(0, peer.frames(HandshakeDoneFrame.class).size());
    }

    @Requirement({"9001-4.4-2", "9001-4.4-3"})
    @Test
    void aServerSaysNothingInTlsAfterTheHandshakeButTickets() {
        RawPeer peer = RawPeer.of(true).tryHandshake();
        peer.advanceMs(100);
        assertTrue(peer.tlsComplete);
        byte[] said = contiguous(cryptoOf(peer, PacketType.ONE_RTT));
        for (int at = 0;
                at < said.length;
                at += 4 + (ByteBuffer.wrap(said, at, 4).getInt() & 0xffffff)) {
            assertEquals(NEW_SESSION_TICKET, said[at]);
        }
        assertNull(peer.tlsFailure);
    }

    /** RFC 9001 §4.2 and §8.4 */
    @Requirement({"9001-4.2-1", "9001-8.4-1"})
    @Test
    void aClientOffersTls13AloneAndNoCompatibilityMode() {
        RawPeer peer = RawPeer.of(false).prepare();
        ByteBuffer hello = ByteBuffer.wrap(contiguous(cryptoOf(peer, PacketType.INITIAL)));
        assertEquals(0, hello.get(SESSION_ID_AT), "bytes of session ID");
        int suitesAt = SESSION_ID_AT + 1;
        int extensionsAt = suitesAt + 2 + hello.getShort(suitesAt);
        extensionsAt += 1 + hello.get(extensionsAt) + 2; // compression methods, and the length of all extensions
        int versions = -1;
        for (int at = extensionsAt; at < hello.limit(); at += 4 + (hello.getShort(at + 2) & 0xffff)) {
            if (hello.getShort(at) == SUPPORTED_VERSIONS) {
                versions = at;
            }
        }
        assertEquals(3, hello.getShort(versions + 2), "bytes of supported_versions");
        assertEquals(2, hello.get(versions + 4));
        assertEquals(0x0304, hello.getShort(versions + 5));
    }

    @Requirement("9001-5.3-2")
    @Test
    void anUnknownCipherSuiteInAClientHelloIsNoFault() {
        RawPeer peer = RawPeer.of(true);
        peer.tlsFilter = (level, data) -> {
            if (level == EncryptionLevel.INITIAL) {
                int suitesBytes = ByteBuffer.wrap(data).getShort(SESSION_ID_AT + 1);
                ByteBuffer.wrap(data).putShort(SESSION_ID_AT + 1 + suitesBytes, (short) 0xfafa);
            }
            return data;
        };
        peer.prepare().sendHandshakeDataOf(EncryptionLevel.INITIAL);
        assertNull(peer.target.closeReason());
        assertFalse(cryptoOf(peer, PacketType.INITIAL).isEmpty(), "a ServerHello");
    }

    @Requirement("9001-5.6-4")
    @Test
    void aClientDropsZeroRttPackets() {
        RawPeer peer = FrameRulesTest.atLevel(false, EncryptionLevel.HANDSHAKE);
        ProtectionSecret secret = new ProtectionSecret(
                CipherSuite.TLS_AES_128_GCM_SHA256, KeySchedule.serverInitialSecret(peer.originalDestination));
        peer.send(new PacketDraft(PacketType.ZERO_RTT, secret, 5, peer.destination, peer.source)
                .payload(RawBytes.hex("30 aabb"))
                .padTo(1200));
        assertEquals(0, peer.target.datagrams.size());
        peer.handshake().assertAlive();
        assertEquals(0, peer.target.datagrams.size());
    }

    /** RFC 9001 §5.7 */
    @Requirement({"9001-5.7-1", "9001-5.7-3"})
    @Test
    void aClientProcessesNoDatagramBeforeTheServersFinished() {
        RawPeer peer = FrameRulesTest.atLevel(false, EncryptionLevel.HANDSHAKE);
        peer.send(peer.oneRtt().payload(RawBytes.hex("30 aabb")));
        assertEquals(0, peer.target.datagrams.size());
        peer.handshake().assertAlive();
        assertEquals(1, peer.target.datagrams.size());
    }

    @Requirement("9000-7.3-1")
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void ourParametersNameTheIdsOfOurPackets(boolean peerIsClient) throws TransportException {
        RawPeer peer = RawPeer.of(peerIsClient).tryHandshake();
        ConnectionId used = peer.received.getFirst().source();
        TransportParameters ours = TransportParameters.parse(peer.peerParameters, peerIsClient);
        assertEquals(used, ours.initialSourceConnectionId());
        if (peerIsClient) {
            assertEquals(peer.originalDestination, ours.originalDestinationConnectionId());
            assertNull(ours.retrySourceConnectionId());
        }
    }

    @Requirement({"9000-7.2-1", "9000-7.2-2"})
    @Test
    void aClientKeepsItsFirstDestinationUntilTheServerAnswers() {
        RawPeer peer = RawPeer.of(false).prepare();
        peer.advanceMs(3_000);
        assertTrue(peer.received.size() > 2);
        assertTrue(peer.originalDestination.lengthBytes() >= 8);
        peer.received.forEach(packet -> assertEquals(peer.originalDestination, packet.destination()));
    }

    private static TreeMap<Long, Byte> cryptoOf(RawPeer peer, PacketType type) {
        TreeMap<Long, Byte> bytes = new TreeMap<>();
        for (RawPacket packet : peer.received) {
            if (packet.type() == type) {
                for (CryptoFrame frame : packet.all(CryptoFrame.class)) {
                    byte[] data = frame.data().toArray(ValueLayout.JAVA_BYTE);
                    for (int i = 0; i < data.length; i++) {
                        bytes.put(frame.offset() + i, data[i]);
                    }
                }
            }
        }
        return bytes;
    }

    private static byte[] contiguous(Map<Long, Byte> bytes) {
        byte[] all = new byte[bytes.size()];
        for (int i = 0; i < all.length; i++) {
            all[i] = bytes.get((long) i);
        }
        return all;
    }
}
