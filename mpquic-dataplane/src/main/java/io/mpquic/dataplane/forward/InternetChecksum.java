package io.mpquic.dataplane.forward;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** The checksum of IPv4, ICMP, TCP and UDP (RFC 1071), over packet memory. */
public final class InternetChecksum {
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
    private static final long LOW_HALF = 0xffff_ffffL;
    private static final boolean SWAP = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;

    private InternetChecksum() {}

    /**
     * The ones' complement sum of some bytes, taken as big-endian 16-bit words; an odd last byte counts as the high half
     * of a word.
     *
     * @return 0 to 0xffff, not complemented; sums of parts of even length can be added with {@link #add}
     */
    public static int sum(MemorySegment segment, long offset, int lengthBytes) {
        // RFC 1071 §2(B): the sum may be taken in the machine's own byte order and swapped at the end.
        long sum = 0;
        // Counted in whole words, and offset by a multiplication: of all ways to write it, one that C2 vectorises.
        int words = lengthBytes >>> 3;
        for (int i = 0; i < words; i++) {
            long word = segment.get(LONG, offset + 8L * i);
            sum += (word & LOW_HALF) + (word >>> 32);
        }
        int at = words << 3;
        if (at + 4 <= lengthBytes) {
            sum += segment.get(INT, offset + at) & LOW_HALF;
            at += 4;
        }
        int folded = fold((sum >>> 32) + (sum & LOW_HALF));
        if (SWAP) {
            folded = Short.toUnsignedInt(Short.reverseBytes((short) folded));
        }
        for (; at < lengthBytes; at++) {
            int octet = Byte.toUnsignedInt(segment.get(ValueLayout.JAVA_BYTE, offset + at));
            folded += (at & 1) == 0 ? octet << 8 : octet;
        }
        return fold(folded);
    }

    /** The ones' complement sum of two sums. */
    public static int add(int sum, int other) {
        return fold((long) sum + other);
    }

    /** What goes into the checksum field for this sum: its complement. */
    public static int complement(int sum) {
        return ~sum & 0xffff;
    }

    /**
     * The sum of a pseudo-header of IPv6 (RFC 8200 §8.1).
     *
     * @param ipv6 offset of the IPv6 header, whose addresses are used
     */
    public static int ipv6PseudoHeader(MemorySegment segment, long ipv6, int upperLengthBytes, int protocol) {
        int sum = sum(segment, ipv6 + 8, 32);
        sum = add(sum, upperLengthBytes >>> 16);
        sum = add(sum, upperLengthBytes & 0xffff);
        return add(sum, protocol);
    }

    /** The sum of the pseudo-header of IPv4 (RFC 9293 §3.1, RFC 768), whose addresses are those of the header. */
    static int ipv4PseudoHeader(MemorySegment segment, long ipv4, int upperLengthBytes, int protocol) {
        return fold((long) sum(segment, ipv4 + 12, 8) + upperLengthBytes + protocol);
    }

    /** The checksum field after a 16-bit word under it has changed (RFC 1624 §3, equation 3). */
    public static int update(int checksum, int oldWord, int newWord) {
        return complement(fold((long) complement(checksum) + complement(oldWord) + newWord));
    }

    private static int fold(long sum) {
        long folded = sum;
        while (folded > 0xffff) {
            folded = (folded >>> 16) + (folded & 0xffff);
        }
        return (int) folded;
    }
}
