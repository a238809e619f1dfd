package io.mpquic.tun;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The header that Linux puts before each packet of a TUN device with offload ({@code struct virtio_net_hdr}), in packet
 * memory, in the byte order of the machine.
 *
 * <pre>
 *   0       1          2               4               6                8                 10
 *   | flags | GSO type | header length | segment bytes | checksum start | checksum offset |
 * </pre>
 *
 * <p>Offsets and lengths in it count from the IP header. The checksum covers everything from its start to the end, and
 * its field, which is so far behind the start, holds the sum of the pseudo-header.
 */
public final class VirtioHeader {
    /** Its length in bytes. */
    public static final int BYTES = 10;

    /** Flag: the checksum is not filled in. */
    public static final int NEEDS_CHECKSUM = 1;

    /** GSO type: one packet. */
    public static final int GSO_NONE = 0;

    /** GSO type: TCP over IPv4. */
    public static final int GSO_TCPV4 = 1;

    /** GSO type: TCP over IPv6. */
    public static final int GSO_TCPV6 = 4;

    /** GSO type: UDP datagrams of one size, each with a header of its own. */
    public static final int GSO_UDP = 5;

    /** Goes with a GSO type: the first packet has the CWR flag of TCP (RFC 3168 §6.1.2). */
    public static final int GSO_ECN = 0x80;

    private static final ValueLayout.OfByte OCTET = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfShort WORD = ValueLayout.JAVA_SHORT_UNALIGNED;

    private static final int GSO_TYPE_AT = 1;
    private static final int HEADER_LENGTH_AT = 2;
    private static final int SEGMENT_BYTES_AT = 4;
    private static final int CHECKSUM_START_AT = 6;
    private static final int CHECKSUM_OFFSET_AT = 8;

    private VirtioHeader() {}

    /** A set of flags, of which {@link #NEEDS_CHECKSUM} matters. */
    public static int flags(MemorySegment segment, long offset) {
        return Byte.toUnsignedInt(segment.get(OCTET, offset));
    }

    /** One of the GSO types, perhaps with {@link #GSO_ECN}. */
    public static int gsoType(MemorySegment segment, long offset) {
        return Byte.toUnsignedInt(segment.get(OCTET, offset + GSO_TYPE_AT));
    }

    /** How long the headers are that every packet gets; a hint only, and sometimes far off. */
    public static int headerLengthBytes(MemorySegment segment, long offset) {
        return word(segment, offset + HEADER_LENGTH_AT);
    }

    /** How much payload each packet gets; the last may have less. */
    public static int segmentBytes(MemorySegment segment, long offset) {
        return word(segment, offset + SEGMENT_BYTES_AT);
    }

    /** Where the bytes begin that the checksum covers. */
    public static int checksumStart(MemorySegment segment, long offset) {
        return word(segment, offset + CHECKSUM_START_AT);
    }

    /** Where the checksum field is, counted from {@link #checksumStart}. */
    public static int checksumOffset(MemorySegment segment, long offset) {
        return word(segment, offset + CHECKSUM_OFFSET_AT);
    }

    /** Writes the header of a super-packet, whose checksum is not filled in. */
    public static void putSuperPacket(
            MemorySegment segment,
            long offset,
            int gsoType,
            int headerLengthBytes,
            int segmentBytes,
            int checksumStart,
            int checksumOffset) {
        segment.set(OCTET, offset, (byte) NEEDS_CHECKSUM);
        segment.set(OCTET, offset + GSO_TYPE_AT, (byte) gsoType);
        segment.set(WORD, offset + HEADER_LENGTH_AT, (short) headerLengthBytes);
        segment.set(WORD, offset + SEGMENT_BYTES_AT, (short) segmentBytes);
        segment.set(WORD, offset + CHECKSUM_START_AT, (short) checksumStart);
        segment.set(WORD, offset + CHECKSUM_OFFSET_AT, (short) checksumOffset);
    }

    /** Writes the header of a packet that is as it should be. */
    public static void putWholePacket(MemorySegment segment, long offset) {
        segment.asSlice(offset, BYTES).fill((byte) 0);
    }

    private static int word(MemorySegment segment, long at) {
        return Short.toUnsignedInt(segment.get(WORD, at));
    }
}
