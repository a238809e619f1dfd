package io.mpquic.quic.crypto;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Applies and removes header protection (RFC 9001 §5.4), which hides the packet number, its length and the key phase.
 *
 * <pre>
 *   first byte, long header    | 1 1 T T | R R P P |   low 4 bits masked
 *   first byte, short header   | 0 1 S | R R K P P |   low 5 bits masked
 *   packet number              1 to 4 bytes, all masked
 * </pre>
 */
public final class HeaderProtection {
    private static final int LONGEST_PACKET_NUMBER_BYTES = 4;

    /**
     * A packet must have this many bytes from its packet number field on, or it has no sample to compute a mask from
     * and is dropped (RFC 9001 §5.4.2).
     */
    public static final int MINIMUM_BYTES_FROM_PACKET_NUMBER = LONGEST_PACKET_NUMBER_BYTES + HeaderMask.SAMPLE_BYTES;

    private static final int LONG_HEADER_FORM = 0x80;
    private static final int LONG_HEADER_MASKED_BITS = 0x0f;
    private static final int SHORT_HEADER_MASKED_BITS = 0x1f;
    private static final int PACKET_NUMBER_LENGTH_BITS = 0x03;

    private HeaderProtection() {}

    /**
     * Protects the header of a packet whose payload is sealed.
     *
     * @param packetOffset where the first byte of the header stands
     * @param packetNumberOffset where the packet number stands
     * @param packetNumberBytes length of the packet number, 1 to 4
     * @throws IndexOutOfBoundsException if the packet has less than {@link #MINIMUM_BYTES_FROM_PACKET_NUMBER}
     */
    public static void protect(
            HeaderMask headerMask,
            MemorySegment packet,
            long packetOffset,
            long packetNumberOffset,
            int packetNumberBytes) {
        long mask = headerMask.mask(packet, sampleOffset(packetNumberOffset));
        int first = packet.get(ValueLayout.JAVA_BYTE, packetOffset);
        packet.set(ValueLayout.JAVA_BYTE, packetOffset, (byte) (first ^ firstByteMask(first, mask)));
        maskPacketNumber(packet, packetNumberOffset, packetNumberBytes, mask);
    }

    /**
     * Removes the protection. The first byte and the packet number are then in the clear, but not to be trusted before
     * the packet is opened.
     *
     * @param packetOffset where the first byte of the header stands
     * @param packetNumberOffset where the packet number stands
     * @return length of the packet number, 1 to 4
     * @throws IndexOutOfBoundsException if the segment ends before {@link #MINIMUM_BYTES_FROM_PACKET_NUMBER}
     */
    public static int unprotect(
            HeaderMask headerMask, MemorySegment packet, long packetOffset, long packetNumberOffset) {
        long mask = headerMask.mask(packet, sampleOffset(packetNumberOffset));
        int first = packet.get(ValueLayout.JAVA_BYTE, packetOffset);
        first ^= firstByteMask(first, mask);
        packet.set(ValueLayout.JAVA_BYTE, packetOffset, (byte) first);
        int packetNumberBytes = (first & PACKET_NUMBER_LENGTH_BITS) + 1;
        maskPacketNumber(packet, packetNumberOffset, packetNumberBytes, mask);
        return packetNumberBytes;
    }

    private static long sampleOffset(long packetNumberOffset) {
        // RFC 9001 §5.4.2: the sample starts as if the packet number had four bytes, whatever its length.
        return packetNumberOffset + LONGEST_PACKET_NUMBER_BYTES;
    }

    private static int firstByteMask(int first, long mask) {
        // RFC 9001 §5.4.1: header form, fixed bit and type stay readable; in a short header the spin bit does.
        int bits = (first & LONG_HEADER_FORM) != 0 ? LONG_HEADER_MASKED_BITS : SHORT_HEADER_MASKED_BITS;
        return (int) (mask >>> 32) & bits;
    }

    private static void maskPacketNumber(MemorySegment packet, long offset, int lengthBytes, long mask) {
        for (int i = 0; i < lengthBytes; i++) {
            byte maskByte = (byte) (mask >>> (24 - 8 * i));
            byte clear = packet.get(ValueLayout.JAVA_BYTE, offset + i);
            packet.set(ValueLayout.JAVA_BYTE, offset + i, (byte) (clear ^ maskByte));
        }
    }
}
