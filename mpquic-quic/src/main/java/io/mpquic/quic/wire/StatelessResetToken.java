package io.mpquic.quic.wire;

import java.lang.foreign.MemorySegment;

/**
 * The 16 bytes at the end of a stateless reset that prove who sent it (RFC 9000 §10.3).
 *
 * @param high the first eight bytes, highest first
 * @param low the last eight bytes, highest first
 */
public record StatelessResetToken(long high, long low) {
    /** The length of every token. */
    public static final int LENGTH_BYTES = 16;

    /**
     * The token of 16 bytes.
     *
     * @throws IllegalArgumentException if they are not 16
     */
    public static StatelessResetToken of(byte[] bytes) {
        if (bytes.length != LENGTH_BYTES) {
            throw new IllegalArgumentException("a stateless reset token of " + bytes.length + " bytes");
        }
        MemorySegment segment = MemorySegment.ofArray(bytes);
        return new StatelessResetToken(segment.get(BigEndian.LONG, 0), segment.get(BigEndian.LONG, Long.BYTES));
    }

    /** The token that a datagram would end with if it were a stateless reset (RFC 9000 §10.3). */
    public static StatelessResetToken atEndOf(MemorySegment datagram, long end) {
        return new StatelessResetToken(
                datagram.get(BigEndian.LONG, end - LENGTH_BYTES), datagram.get(BigEndian.LONG, end - Long.BYTES));
    }

    static StatelessResetToken read(WireReader reader) throws TransportException {
        return new StatelessResetToken(reader.readLong(), reader.readLong());
    }

    /** The 16 bytes, in a new array. */
    public byte[] bytes() {
        byte[] bytes = new byte[LENGTH_BYTES];
        writeTo(WireWriter.of(bytes));
        return bytes;
    }

    /** Writes the 16 bytes. */
    public void writeTo(WireWriter writer) {
        writer.writeLong(high).writeLong(low);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof StatelessResetToken that && isSame(that.high, that.low);
    }

    @Override
    public int hashCode() {
        return Long.hashCode(high * 31 + low);
    }

    /** Keeps the value out of logs: whoever knows it can end the connection. */
    @Override
    public String toString() {
        return "StatelessResetToken[hidden]";
    }

    // RFC 9000 §10.3.1: a comparison must not tell an attacker by its duration how many bytes were right.
    private boolean isSame(long otherHigh, long otherLow) {
        return ((high ^ otherHigh) | (low ^ otherLow)) == 0;
    }
}
