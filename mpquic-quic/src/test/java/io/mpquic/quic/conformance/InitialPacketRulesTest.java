package io.mpquic.quic.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.wire.AckFrame;
import io.mpquic.quic.wire.ConnectionId;
import io.mpquic.quic.wire.CryptoFrame;
import io.mpquic.quic.wire.EncryptionLevel;
import io.mpquic.quic.wire.PacketType;
import io.mpquic.quic.wire.PingFrame;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9000 §7.2, §8.1, §9, §12.2, §14.1: the packets of the handshake. */
class InitialPacketRulesTest {
    @Requirement({"9000-8.1-3", "9000-14.1-1", "9001-9.3-1"})
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

    @Requirement("9000-14.1-2")
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

    @Requirement("9000-14.1-3")
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
    @Requirement({"9000-14-4", "9000-14.1-3"})
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

    @Requirement({"9000-5.2.2-2", "9000-7.2-1"})
    @Test
    void aDestinationOfLessThan8BytesOpensNoConnection() {
        RawPeer peer = RawPeer.of(true);
        peer.destination = new ConnectionId(new byte[7]);
        peer.originalDestination = peer.destination;
        peer.prepare().sendHandshakeData();
        assertEquals(0, peer.target.endpoint.connections().size());
    }

    @Requirement("9000-5.2-1")
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

    @Requirement({"9000-8-1", "9000-8.1-1", "9000-14.1-4"})
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

    @Requirement({"9000-8.1-4", "9000-8.1-5", "9002-6.2.2.1-3"})
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

    @Requirement({"9000-7.2-3", "9000-7.2-4", "9000-7.2-5", "9000-7.2-6", "9000-13.1-1"})
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
    @Requirement("9000-17.2.2-1")
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

    @Requirement("9000-9-5")
    @Test
    void aClientDiscardsDatagramsFromAddressesThatAreNotTheServers() {
        RawPeer peer = RawPeer.connected(false);
        peer.target.deliver(peer.oneRtt().payload(RawBytes.hex("30 aabb")).build(), Target.STRANGER);
        assertEquals(0, peer.target.datagrams.size());
        peer.assertAlive();
    }

    @Requirement({"9000-12.2-1", "9000-12.2-3"})
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

    @Requirement("9000-12.2-4")
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

    @Requirement("9001-4.6.2-1")
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

    /** RFC 9000 §8.1: what cannot be read counts too, as it came in a datagram of this connection. */
    @Requirement("9000-8.1-2")
    @Test
    void everyByteOfAnInitialDatagramCounts() {
        RawPeer peer = RawPeer.of(true).prepare();
        byte[] hello = peer.nextCrypto(EncryptionLevel.INITIAL);
        byte[] packet = peer.packet(EncryptionLevel.INITIAL)
                .frames(new CryptoFrame(0, MemorySegment.ofArray(hello)))
                .padTo(1200)
                .build();
        peer.send(Arrays.copyOf(packet, 2200));
        peer.advanceMs(20_000);
        assertTrue(peer.target.bytesOut > 3 * 1200, peer.target.bytesOut + " bytes");
        assertTrue(peer.target.bytesOut <= 3 * 2200, peer.target.bytesOut + " bytes");
    }
}
