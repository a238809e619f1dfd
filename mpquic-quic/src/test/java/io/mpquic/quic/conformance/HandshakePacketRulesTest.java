package io.mpquic.quic.conformance;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.connection.CloseReason;
import io.mpquic.quic.crypto.RetryIntegrity;
import io.mpquic.quic.wire.AckFrame;
import io.mpquic.quic.wire.ConnectionId;
import io.mpquic.quic.wire.CryptoFrame;
import io.mpquic.quic.wire.EncryptionLevel;
import io.mpquic.quic.wire.PacketHeader;
import io.mpquic.quic.wire.PacketType;
import io.mpquic.quic.wire.PingFrame;
import io.mpquic.quic.wire.Version;
import io.mpquic.quic.wire.VersionInvariant;
import io.mpquic.quic.wire.WireReader;
import io.mpquic.quic.wire.WireWriter;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9000 §6, §7.2, §8.1, §12.2, §14.1, §17.2: the packets of the handshake. */
class HandshakePacketRulesTest {
    private static final int UNKNOWN_VERSION = 0x1a2a3a4a;

    // ---- Initial packets, padding, amplification

    @Test
    void everyDatagramOfAClientWithAnInitialPacketHas1200Bytes() {
        RawPeer peer = RawPeer.of(false).prepare();
        peer.advanceMs(3_000); // several probe timeouts
        peer.send(peer.packet(EncryptionLevel.INITIAL).frames(PingFrame.INSTANCE));
        long initials = peer.received.stream()
                .filter(packet -> packet.type() == PacketType.INITIAL)
                .peek(packet -> assertTrue(packet.datagram().bytes().length >= 1200))
                .count();
        assertTrue(initials > 3);
        peer.handshake();
    }

    @Test
    void everyAckElicitingInitialPacketOfAServerComesIn1200Bytes() {
        for (int size = 1200; size <= 1472; size += 16) {
            RawPeer peer = RawPeer.of(true).prepare();
            byte[] hello = peer.nextCrypto(EncryptionLevel.INITIAL);
            peer.send(peer.packet(EncryptionLevel.INITIAL)
                    .frames(new CryptoFrame(0, MemorySegment.ofArray(hello)))
                    .padTo(size));
            peer.advanceMs(5_000);
            for (RawPacket packet : peer.received) {
                if (packet.type() == PacketType.INITIAL && packet.isAckEliciting()) {
                    int bytes = packet.datagram().bytes().length;
                    assertTrue(bytes >= 1200, bytes + " bytes, when the client sent " + size);
                }
            }
            assertTrue(peer.target.bytesOut <= 3 * peer.target.bytesIn);
        }
    }

    @Test
    void anInitialPacketInADatagramOfLessThan1200BytesOpensNoConnection() {
        RawPeer peer = RawPeer.of(true).prepare();
        byte[] hello = peer.nextCrypto(EncryptionLevel.INITIAL);
        peer.send(peer.packet(EncryptionLevel.INITIAL)
                .frames(new CryptoFrame(0, MemorySegment.ofArray(hello)))
                .padTo(1199));
        assertEquals(0, peer.target.endpoint.connections().size());
        assertEquals(0, peer.target.bytesOut);
    }

    /** RFC 9000 §14.1: this holds for each Initial packet, not for the first alone. */
    @Test
    void aServerDiscardsLaterInitialPacketsInSmallDatagramsToo() {
        RawPeer peer = FrameRulesTest.atLevel(true, EncryptionLevel.HANDSHAKE);
        peer.received.clear();
        peer.send(
                peer.packet(EncryptionLevel.INITIAL).frames(PingFrame.INSTANCE).padTo(1199));
        assertEquals(0, peer.received.size());
        peer.send(
                peer.packet(EncryptionLevel.INITIAL).frames(PingFrame.INSTANCE).padTo(1200));
        assertTrue(peer.frames(AckFrame.class).getFirst().ranges().contains(2));
        assertFalse(peer.frames(AckFrame.class).getFirst().ranges().contains(1));
    }

    @Test
    void aDestinationOfLessThan8BytesOpensNoConnection() {
        RawPeer peer = RawPeer.of(true);
        peer.destination = new ConnectionId(new byte[7]);
        peer.originalDestination = peer.destination;
        peer.prepare().sendHandshakeData();
        assertEquals(0, peer.target.endpoint.connections().size());
    }

