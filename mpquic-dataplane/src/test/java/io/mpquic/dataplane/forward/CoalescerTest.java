package io.mpquic.dataplane.forward;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.mpquic.dataplane.Packets;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CoalescerTest {
    private static final int ACK = 0x10;
    private static final int PSH = 0x08;

    private final CollectingSink sink = new CollectingSink();
    private final Coalescer coalescer = new Coalescer(sink, true, true);
    private final List<byte[]> added = new ArrayList<>();

    private void add(byte[] packet) throws IOException {
        added.add(packet);
        coalescer.add(Packets.nativeAt(packet, 5), 5, packet.length);
    }

    private void assertAllArrivedInOrder() throws IOException {
        coalescer.flush();
        List<byte[]> packets = sink.packets();
        assertEquals(added.size(), packets.size());
        for (int i = 0; i < packets.size(); i++) {
            assertArrayEquals(added.get(i), packets.get(i), "packet " + i);
        }
    }

    private static byte[] tcp(int port, int sequence, int flags, int payloadBytes, int identification) {
        ByteBuffer tcp = ByteBuffer.allocate(20 + payloadBytes);
        tcp.putShort((short) port).putShort((short) 443).putInt(sequence).putInt(5);
        tcp.put((byte) 0x50).put((byte) flags).putShort((short) 100).putInt(0);
        tcp.put(Packets.payload(payloadBytes, sequence));
        tcp.putShort(16, (short) Packets.checksum(Packets.pseudo(false, Packets.TCP, tcp.array())));
        byte[] packet = Packets.ipv4(0x4000, Packets.TCP, new byte[0], tcp.array());
        FlowSource.setIpv4Word(packet, 4, identification);
        return packet;
    }

    private static byte[] udp(int port, int payloadBytes, int identification) {
        ByteBuffer udp = ByteBuffer.allocate(8 + payloadBytes);
        udp.putShort((short) port).putShort((short) 443).putShort((short) udp.capacity());
        udp.putShort((short) 0).put(Packets.payload(payloadBytes, identification));
        udp.putShort(6, (short) Packets.checksum(Packets.pseudo(false, Packets.UDP, udp.array())));
        byte[] packet = Packets.ipv4(0x4000, Packets.UDP, new byte[0], udp.array());
        FlowSource.setIpv4Word(packet, 4, identification);
        return packet;
    }

    @Test
    void segmentsThatContinueEachOtherLeaveAsOne() throws IOException {
        for (int i = 0; i < 10; i++) {
            add(tcp(1, 1000 * i, ACK, 1000, i));
        }
        assertEquals(List.of(), sink.sizes(), "nothing leaves before the end");
        coalescer.flush();

        assertEquals(List.of(10), sink.sizes());
        assertAllArrivedInOrder();
    }

    @Test
    void aPushEndsTheSuperPacket() throws IOException {
        add(tcp(1, 0, ACK, 1000, 0));
        add(tcp(1, 1000, ACK | PSH, 1000, 1));
        assertEquals(List.of(2), sink.sizes());
        add(tcp(1, 2000, ACK | PSH, 1000, 2));
        assertEquals(List.of(2, 1), sink.sizes());
        assertAllArrivedInOrder();
    }

    @Test
    void aShorterSegmentIsTheLastAndALongerOneTheFirstOfTheNext() throws IOException {
        add(tcp(1, 0, ACK, 1000, 0));
        add(tcp(1, 1000, ACK, 500, 1));
        assertEquals(List.of(2), sink.sizes());
        add(tcp(1, 1500, ACK, 500, 2));
        add(tcp(1, 2000, ACK, 501, 3));
        assertEquals(List.of(2, 1), sink.sizes());
        assertAllArrivedInOrder();
    }

    @Test
    void whatCannotJoinDoesNotOvertake() throws IOException {
        add(tcp(1, 0, ACK, 1000, 0));
        add(tcp(1, 1000, ACK, 1000, 1));
        add(tcp(1, 2000, ACK, 0, 2));
        assertEquals(List.of(2, 1), sink.sizes());
        add(tcp(1, 2000, ACK, 1000, 3));
        add(tcp(1, 5000, ACK, 1000, 4));
        assertEquals(List.of(2, 1, 1), sink.sizes());
        assertAllArrivedInOrder();
    }

    @Test
    void aWrongChecksumGoesOutAloneAndAsItIs() throws IOException {
        add(tcp(1, 0, ACK, 1000, 0));
        byte[] spoilt = tcp(1, 1000, ACK, 1000, 1);
        spoilt[700] ^= 1;
        add(spoilt);
        assertEquals(List.of(1, 1), sink.sizes());
        byte[] spoiltHeader = tcp(1, 2000, ACK, 1000, 2);
        spoiltHeader[10] ^= 1;
        add(spoiltHeader);
        assertEquals(List.of(1, 1, 1), sink.sizes());
        assertAllArrivedInOrder();
    }

    @Test
    void aFragmentWaitsForAllThatCameBefore() throws IOException {
        add(tcp(1, 0, ACK, 1000, 0));
        byte[] fragment = udp(9, 100, 1);
        FlowSource.setIpv4Word(fragment, 6, 0x2000);
        add(fragment);
        assertEquals(List.of(1, 1), sink.sizes());
        assertAllArrivedInOrder();
    }

    @Test
    void anotherProtocolMayOvertake() throws IOException {
        byte[] segment = tcp(1, 0, ACK, 1000, 0);
        byte[] echo = Packets.ipv4(0, Packets.ICMP, new byte[0], new byte[64]);
        add(segment);
        add(echo);
        coalescer.flush();
        assertArrayEquals(echo, sink.emitted.get(0).bytes());
        assertArrayEquals(segment, sink.emitted.get(1).bytes());
    }

    @Test
    void severalFlowsAreJoinedSideBySide() throws IOException {
        for (int i = 0; i < 5; i++) {
            for (int port = 1; port <= 8; port++) {
                add(tcp(port, 1000 * i, ACK, 1000, i));
            }
        }
        coalescer.flush();
        assertEquals(List.of(5, 5, 5, 5, 5, 5, 5, 5), sink.sizes());
    }

    @Test
    void aFlowTooManyTakesThePlaceOfAnother() throws IOException {
        for (int port = 1; port <= 9; port++) {
            add(tcp(port, 0, ACK, 1000, 0));
        }
        assertEquals(List.of(1), sink.sizes());
        coalescer.flush();
        assertEquals(9, sink.packets().size());
        assertArrayEquals(added.getFirst(), sink.packets().getFirst());
    }

    @Test
    void aSuperPacketIsAtMost64KilobytesAnd128Packets() throws IOException {
        for (int i = 0; i < 50; i++) {
            add(tcp(1, 1400 * i, ACK, 1400, i));
        }
        assertEquals(List.of(46), sink.sizes());
        coalescer.flush();
        for (int i = 0; i < 130; i++) {
            add(tcp(2, 10 * i, ACK, 10, i));
        }
        assertEquals(List.of(46, 4, 128), sink.sizes());
        coalescer.flush();
        for (int i = 0; i < 65; i++) {
            add(udp(3, 10, i));
        }
        assertEquals(List.of(46, 4, 128, 2, 64), sink.sizes());
    }

    @Test
    void datagramsAreJoinedOnlyWhereTheDeviceTakesThem() throws IOException {
        Coalescer tcpOnly = new Coalescer(sink, true, false);
        Coalescer nothing = new Coalescer(sink, false, false);
        for (int i = 0; i < 3; i++) {
            add(udp(1, 100, i));
            byte[] datagram = udp(1, 100, i);
            tcpOnly.add(Packets.nativeAt(datagram, 0), 0, datagram.length);
        }
        assertEquals(List.of(1, 1, 1), sink.sizes());
        coalescer.flush();
        tcpOnly.flush();
        assertEquals(List.of(1, 1, 1, 3), sink.sizes());
        for (int i = 0; i < 2; i++) {
            byte[] segment = tcp(1, 1000 * i, ACK, 1000, i);
            nothing.add(Packets.nativeAt(segment, 0), 0, segment.length);
        }
        assertEquals(List.of(1, 1, 1, 3, 1, 1), sink.sizes());
    }

    @Test
    void aDatagramWithoutAChecksumIsNotGivenOne() throws IOException {
        for (int i = 0; i < 2; i++) {
            byte[] datagram = udp(1, 100, i);
            datagram[26] = 0;
            datagram[27] = 0;
            add(datagram);
        }
        assertEquals(List.of(1, 1), sink.sizes());
        assertAllArrivedInOrder();
    }

    @Test
    void aChecksumThatIsRightButWrittenOtherwiseIsNotRewritten() throws IOException {
        // Payload that takes up what the checksum would have been: then all ones and zero are both right.
        for (int i = 0; i < 2; i++) {
            byte[] datagram = udp(1, 100, i);
            datagram[126] = 0;
            datagram[127] = 0;
            replaceChecksum(datagram, Packets.UDP, 26, 126, 0);
            add(datagram);
            byte[] segment = tcp(2, 1000 * i, ACK, 1000, i);
            segment[1038] = 0;
            segment[1039] = 0;
            replaceChecksum(segment, Packets.TCP, 36, 1038, 0xffff);
            add(segment);
        }
        assertEquals(List.of(1, 1, 1, 1), sink.sizes());
        assertAllArrivedInOrder();
    }

    private static void replaceChecksum(byte[] packet, int protocol, int checksumAt, int freeAt, int checksum) {
        ByteBuffer bytes = ByteBuffer.wrap(packet);
        bytes.putShort(checksumAt, (short) 0);
        byte[] upper = Packets.slice(packet, 20, packet.length - 20);
        bytes.putShort(freeAt, (short) Packets.checksum(Packets.pseudo(false, protocol, upper)));
        bytes.putShort(checksumAt, (short) checksum);
        upper = Packets.slice(packet, 20, packet.length - 20);
        assertEquals(0, Packets.checksum(Packets.pseudo(false, protocol, upper)));
    }

    @Test
    void afterASinkThatFailedTheNextPacketsGoOn() throws IOException {
        SuperPacketSink broken = new SuperPacketSink() {
            @Override
            public void packet(MemorySegment buffer, long offset, int lengthBytes) throws IOException {
                throw new IOException("gone");
            }

            @Override
            public void superPacket(io.mpquic.tun.IoVector vector, int packets, int packetBytes) throws IOException {
                throw new IOException("gone");
            }
        };
        Coalescer toBroken = new Coalescer(broken, true, true);
        byte[] first = tcp(1, 0, ACK, 1000, 0);
        byte[] second = tcp(1, 1000, ACK, 1000, 1);
        toBroken.add(Packets.nativeAt(first, 0), 0, first.length);
        toBroken.add(Packets.nativeAt(second, 0), 0, second.length);
        assertThrows(IOException.class, toBroken::flush);
        toBroken.flush();
    }

    @Test
    void anyBytesAreTaken() throws IOException {
        Random random = new Random(4);
        for (int i = 0; i < 100_000; i++) {
            byte[] bytes = new byte[random.nextInt(100)];
            random.nextBytes(bytes);
            if (bytes.length > 20) {
                bytes[0] = (byte) (random.nextBoolean() ? 0x45 + random.nextInt(3) : 0x60);
                bytes[2] = 0;
                bytes[3] = (byte) (random.nextInt(4) > 0 ? bytes.length : random.nextInt(100));
                bytes[4] = 0;
                bytes[5] = (byte) (bytes.length - 40);
                bytes[6] = (byte) (bytes[0] >>> 4 == 6 ? random.nextBoolean() ? 6 : 17 : 0);
                bytes[9] = (byte) (random.nextBoolean() ? 6 : 17);
            }
            MemorySegment memory = Packets.nativeAt(bytes, 0).asSlice(0, bytes.length);
            coalescer.add(memory, 0, bytes.length);
        }
        coalescer.flush();
        assertEquals(
                100_000,
                sink.emitted.stream().mapToInt(CollectingSink.Emitted::packets).sum());
    }
}
