package io.mpquic.quic.wire;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Packet numbers, of which a packet carries only the lowest 1 to 4 bytes (RFC 9000 §17.1, appendices A.2 and A.3).
 *
 * <p>Stateless: every method is safe from any thread.
 */
public final class PacketNumber {
    /** The longest encoding. */
    public static final int MAX_LENGTH_BYTES = 4;

    /** What stands for "none so far" where a packet number is expected. */
    public static final long NONE = -1;

    private PacketNumber() {}

    /**
     * How many bytes a number needs so that the peer decodes it whatever it has received until now.
     *
     * @param packetNumber the number of the packet to send
     * @param largestAcknowledged the largest number the peer has acknowledged in this space; -1 for none
     * @return 1 to 4
     * @throws IllegalArgumentException if the number was acknowledged already, or is 2^31 or more ahead
     */
    public static int lengthBytes(long packetNumber, long largestAcknowledged) {
        long unacknowledged = packetNumber - largestAcknowledged;
        if (packetNumber < 0 || unacknowledged <= 0 || unacknowledged >= 1L << 31) {
            throw new IllegalArgumentException(
                    "packet " + packetNumber + " with " + largestAcknowledged + " acknowledged");
        }
        // RFC 9000 §17.1: the encoding has to span more than twice the distance to the largest acknowledged one.
        int bits = Long.SIZE - Long.numberOfLeadingZeros(2 * unacknowledged);
        return (bits + 7) / 8;
    }

    /**
     * The full number: the one with these low bytes that is closest to the next expected one (RFC 9000, appendix A.3).
     *
     * @param truncated the bytes that the packet carries, as an unsigned number
     * @param lengthBytes how many they are, 1 to 4
     * @param largestReceived the largest number of an authenticated packet in this space; -1 for none
     * @return the full number
     */
    public static long decode(long truncated, int lengthBytes, long largestReceived) {
        long expected = largestReceived + 1;
        long window = 1L << (lengthBytes * 8);
        long halfWindow = window / 2;
        long candidate = (expected & -window) | truncated;
        if (candidate <= expected - halfWindow && candidate <= VarInt.MAX - window) {
            return candidate + window;
        }
        // Where the window reaches beyond the last packet number there is, the number is one of those before.
        if ((candidate > expected + halfWindow || candidate > VarInt.MAX) && candidate >= window) {
            return candidate - window;
        }
        return candidate;
    }

    /**
     * Writes the lowest bytes of a number.
     *
     * @param lengthBytes 1 to 4, from {@link #lengthBytes}
     */
    public static void write(WireWriter writer, long packetNumber, int lengthBytes) {
        switch (lengthBytes) {
            case 1 -> writer.writeByte((int) packetNumber);
            case 2 -> writer.writeShort((int) packetNumber);
            case 3 -> writer.writeByte((int) (packetNumber >>> 16)).writeShort((int) packetNumber);
            case 4 -> writer.writeInt((int) packetNumber);
            default -> throw new IllegalArgumentException("a packet number of " + lengthBytes + " bytes");
        }
    }

    /**
     * Reads the bytes of a truncated number, once header protection is removed.
     *
     * @param lengthBytes 1 to 4
     * @return the unsigned value, for {@link #decode}
     */
    public static long read(MemorySegment packet, long offset, int lengthBytes) {
        long value = 0;
        for (int i = 0; i < lengthBytes; i++) {
            value = (value << 8) | (packet.get(ValueLayout.JAVA_BYTE, offset + i) & 0xff);
        }
        return value;
    }
}