    @Test
    void aFirstPacketThatFailsAuthenticationLeavesNoConnectionBehind() {
        RawPeer peer = RawPeer.of(true).prepare();
        byte[] packet = peer.packet(EncryptionLevel.INITIAL)
                .frames(PingFrame.INSTANCE)
                .padTo(1200)
                .build();
        packet[1199] ^= 1;
        peer.send(packet);
        assertEquals(0, peer.target.bytesOut);
        assertEquals(0, peer.target.endpoint.connections().size());
    }

    @Test
    void beforeTheClientIsProvenAServerSendsAtMostThreeTimesWhatItGot() {
        RawPeer peer = RawPeer.of(true).prepare();
        peer.sendHandshakeDataOf(EncryptionLevel.INITIAL);
        for (int i = 0; i < 30; i++) {
            peer.advanceMs(300);
            // Datagrams of all kinds and sizes, authentic and not.
            byte[] ping = peer.packet(EncryptionLevel.INITIAL)
                    .frames(PingFrame.INSTANCE)
                    .padTo(40 + 7 * i)
                    .build();
            ping[ping.length - 1] ^= (byte) (i % 2);
            peer.send(ping);
            assertTrue(
                    peer.target.bytesOut <= 3 * peer.target.bytesIn,
                    peer.target.bytesOut + " bytes for " + peer.target.bytesIn);
        }
    }

    @Test
    void aClientIsProvenByItsFirstHandshakePacket() {
        RawPeer peer = FrameRulesTest.atLevel(true, EncryptionLevel.HANDSHAKE);
        peer.send(peer.packet(EncryptionLevel.HANDSHAKE).frames(PingFrame.INSTANCE));
        peer.target.bytesIn = 0;
        peer.target.bytesOut = 0;
        peer.advanceMs(5_000);
        assertTrue(peer.target.bytesOut > 0);
    }

    @Test
    void aClientDoesNotLetTheServerStarve() {
        // RFC 9002 §6.2.2.1: it has acknowledged all, the server has no credit, and only the client can give it some.
        RawPeer peer = RawPeer.of(false).prepare();
        long number = peer.received.getFirst().number();
        FrameRulesTest.send(
                peer,
                EncryptionLevel.INITIAL,
                peer.packet(EncryptionLevel.INITIAL).payload(RawBytes.hex("02 0" + number + " 00 00 00")));
        peer.received.clear();
        peer.advanceMs(2_000);
        assertTrue(peer.received.stream().anyMatch(RawPacket::isAckEliciting));
    }

    // ---- connection IDs and tokens

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void packetsWithAnotherSourceConnectionIdAreDropped(boolean peerIsClient) {
        RawPeer peer = FrameRulesTest.atLevel(peerIsClient, EncryptionLevel.HANDSHAKE);
        peer.received.clear();
        ConnectionId other = new ConnectionId(RawBytes.hex("eeeeeeeeeeeeeeee"));
        peer.send(peer.packet(EncryptionLevel.INITIAL)
                .frames(PingFrame.INSTANCE)
                .source(other)
                .padTo(1200));
        peer.send(peer.packet(EncryptionLevel.HANDSHAKE)
                .frames(PingFrame.INSTANCE)
                .source(other));
        assertEquals(0, peer.frames(AckFrame.class).size());
        peer.handshake();
    }

    /** RFC 9000 §17.2.2: dropped, or a PROTOCOL_VIOLATION. */
    @Test
    void aClientDoesNotProcessAnInitialPacketWithAToken() {
        RawPeer peer = RawPeer.of(false).prepare();
        peer.received.clear();
        peer.send(peer.packet(EncryptionLevel.INITIAL)
                .token(new byte[] {1, 2, 3})
                .frames(PingFrame.INSTANCE)
                .padTo(1200));
        assertEquals(0, peer.frames(AckFrame.class).size());
        assertFalse(peer.target.connection().isEstablished());
    }

    @Test
    void aServerTakesAnInitialPacketWithATokenThatItNeverGave() {
        RawPeer peer = RawPeer.of(true);
        peer.token = new byte[100];
        peer.handshake().assertAlive();
    }

    @Test
    void aClientDiscardsDatagramsFromAddressesThatAreNotTheServers() {
        RawPeer peer = RawPeer.connected(false);
        peer.target.deliver(peer.oneRtt().payload(RawBytes.hex("30 aabb")).build(), Target.STRANGER);
        assertEquals(0, peer.target.datagrams.size());
        peer.assertAlive();
    }

    // ---- coalesced packets

