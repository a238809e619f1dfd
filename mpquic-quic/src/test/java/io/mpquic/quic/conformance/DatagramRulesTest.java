package io.mpquic.quic.conformance;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.connection.SendResult;
import io.mpquic.quic.connection.TransportSettings;
import io.mpquic.quic.wire.DatagramFrame;
import io.mpquic.quic.wire.EncryptionLevel;
import io.mpquic.quic.wire.PacketType;
import io.mpquic.quic.wire.TransportError;
import io.mpquic.quic.wire.TransportParameters;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9221: DATAGRAM frames. */
class DatagramRulesTest {
    @Requirement("9221-3-3")
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aDatagramWhereNoneWasAdvertisedIsAProtocolViolation(boolean peerIsClient) {
        for (String hex : new String[] {"30", "30aa", "3100", "3101aa"}) {
            TransportSettings without =
                    Target.QUIET.toBuilder().maxDatagramFrameBytes(0).build();
            RawPeer peer =
                    peerIsClient ? RawPeer.client(Target.server(without)) : RawPeer.server(Target.client(without));
            peer.handshake().send(peer.oneRtt().payload(RawBytes.hex(hex)));
            peer.assertClosedWith(TransportError.PROTOCOL_VIOLATION);
        }
    }

    /** RFC 9221 §3: type and length count. */
    @Requirement("9221-3-4")
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aDatagramFrameAboveTheAdvertisedSizeIsAProtocolViolation(boolean peerIsClient) {
        TransportSettings small =
                Target.QUIET.toBuilder().maxDatagramFrameBytes(50).build();
        for (boolean withLength : new boolean[] {true, false}) {
            int head = withLength ? 2 : 1;
            RawPeer peer = peerIsClient ? RawPeer.client(Target.server(small)) : RawPeer.server(Target.client(small));
            peer.handshake().send(peer.oneRtt().payload(datagramFrame(50 - head, withLength)));
            assertEquals(50 - head, peer.target.datagrams.getFirst().length);
            peer.send(peer.oneRtt().payload(datagramFrame(51 - head, withLength)));
            peer.assertClosedWith(TransportError.PROTOCOL_VIOLATION);
            assertEquals(1, peer.target.datagrams.size());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void allDatagramsOfAPacketAreDelivered(boolean peerIsClient) {
        RawPeer peer = RawPeer.connected(peerIsClient);
        peer.send(peer.oneRtt().payload(RawBytes.hex("31 02 aabb 3100 00 01 31 4001 cc 30 ddeeff")));
        assertEquals(4, peer.target.datagrams.size());
        assertArrayEquals(RawBytes.hex("aabb"), peer.target.datagrams.get(0));
        assertEquals(0, peer.target.datagrams.get(1).length);
        assertArrayEquals(RawBytes.hex("cc"), peer.target.datagrams.get(2));
        assertArrayEquals(RawBytes.hex("ddeeff"), peer.target.datagrams.get(3));
    }

    @Requirement({"9000-19.21-1", "9221-3-1"})
    @Test
    void noDatagramIsSentToAPeerThatWantsNone() {
        RawPeer peer = RawPeer.of(true);
        peer.parameters = plain -> plain.remove(RawParameters.MAX_DATAGRAM_FRAME_SIZE);
        peer.handshake();
        assertEquals(0, peer.target.connection().maxDatagramBytes());
        assertFalse(peer.target.connection().offerDatagram(new byte[1]));
    }

    /** RFC 9221 §3: the frame with its type and its length is what the peer limits. */
    @Requirement("9221-3-2")
    @ParameterizedTest
    @ValueSource(longs = {3, 40, 64, 66, 67, 100})
    void noDatagramFrameIsLargerThanThePeerTakes(long limit) {
        RawPeer peer = RawPeer.of(true);
        peer.parameters = plain -> plain.setInteger(RawParameters.MAX_DATAGRAM_FRAME_SIZE, limit);
        peer.handshake();
        int max = peer.target.connection().maxDatagramBytes();
        assertTrue(max < limit);
        peer.target.connection().offerDatagram(new byte[max]);
        peer.target.connection().offerDatagram(new byte[max - 1]);
        peer.advanceMs(10);
        for (DatagramFrame frame : peer.frames(DatagramFrame.class)) {
            assertTrue(frame.lengthBytes() <= limit, frame.lengthBytes() + " bytes, of " + limit);
        }
        assertTrue(peer.frames(DatagramFrame.class).size() >= 1);
        peer.settle();

        MemorySegment buffer = Arena.ofAuto().allocate(2048);
        MemorySegment out = Arena.ofAuto().allocate(2048);
        assertEquals(
                SendResult.SENT, peer.target.connection().sealDatagram(buffer, 128, max, out, 0, peer.target.nowNs));
        byte[] sealed =
                out.asSlice(0, peer.target.connection().sealedLengthBytes()).toArray(ValueLayout.JAVA_BYTE);
        peer.target.outbox.add(new Target.Sent(sealed, Target.PEER, peer.target.nowNs, 0));
        peer.readOutbox();
        assertEquals(max, peer.frames(DatagramFrame.class).getFirst().data().byteSize());
        assertTrue(peer.frames(DatagramFrame.class).getFirst().lengthBytes() <= limit);
    }

    @Test
    void lostDatagramsAreNotSentAgain() {
        RawPeer peer = RawPeer.connected(true);
        assertTrue(peer.target.connection().offerDatagram(new byte[] {1, 2, 3}));
        peer.advanceMs(5_000);
        assertEquals(1, peer.frames(DatagramFrame.class).size());
        assertTrue(peer.received.size() > 1, "probes go out");
    }

    @Requirement("9000-13.2.1-1")
    @Test
    void ourParametersPromiseWhatTheDefaultsSay() throws Exception {
        RawPeer peer = RawPeer.connected(true);
        TransportParameters ours = TransportParameters.parse(peer.peerParameters, true);
        assertEquals(25, ours.maxAckDelayMs());
        assertEquals(3, ours.ackDelayExponent());
        assertNull(ours.preferredAddress());
    }

    private static byte[] datagramFrame(int payload, boolean withLength) {
        return withLength
                ? RawBytes.join(new byte[] {0x31, (byte) payload}, new byte[payload])
                : RawBytes.join(new byte[] {0x30}, new byte[payload]);
    }

    /** RFC 9221 §5.4 and RFC 9002 §7: nothing is acknowledged, so the window is all that may go out. */
    @Requirement({"9000-19.21-2", "9002-7-2", "9221-5.4-1"})
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void datagramsWaitForTheCongestionWindow(boolean peerIsClient) {
        RawPeer peer = RecoveryRulesTest.withFullWindow(peerIsClient);
        long window = peer.target.connection().statistics().congestionWindowBytes();
        long flight = peer.target.connection().statistics().bytesInFlight();
        assertTrue(flight <= window && flight > window - 1_200, flight + " bytes in a window of " + window);
        long sent = peer.received.stream().mapToLong(RawPacket::bytes).sum();
        assertTrue(sent <= window + 100, sent + " bytes were sent");
    }

    @Requirement({"9001-4.9-2", "9221-5-1", "9221-6-1"})
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void datagramsTravelInOneRttPacketsOnly(boolean peerIsClient) {
        RawPeer peer = FrameRulesTest.atLevel(peerIsClient, EncryptionLevel.HANDSHAKE);
        peer.target.connection().offerDatagram(new byte[10]);
        peer.target.flush();
        peer.tryHandshake();
        peer.target.connection().offerDatagram(new byte[20]);
        peer.advanceMs(10);
        List<RawPacket> carriers = peer.received.stream()
                .filter(packet -> packet.has(DatagramFrame.class))
                .toList();
        assertFalse(carriers.isEmpty());
        carriers.forEach(packet -> assertEquals(PacketType.ONE_RTT, packet.type()));
    }
}
