package io.mpquic.quic.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.wire.AckFrame;
import io.mpquic.quic.wire.ConnectionCloseFrame;
import io.mpquic.quic.wire.CryptoFrame;
import io.mpquic.quic.wire.EncryptionLevel;
import io.mpquic.quic.wire.HandshakeDoneFrame;
import io.mpquic.quic.wire.NewTokenFrame;
import io.mpquic.quic.wire.PacketType;
import io.mpquic.quic.wire.PaddingFrame;
import io.mpquic.quic.wire.PingFrame;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9000 §12, §13.2.6, §17: the form of each packet that an endpoint sends in its life, and of those that it takes. */
class PacketFormRulesTest {
    /** Far apart, so that an acknowledgement shows which space it speaks of. */
    private static final int HANDSHAKE_NUMBERS = 1_000;

    private static final int ONE_RTT_NUMBERS = 2_000;

    /** All packets of a connection that shakes hands under loss, carries datagrams, and is closed. */
    private static RawPeer wholeConnection(boolean peerIsClient) {
        RawPeer peer = RawPeer.of(peerIsClient).prepare();
        peer.skipNumbers(EncryptionLevel.HANDSHAKE, HANDSHAKE_NUMBERS);
        peer.skipNumbers(EncryptionLevel.ONE_RTT, ONE_RTT_NUMBERS);
        peer.sendHandshakeDataOf(EncryptionLevel.INITIAL);
        peer.advanceMs(1_500);
        peer.tryHandshake().advanceMs(100);
        assertTrue(peer.target.connection().isEstablished());
        for (int i = 0; i < 300; i++) {
            peer.target.connection().offerDatagram(new byte[1 + i]);
            peer.send(peer.oneRtt(PingFrame.INSTANCE));
            if (i % 8 == 0) {
                peer.acknowledgeAll().advanceMs(30);
            }
        }
        peer.target.connection().close(7, "bye", peer.target.nowNs);
        peer.advanceMs(1);
        assertTrue(peer.received.size() > 200, peer.received.size() + " packets");
        return peer;
    }

    @Requirement({"9000-12.3-1", "9000-12.3-2"})
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void packetNumbersOnlyRise(boolean peerIsClient) {
        Map<PacketType, Long> largest = new EnumMap<>(PacketType.class);
        for (RawPacket packet : wholeConnection(peerIsClient).received) {
            Long before = largest.put(packet.type(), packet.number());
            assertTrue(before == null || before < packet.number(), before + ", then " + packet);
        }
        assertEquals(3, largest.size());
    }

    @Requirement("9000-12.4-1")
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void everyPacketHasAFrame(boolean peerIsClient) {
        wholeConnection(peerIsClient)
                .received
                .forEach(packet -> assertFalse(packet.frames().isEmpty()));
    }

    @Requirement("9000-12.5-2")
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void framesAreInPacketsWhereTheyMayBe(boolean peerIsClient) {
        List<Class<?>> always = List.of(
                PaddingFrame.class, PingFrame.class, AckFrame.class, CryptoFrame.class, ConnectionCloseFrame.class);
        for (RawPacket packet : wholeConnection(peerIsClient).received) {
            if (packet.type() != PacketType.ONE_RTT) {
                packet.frames().forEach(frame -> assertTrue(always.contains(frame.getClass()), frame.toString()));
                packet.all(ConnectionCloseFrame.class).forEach(close -> assertFalse(close.application()));
            }
        }
    }

    @Requirement({"9000-13.2.6-1", "9000-13.2.6-2", "9000-17.2.3-3"})
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void acknowledgementsSpeakOfTheirOwnSpace(boolean peerIsClient) {
        for (RawPacket packet : wholeConnection(peerIsClient).received) {
            for (AckFrame ack : packet.all(AckFrame.class)) {
                long largest = ack.ranges().largest();
                PacketType space = largest < HANDSHAKE_NUMBERS
                        ? PacketType.INITIAL
                        : largest < ONE_RTT_NUMBERS ? PacketType.HANDSHAKE : PacketType.ONE_RTT;
                assertEquals(space, packet.type());
            }
        }
    }

    @Requirement("9000-12.2-2")
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void packetsOfADatagramHaveOneDestination(boolean peerIsClient) {
        RawPeer peer = wholeConnection(peerIsClient);
        for (RawPacket one : peer.received) {
            peer.received.stream()
                    .filter(other -> other.datagram() == one.datagram())
                    .forEach(other -> assertEquals(one.destination(), other.destination()));
        }
    }

    @Requirement("9000-17.2.2-1")
    @Test
    void aServersInitialPacketsHaveNoToken() {
        wholeConnection(true).received.forEach(packet -> assertEquals(0, packet.token().length));
    }

    @Requirement("9000-19.7-3")
    @Test
    void aClientSendsNoFrameOfAServer() {
        RawPeer peer = wholeConnection(false);
        assertEquals(0, peer.frames(NewTokenFrame.class).size());
        assertEquals(0, peer.frames(HandshakeDoneFrame.class).size());
    }

    @Requirement({"9000-17.2-6", "9000-17.3.1-2"})
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void reservedBitsAreSentAsZeros(boolean peerIsClient) {
        wholeConnection(peerIsClient).received.forEach(packet -> assertEquals(0, packet.reserved()));
    }

    /** RFC 9000 §17.1: this peer acknowledges nothing, so that each number is written as a whole or in twice its range. */
    @Requirement({"9000-17.1-1", "9000-17.1-2"})
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void packetNumbersAreLongEnoughForWhatIsNotAcknowledged(boolean peerIsClient) {
        RawPeer peer = RawPeer.of(peerIsClient).tryHandshake();
        for (int i = 0; i < 800; i++) {
            peer.send(peer.oneRtt(PingFrame.INSTANCE));
        }
        assertTrue(peer.received.getLast().number() > 300);
        for (RawPacket packet : peer.received) {
            long range = 1L << (8 * packet.numberBytes());
            assertTrue(range > 2 * packet.number(), packet.number() + " in " + packet.numberBytes() + " bytes");
        }
    }

    @Requirement({"9000-17.2-3", "9000-17.2-5"})
    @ParameterizedTest
    @CsvSource({"21, 8", "8, 21", "255, 0", "0, 255"})
    void connectionIdsOfMoreThan20BytesAreDropped(int destinationBytes, int sourceBytes) {
        byte[] packet = RawBytes.join(
                RawBytes.hex("c3 00000001"),
                new byte[] {(byte) destinationBytes},
                new byte[destinationBytes],
                new byte[] {(byte) sourceBytes},
                new byte[sourceBytes],
                RawBytes.hex("00 44d0"));
        RawPeer peer = RawPeer.of(true);
        peer.send(Arrays.copyOf(packet, 1200));
        assertEquals(0, peer.target.bytesOut);
        assertEquals(0, peer.target.endpoint.connections().size());
    }
}