    @Test
    void coalescedPacketsAreAllProcessed() {
        RawPeer peer = FrameRulesTest.atLevel(true, EncryptionLevel.HANDSHAKE);
        peer.received.clear();
        peer.send(
                peer.packet(EncryptionLevel.INITIAL).frames(PingFrame.INSTANCE).padTo(1000),
                peer.packet(EncryptionLevel.HANDSHAKE)
                        .frames(PingFrame.INSTANCE)
                        .padTo(300));
        // The Handshake packet proves the client, so that the Initial keys are gone by now.
        assertTrue(peer.received.stream()
                .anyMatch(packet -> packet.type() == PacketType.HANDSHAKE && packet.has(AckFrame.class)));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aPacketThatFailsAuthenticationDoesNotKeepTheNextOneFromBeingProcessed(boolean peerIsClient) {
        RawPeer peer = FrameRulesTest.atLevel(peerIsClient, EncryptionLevel.HANDSHAKE);
        peer.received.clear();
        byte[] forged = peer.packet(EncryptionLevel.INITIAL)
                .frames(PingFrame.INSTANCE)
                .padTo(1000)
                .build();
        forged[forged.length - 1] ^= 1;
        byte[] genuine = peer.packet(EncryptionLevel.HANDSHAKE)
                .frames(PingFrame.INSTANCE)
                .padTo(300)
                .build();
        peer.send(RawBytes.join(forged, genuine));
        assertFalse(peer.frames(AckFrame.class).isEmpty());
        peer.handshake().assertAlive();
    }

    @Test
    void trailingGarbageOfADatagramIsIgnored() {
        RawPeer peer = RawPeer.of(true).prepare();
        byte[] hello = peer.nextCrypto(EncryptionLevel.INITIAL);
        byte[] packet = peer.packet(EncryptionLevel.INITIAL)
                .frames(new CryptoFrame(0, MemorySegment.ofArray(hello)))
                .build();
        byte[] datagram = Arrays.copyOf(packet, 1250);
        Arrays.fill(datagram, packet.length, datagram.length, (byte) 0xc3);
        peer.send(datagram);
        peer.handshake().assertAlive();
    }

    @Test
    void aZeroRttPacketIsDroppedAndTheRestOfItsDatagramRead() {
        RawPeer peer = RawPeer.of(true).prepare();
        byte[] hello = peer.nextCrypto(EncryptionLevel.INITIAL);
        byte[] initial = peer.packet(EncryptionLevel.INITIAL)
                .frames(new CryptoFrame(0, MemorySegment.ofArray(hello)))
                .padTo(1200)
                .build();
        byte[] early = initial.clone();
        early[0] = (byte) 0xd3;
        int tokenLengthAt = 1 + 4 + 1 + 8 + 1 + 8;
        byte[] earlyWithoutToken = RawBytes.join(
                Arrays.copyOf(early, tokenLengthAt), Arrays.copyOfRange(early, tokenLengthAt + 1, early.length));
        peer.send(RawBytes.join(initial, earlyWithoutToken));
        peer.handshake().assertAlive();
    }

    // ---- versions

    @ParameterizedTest
    @ValueSource(ints = {UNKNOWN_VERSION, 0x6b3343cf, 0xff00001d, 2})
    void aServerAnswersAnUnknownVersionWithTheOneItSpeaks(int version) throws Exception {
        RawPeer peer = RawPeer.of(true);
        peer.send(unknownVersion(version, 8, 8, 1200));
        VersionInvariant answer = VersionInvariant.parse(WireReader.of(peer.unreadable.getFirst()));
        assertEquals(Version.NEGOTIATION, answer.version());
        assertArrayEquals(filled(8, 0x5c), answer.dcid());
        assertArrayEquals(filled(8, 0xdc), answer.scid());
        byte[] bytes = peer.unreadable.getFirst();
        assertArrayEquals(RawBytes.hex("00000001"), Arrays.copyOfRange(bytes, bytes.length - 4, bytes.length));
        assertEquals(0, peer.target.endpoint.connections().size());
    }

    /** RFC 8999 §5.1: other versions may have longer ones. */
    @Test
    void connectionIdsOfAnyLengthComeBackInAVersionNegotiationPacket() throws Exception {
        for (int length : new int[] {0, 1, 20, 21, 255}) {
            RawPeer peer = RawPeer.of(true);
            peer.send(unknownVersion(UNKNOWN_VERSION, length, 255 - length, 1200));
            VersionInvariant answer = VersionInvariant.parse(WireReader.of(peer.unreadable.getFirst()));
            assertArrayEquals(filled(255 - length, 0x5c), answer.dcid());
            assertArrayEquals(filled(length, 0xdc), answer.scid());
        }
    }

    @Test
    void aSmallPacketOfAnUnknownVersionIsNotAnswered() {
        RawPeer peer = RawPeer.of(true);
        peer.send(unknownVersion(UNKNOWN_VERSION, 8, 8, 1199));
        assertEquals(0, peer.target.bytesOut);
    }

    @Test
    void aVersionNegotiationPacketIsNeverAnswered() {
        RawPeer peer = RawPeer.of(true);
        peer.send(unknownVersion(Version.NEGOTIATION, 8, 8, 1200));
        assertEquals(0, peer.target.bytesOut);
        assertEquals(0, peer.target.endpoint.connections().size());
    }

    @Test
    void aClientGivesUpWhenTheServerDoesNotSpeakItsVersion() {
        RawPeer peer = RawPeer.of(false).prepare();
        long sent = peer.target.bytesOut;
        peer.send(versionNegotiation(peer, UNKNOWN_VERSION));
        assertNotNull(peer.target.closeReason());
        assertEquals(
                CloseReason.Kind.VERSION_NEGOTIATION, peer.target.closeReason().kind());
        assertEquals(sent, peer.target.bytesOut, "nothing more is sent");
    }

    @Test
    void aVersionNegotiationThatListsOurVersionIsIgnored() {
        RawPeer peer = RawPeer.of(false).prepare();
        peer.send(versionNegotiation(peer, UNKNOWN_VERSION, Version.V1));
        peer.handshake().assertAlive();
    }

    @Test
    void aVersionNegotiationWithOtherConnectionIdsIsIgnored() {
        RawPeer peer = RawPeer.of(false).prepare();
        byte[] packet = versionNegotiation(peer, UNKNOWN_VERSION);
        packet[packet.length - 5] ^= 1; // last byte of the source
        peer.send(packet);
        peer.handshake().assertAlive();
    }

    @Test
    void aVersionNegotiationAfterAnotherPacketIsIgnored() {
        RawPeer peer = RawPeer.of(false).prepare();
        peer.send(
                peer.packet(EncryptionLevel.INITIAL).frames(PingFrame.INSTANCE).padTo(1200));
        peer.send(versionNegotiation(peer, UNKNOWN_VERSION));
        peer.handshake().assertAlive();
    }

    @Test
    void aVersionNegotiationAfterARetryIsIgnored() {
        RawPeer peer = RawPeer.of(false).prepare();
        retryAccepted(peer, "a token");
        peer.send(versionNegotiation(peer, UNKNOWN_VERSION));
        assertNull(peer.target.closeReason());
    }

    // ---- Retry

    @Test
    void aClientAnswersARetryWithItsTokenAndCompletesTheHandshake() {
        RawPeer peer = retrying().prepare();
        long before = peer.received.getLast().number();
        RawPacket again = retryAccepted(peer, "a token");
        assertArrayEquals("a token".getBytes(java.nio.charset.StandardCharsets.UTF_8), again.token());
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
        peer.assertClosedWith(io.mpquic.quic.wire.TransportError.TRANSPORT_PARAMETER_ERROR);
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
        byte[] tokenBytes = token.getBytes(java.nio.charset.StandardCharsets.UTF_8);
        byte[] head = RawBytes.join(
                RawBytes.hex("f0 00000001"),
                new byte[] {(byte) peer.destination.lengthBytes()},
                peer.destination.bytes(),
                new byte[] {(byte) source.lengthBytes()},
                source.bytes(),
                tokenBytes);
        return RawBytes.join(head, RetryIntegrity.tag(original, head));
    }

    private static byte[] versionNegotiation(RawPeer peer, int... versions) {
        byte[] packet = new byte
                [7
                        + peer.destination.lengthBytes()
                        + peer.originalDestination.lengthBytes()
                        + Integer.BYTES * versions.length];
        PacketHeader.writeVersionNegotiation(
                WireWriter.of(packet), peer.destination.bytes(), peer.originalDestination.bytes(), 0, versions);
        return packet;
    }

    private static byte[] unknownVersion(int version, int destinationBytes, int sourceBytes, int length) {
        byte[] head = RawBytes.join(
                new byte[] {(byte) 0xc0},
                new byte[] {(byte) (version >> 24), (byte) (version >> 16), (byte) (version >> 8), (byte) version},
                new byte[] {(byte) destinationBytes},
                filled(destinationBytes, 0xdc),
                new byte[] {(byte) sourceBytes},
                filled(sourceBytes, 0x5c));
        return Arrays.copyOf(head, length);
    }

    private static byte[] filled(int length, int value) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }
}
