package io.mpquic.tun;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** IPv4 packets without options, as tests make and take them apart. */
final class Ipv4Packet {
    static final int ICMP = 1;
    static final int UDP = 17;

    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final int HEADER_BYTES = 20;
    private static final int UDP_HEADER_BYTES = 8;
    private static final int SOURCE_OFFSET = 12;
    private static final int DESTINATION_OFFSET = 16;
    private static final int ECHO_REQUEST = 8;

    private final MemorySegment segment;

    private Ipv4Packet(MemorySegment segment) {
        this.segment = segment;
    }

    /** The packet in {@code segment}. */
    static Ipv4Packet of(MemorySegment segment) {
        return new Ipv4Packet(segment);
    }

    /** A UDP datagram with all checksums, in native memory. */
    static Ipv4Packet udp(String source, String destination, int port, String payload) throws UnknownHostException {
        byte[] text = payload.getBytes(StandardCharsets.UTF_8);
        int udpBytes = UDP_HEADER_BYTES + text.length;
        MemorySegment segment = Arena.ofAuto().allocate(HEADER_BYTES + udpBytes);
        segment.set(JAVA_BYTE, 0, (byte) 0x45);
        segment.set(SHORT, 2, (short) segment.byteSize());
        segment.set(JAVA_BYTE, 8, (byte) 64);
        segment.set(JAVA_BYTE, 9, (byte) UDP);
        MemorySegment.copy(InetAddress.getByName(source).getAddress(), 0, segment, JAVA_BYTE, SOURCE_OFFSET, 4);
        MemorySegment.copy(
                InetAddress.getByName(destination).getAddress(), 0, segment, JAVA_BYTE, DESTINATION_OFFSET, 4);
        segment.set(SHORT, 10, (short) ~sum(segment, 0, HEADER_BYTES, 0));
        segment.set(SHORT, HEADER_BYTES, (short) port);
        segment.set(SHORT, HEADER_BYTES + 2, (short) port);
        segment.set(SHORT, HEADER_BYTES + 4, (short) udpBytes);
        MemorySegment.copy(text, 0, segment, JAVA_BYTE, HEADER_BYTES + UDP_HEADER_BYTES, text.length);
        Ipv4Packet packet = new Ipv4Packet(segment);
        segment.set(SHORT, HEADER_BYTES + 6, (short) ~packet.udpSum());
        return packet;
    }

    MemorySegment segment() {
        return segment;
    }

    /** Whether it is an IPv4 packet of this protocol; the host also sends IPv6 packets of its own accord. */
    boolean isOf(int protocol) {
        return segment.byteSize() >= HEADER_BYTES
                && segment.get(JAVA_BYTE, 0) == 0x45
                && segment.get(JAVA_BYTE, 9) == protocol;
    }

    String udpPayload() {
        int offset = HEADER_BYTES + UDP_HEADER_BYTES;
        return new String(segment.asSlice(offset).toArray(JAVA_BYTE), StandardCharsets.UTF_8);
    }

    /** Whether the UDP checksum is there and right. */
    boolean isUdpChecksumRight() {
        return segment.get(SHORT, HEADER_BYTES + 6) != 0 && udpSum() == 0xffff;
    }

    boolean isEchoRequest() {
        return isOf(ICMP) && segment.get(JAVA_BYTE, HEADER_BYTES) == ECHO_REQUEST;
    }

    /** Turns the echo request into its reply, in place. */
    void turnIntoEchoReply() {
        byte[] source = segment.asSlice(SOURCE_OFFSET, 4).toArray(JAVA_BYTE);
        MemorySegment.copy(segment, DESTINATION_OFFSET, segment, SOURCE_OFFSET, 4);
        MemorySegment.copy(source, 0, segment, JAVA_BYTE, DESTINATION_OFFSET, 4);
        segment.set(JAVA_BYTE, HEADER_BYTES, (byte) 0);
        segment.set(SHORT, HEADER_BYTES + 2, (short) 0);
        segment.set(SHORT, HEADER_BYTES + 2, (short) ~sum(segment, HEADER_BYTES, segment.byteSize(), 0));
    }

    /** The sum over pseudo-header and datagram. */
    private int udpSum() {
        int udpBytes = Short.toUnsignedInt(segment.get(SHORT, HEADER_BYTES + 4));
        int addresses = sum(segment, SOURCE_OFFSET, HEADER_BYTES, UDP + udpBytes);
        return sum(segment, HEADER_BYTES, HEADER_BYTES + udpBytes, addresses);
    }

    /** The ones' complement sum of RFC 1071. */
    private static int sum(MemorySegment segment, long from, long to, int initial) {
        int sum = initial;
        for (long i = from; i < to; i += 2) {
            int high = Byte.toUnsignedInt(segment.get(JAVA_BYTE, i)) << 8;
            sum += high | (i + 1 < to ? Byte.toUnsignedInt(segment.get(JAVA_BYTE, i + 1)) : 0);
        }
        while (sum >>> 16 != 0) {
            sum = (sum & 0xffff) + (sum >>> 16);
        }
        return sum;
    }
}
