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

    /**
     * Whether a datagram ends with this token. Takes the same time wherever a difference is.
     *
     * @param datagram the memory the datagram stands in
     * @param endOffset where the datagram ends; at least 16 bytes stand before it
     */
    public boolean matchesEndOf(MemorySegment datagram, long endOffset) {
        long offset = endOffset - LENGTH_BYTES;
        return isSame(datagram.get(BigEndian.LONG, offset), datagram.get(BigEndian.LONG, offset + Long.BYTES));
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
