package io.mpquic.dataplane.forward;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.dataplane.Packets;
import io.mpquic.tun.VirtioHeader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class SegmenterTest {
    private static final int ALL_FLAGS_OF_DATA = 0x80 | 0x10 | 0x08 | 0x01;
    private static final byte[] TIMESTAMPS = {1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2};

    private final Segmenter segmenter = new Segmenter();
    private final MemorySegment virtio = Arena.ofAuto().allocate(VirtioHeader.BYTES);

    /** What is made of a packet with the virtio header in {@link #virtio}; null when it is refused. */
    private List<byte[]> cut(byte[] packet) {
        MemorySegment whole = Packets.nativeAt(bytes(packet), 7);
        MemorySegment target = Arena.ofAuto().allocate(70_000);
        if (!segmenter.begin(whole, 7, VirtioHeader.BYTES + packet.length)) {
            assertFalse(segmenter.hasNext());
            assertEquals(0, segmenter.nextLengthBytes());
            return List.of();
        }
        List<byte[]> packets = new ArrayList<>();
        while (segmenter.hasNext()) {
            int length = segmenter.next(target, 3);
            packets.add(Packets.bytes(target, 3, length));
        }
        return packets;
    }

    private byte[] bytes(byte[] packet) {
        byte[] all = Arrays.copyOf(virtio.toArray(ValueLayout.JAVA_BYTE), VirtioHeader.BYTES + packet.length);
        System.arraycopy(packet, 0, all, VirtioHeader.BYTES, packet.length);
        return all;
    }

    /** A super-packet of TCP, with the sum of the pseudo-header for a checksum. */
    private static byte[] tcp(boolean ipv6, byte[] ipOptions, int payloadBytes) {
        byte[] header = Packets.tcp(ipv6, ALL_FLAGS_OF_DATA, TIMESTAMPS);
        return superPacket(ipv6, Packets.TCP, ipOptions, header, 16, payloadBytes);
    }

    private static byte[] udp(boolean ipv6, int payloadBytes) {
        byte[] header = ByteBuffer.allocate(8)
                .putShort((short) 1)
                .putShort((short) 2)
                .putShort((short) (8 + payloadBytes))
                .array();
        return superPacket(ipv6, Packets.UDP, new byte[0], header, 6, payloadBytes);
    }

    private static byte[] superPacket(
            boolean ipv6, int protocol, byte[] ipOptions, byte[] header, int checksumAt, int payloadBytes) {
        byte[] upper = Arrays.copyOf(header, header.length + payloadBytes);
        System.arraycopy(Packets.payload(payloadBytes, 9), 0, upper, header.length, payloadBytes);
        byte[] pseudo = Packets.pseudo(ipv6, protocol, new byte[0]);
        ByteBuffer length = ByteBuffer.wrap(pseudo);
        if (ipv6) {
            length.putInt(32, upper.length);
        } else {
            length.putShort(10, (short) upper.length);
        }
        ByteBuffer.wrap(upper).putShort(checksumAt, (short) ~Packets.checksum(pseudo));
        return ipv6 ? Packets.ipv6(protocol, upper) : Packets.ipv4(0x4000, protocol, ipOptions, upper);
    }

    private static boolean isChecksumRight(byte[] packet, int transport, int protocol) {
        boolean ipv6 = packet[0] >>> 4 == 6;
        return Packets.checksum(Packets.pseudo(ipv6, protocol, Arrays.copyOfRange(packet, transport, packet.length)))
                == 0;
    }

    @Test
    void aSuperPacketOfTcpIsCutWithTheRightHeaders() {
        VirtioHeader.putSuperPacket(virtio, 0, VirtioHeader.GSO_TCPV4 | VirtioHeader.GSO_ECN, 52, 1000, 20, 16);
        List<byte[]> packets = cut(tcp(false, new byte[0], 2500));

        assertEquals(
                List.of(1052, 1052, 552), packets.stream().map(p -> p.length).toList());
        int[] flags = {0x80 | 0x10, 0x10, 0x10 | 0x08 | 0x01};
        byte[] payload = Packets.payload(2500, 9);
        for (int i = 0; i < 3; i++) {
            byte[] packet = packets.get(i);
            assertEquals(packet.length, Packets.u16(packet, 2));
            assertEquals(0x1234 + i, Packets.u16(packet, 4));
            assertEquals(0, Packets.checksum(Arrays.copyOf(packet, 20)));
            assertEquals(1 + 1000 * i, Packets.u32(packet, 24));
            assertEquals(flags[i], packet[33] & 0xff);
            assertTrue(isChecksumRight(packet, 20, Packets.TCP));
            assertArrayEquals(TIMESTAMPS, Packets.slice(packet, 40, 12));
            assertArrayEquals(
                    Packets.slice(payload, 1000 * i, packet.length - 52),
                    Packets.slice(packet, 52, packet.length - 52));
        }
    }

    @Test
    void ipv4OptionsAndAWrongHintOfTheHeaderLengthDoNotMatter() {
        VirtioHeader.putSuperPacket(virtio, 0, VirtioHeader.GSO_TCPV4, 60_000, 700, 24, 16);
        List<byte[]> packets = cut(tcp(false, new byte[] {1, 1, 1, 1}, 1400));

        assertEquals(2, packets.size());
        for (byte[] packet : packets) {
            assertEquals(56 + 700, packet.length);
            assertEquals(0, Packets.checksum(Arrays.copyOf(packet, 24)));
            assertTrue(isChecksumRight(packet, 24, Packets.TCP));
        }
    }

    @Test
    void aSuperPacketOfIpv6IsCut() {
        VirtioHeader.putSuperPacket(virtio, 0, VirtioHeader.GSO_TCPV6, 72, 1228, 40, 16);
        List<byte[]> packets = cut(tcp(true, new byte[0], 60_000));

        assertEquals(49, packets.size());
        for (byte[] packet : packets) {
            assertEquals(packet.length - 40, Packets.u16(packet, 4));
            assertTrue(isChecksumRight(packet, 40, Packets.TCP));
        }
    }

    @Test
    void aSuperPacketOfUdpIsCutIntoDatagrams() {
        for (boolean ipv6 : new boolean[] {false, true}) {
            int transport = ipv6 ? 40 : 20;
            VirtioHeader.putSuperPacket(virtio, 0, VirtioHeader.GSO_UDP, transport + 8, 100, transport, 6);
            List<byte[]> packets = cut(udp(ipv6, 250));

            assertEquals(3, packets.size());
            for (byte[] packet : packets) {
                assertEquals(packet.length - transport, Packets.u16(packet, transport + 4));
                assertTrue(isChecksumRight(packet, transport, Packets.UDP));
            }
        }
    }

    @Test
    void aChecksumOfZeroGoesOutAsAllOnesInUdp() {
        byte[] packet = udp(false, 2);
        VirtioHeader.putSuperPacket(virtio, 0, VirtioHeader.GSO_NONE, 0, 0, 20, 6);
        ByteBuffer.wrap(packet).putShort(28, (short) 0);
        int checksum = Packets.u16(cut(packet).getFirst(), 26);
        // Payload that makes the sum all ones, which is the complement of zero.
        ByteBuffer.wrap(packet).putShort(28, (short) checksum);
        assertEquals(0xffff, Packets.u16(cut(packet).getFirst(), 26));

        VirtioHeader.putSuperPacket(virtio, 0, VirtioHeader.GSO_UDP, 28, 2, 20, 6);
        assertEquals(0xffff, Packets.u16(cut(packet).getFirst(), 26));
    }

    @Test
    void aPacketWithoutItsChecksumGetsIt() {
        VirtioHeader.putSuperPacket(virtio, 0, VirtioHeader.GSO_NONE, 0, 0, 20, 16);
        byte[] packet = tcp(false, new byte[0], 999);
        byte[] whole = cut(packet).getFirst();

        assertEquals(packet.length, whole.length);
        assertTrue(isChecksumRight(whole, 20, Packets.TCP));
        whole[36] = packet[36];
        whole[37] = packet[37];
        assertArrayEquals(packet, whole);
    }

    @Test
    void aWholePacketStaysAsItIs() {
        VirtioHeader.putWholePacket(virtio, 0);
        byte[] packet = Packets.payload(777, 3);
        List<byte[]> packets = cut(packet);

        assertEquals(1, packets.size());
        assertArrayEquals(packet, packets.getFirst());
    }

    @Test
    void whatContradictsItselfIsRefused() {
        byte[] tcp = tcp(false, new byte[0], 100);
        byte[] fragment = Packets.ipv4(0x2000, Packets.TCP, new byte[0], Packets.slice(tcp, 20, tcp.length - 20));
        assertRefused(tcp, VirtioHeader.GSO_TCPV6, 10, 20, 16, "of the other version");
        assertRefused(tcp, VirtioHeader.GSO_UDP, 10, 20, 6, "of another protocol");
        assertRefused(tcp, 3, 10, 20, 6, "the old fragmentation of UDP");
        assertRefused(tcp, VirtioHeader.GSO_TCPV4, 0, 20, 16, "segments of nothing");
        assertRefused(tcp, VirtioHeader.GSO_TCPV4, 10, 24, 16, "a checksum that begins elsewhere");
        assertRefused(tcp, VirtioHeader.GSO_TCPV4, 10, 20, 14, "a checksum that is elsewhere");
        assertRefused(tcp, VirtioHeader.GSO_NONE, 0, 60_000, 60_000, "a checksum that is outside");
        assertRefused(fragment, VirtioHeader.GSO_TCPV4, 10, 20, 16, "a fragment");
        assertRefused(Arrays.copyOf(tcp, 152 - 1), VirtioHeader.GSO_TCPV4, 10, 20, 16, "cut");
        assertRefused(tcp(false, new byte[0], 0), VirtioHeader.GSO_TCPV4, 10, 20, 16, "no payload");
        assertRefused(new byte[0], VirtioHeader.GSO_NONE, 0, 0, 0, "nothing");

        VirtioHeader.putSuperPacket(virtio, 0, VirtioHeader.GSO_TCPV4, 52, 10, 20, 16);
        virtio.set(ValueLayout.JAVA_BYTE, 0, (byte) 0);
        assertTrue(cut(tcp).isEmpty(), "a super-packet with a checksum");
    }

    private void assertRefused(byte[] packet, int gsoType, int segmentBytes, int start, int offset, String what) {
        VirtioHeader.putSuperPacket(virtio, 0, gsoType, 52, segmentBytes, start, offset);
        assertTrue(cut(packet).isEmpty(), what);
    }

    @Test
    void thePacketMayBeGivenUpHalfWay() {
        VirtioHeader.putSuperPacket(virtio, 0, VirtioHeader.GSO_TCPV4, 52, 10, 20, 16);
        byte[] bytes = bytes(tcp(false, new byte[0], 100));
        MemorySegment target = Arena.ofAuto().allocate(200);
        assertTrue(segmenter.begin(Packets.nativeAt(bytes, 0), 0, bytes.length));
        assertEquals(62, segmenter.next(target, 0));
        segmenter.end();

        assertFalse(segmenter.hasNext());
        assertThrows(IllegalStateException.class, () -> segmenter.next(target, 0));
    }
}
