package io.mpquic.quic.wire;

/**
 * Variable-length integers (RFC 9000 §16): the two highest bits of the first byte say how long the integer is.
 *
 * <pre>
 *   00xxxxxx                                     1 byte,   6 bits
 *   01xxxxxx xxxxxxxx                            2 bytes, 14 bits
 *   10xxxxxx xxxxxxxx xxxxxxxx xxxxxxxx          4 bytes, 30 bits
 *   11xxxxxx xxxxxxxx ... (8 bytes in all)       8 bytes, 62 bits
 * </pre>
 *
 * <p>{@link WireReader#readVarInt()} and {@link WireWriter#writeVarInt(long)} do the reading and writing.
 */
public final class VarInt {
    /** The largest value: 2^62 - 1. */
    public static final long MAX = (1L << 62) - 1;

    static final long MAX_ONE_BYTE = (1L << 6) - 1;
    static final long MAX_TWO_BYTES = (1L << 14) - 1;
    static final long MAX_FOUR_BYTES = (1L << 30) - 1;

    private VarInt() {}

    /**
     * The length of the shortest encoding of a value.
     *
     * @param value 0 to {@link #MAX}
     * @return 1, 2, 4 or 8
     * @throws IllegalArgumentException if the value is out of range
     */
    public static int lengthBytes(long value) {
        require(value);
        if (value <= MAX_ONE_BYTE) {
            return 1;
        }
        if (value <= MAX_TWO_BYTES) {
            return 2;
        }
        return value <= MAX_FOUR_BYTES ? 4 : 8;
    }

    /** Refuses a value that no variable-length integer can hold. */
    static void require(long value) {
        if (value < 0 || value > MAX) {
            throw new IllegalArgumentException("not a variable-length integer: " + value);
        }
    }
}
