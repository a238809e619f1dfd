package io.mpquic.dataplane.forward;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Reads and writes the fields of IPv4 (RFC 791) and IPv6 (RFC 8200) headers in packet memory.
 *
 * <p>All offsets given are those of the first byte of the IP header. {@link #lengthBytes} is the gate: the other methods
 * expect a packet that has passed it.
 */
public final class IpPacket {
    static final int IPV4_HEADER_BYTES = 20;
    static final int IPV6_HEADER_BYTES = 40;

    static final int PROTOCOL_HOP_BY_HOP = 0;
    static final int PROTOCOL_ICMP = 1;
    static final int PROTOCOL_TCP = 6;
    static final int PROTOCOL_UDP = 17;
    static final int PROTOCOL_ROUTING = 43;
    static final int PROTOCOL_FRAGMENT = 44;
    static final int PROTOCOL_ICMPV6 = 58;
    static final int PROTOCOL_DESTINATION_OPTIONS = 60;

    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private static final int DONT_FRAGMENT = 0x4000;
    private static final int MORE_FRAGMENTS = 0x2000;
    private static final int FRAGMENT_OFFSET = 0x1fff;

    /** More extension headers than this before the transport header is no honest packet. */
    private static final int MAX_EXTENSION_HEADERS = 8;

    private IpPacket() {}

    /**
     * Checks version and lengths of what should be an IP packet.
     *
     * <p>Header checksum, options and addresses are left to the host, which checks them anyway.
     *
     * @param availableBytes how many bytes there are
     * @return the packet's length by its own header, at most {@code availableBytes}; 0 when it is no IP packet
     */
    public static int lengthBytes(MemorySegment segment, long offset, int availableBytes) {
        int total = lengthByHeader(segment, offset, availableBytes);
        return total <= availableBytes ? total : 0;
    }

    /**
     * Whether this is the beginning of an IP packet that is longer than what there is of it.
     *
     * @param availableBytes how many bytes there are
     */
    public static boolean isCut(MemorySegment segment, long offset, int availableBytes) {
        return lengthByHeader(segment, offset, availableBytes) > availableBytes;
    }

    /** The packet's length by its own header; 0 when it is no IP packet, or not all of its header is there. */
    private static int lengthByHeader(MemorySegment segment, long offset, int availableBytes) {
        if (availableBytes < IPV4_HEADER_BYTES) {
            return 0;
        }
        int version = version(segment, offset);
        if (version == 4) {
            // RFC 1122 §3.2.1.1 and RFC 1812 §5.2.2: header length at least 20, total length at least the header's.
            int total = word(segment, offset + 2);
            int header = ipv4HeaderBytes(segment, offset);
            return header < IPV4_HEADER_BYTES || header > availableBytes || total < header ? 0 : total;
        }
        return version == 6 && availableBytes >= IPV6_HEADER_BYTES ? IPV6_HEADER_BYTES + word(segment, offset + 4) : 0;
    }

    /** The version in the first byte: 4 and 6 are known, anything up to 15 may stand there. */
    public static int version(MemorySegment segment, long offset) {
        return octet(segment, offset) >>> 4;
    }

    static int ipv4HeaderBytes(MemorySegment segment, long offset) {
        return (octet(segment, offset) & 0xf) * 4;
    }

    /** Whether an IPv4 packet must not be fragmented on its way. */
    public static boolean dontFragment(MemorySegment segment, long offset) {
        return (word(segment, offset + 6) & DONT_FRAGMENT) != 0;
    }

    static boolean moreFragments(MemorySegment segment, long offset) {
        return (word(segment, offset + 6) & MORE_FRAGMENTS) != 0;
    }

    /** The fragment offset of an IPv4 packet, in units of 8 bytes. */
    static int fragmentOffset(MemorySegment segment, long offset) {
        return word(segment, offset + 6) & FRAGMENT_OFFSET;
    }

    static void fragment(MemorySegment segment, long offset, int fragmentOffset, boolean moreFragments) {
        putWord(segment, offset + 6, fragmentOffset | (moreFragments ? MORE_FRAGMENTS : 0));
    }

    /** Writes the checksum of an IPv4 header. */
    static void ipv4Checksum(MemorySegment segment, long offset, int headerBytes) {
        putWord(segment, offset + 10, 0);
        putWord(segment, offset + 10, InternetChecksum.complement(InternetChecksum.sum(segment, offset, headerBytes)));
    }

    /**
     * Finds the transport header behind the IPv6 extension headers that may stand before it (RFC 8200 §4.1).
     *
     * @param lengthBytes the packet's length
     * @return {@code transport offset << 8 | protocol}, the offset counted from the IP header; -1 when the packet is a
     *     later fragment, or is cut, or has more extension headers than an honest one
     */
    static int ipv6Transport(MemorySegment segment, long offset, int lengthBytes) {
        int protocol = octet(segment, offset + 6);
        int at = IPV6_HEADER_BYTES;
        for (int i = 0; i < MAX_EXTENSION_HEADERS; i++) {
            boolean extension = protocol == PROTOCOL_HOP_BY_HOP
                    || protocol == PROTOCOL_ROUTING
                    || protocol == PROTOCOL_DESTINATION_OPTIONS
                    || protocol == PROTOCOL_FRAGMENT;
            if (!extension) {
                return at << 8 | protocol;
            }
            if (at + 8 > lengthBytes) {
                return -1;
            }
            if (protocol == PROTOCOL_FRAGMENT && word(segment, offset + at + 2) >>> 3 != 0) {
                return -1;
            }
            int headerBytes = protocol == PROTOCOL_FRAGMENT ? 8 : 8 + 8 * octet(segment, offset + at + 1);
            protocol = octet(segment, offset + at);
            at += headerBytes;
        }
        return -1;
    }

    static int octet(MemorySegment segment, long at) {
        return Byte.toUnsignedInt(segment.get(ValueLayout.JAVA_BYTE, at));
    }

    static int word(MemorySegment segment, long at) {
        return Short.toUnsignedInt(segment.get(SHORT, at));
    }

    static int doubleWord(MemorySegment segment, long at) {
        return segment.get(INT, at);
    }

    static void putOctet(MemorySegment segment, long at, int value) {
        segment.set(ValueLayout.JAVA_BYTE, at, (byte) value);
    }

    static void putWord(MemorySegment segment, long at, int value) {
        segment.set(SHORT, at, (short) value);
    }

    static void putDoubleWord(MemorySegment segment, long at, int value) {
        segment.set(INT, at, value);
    }
}
