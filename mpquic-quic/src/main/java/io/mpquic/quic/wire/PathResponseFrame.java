package io.mpquic.quic.wire;

/**
 * PATH_RESPONSE (RFC 9000 §19.18): the echo of a PATH_CHALLENGE.
 *
 * @param data the eight bytes, highest first; any value
 */
public record PathResponseFrame(long data) implements Frame {
    /** The frame type. */
    public static final long TYPE = 0x1b;

    static PathResponseFrame read(WireReader reader) throws TransportException {
        return new PathResponseFrame(reader.readLong());
    }

    @Override
    public long type() {
        return TYPE;
    }

    @Override
    public int lengthBytes() {
        return 1 + Long.BYTES;
    }

    @Override
    public void writeTo(WireWriter writer) {
        writer.writeByte((int) TYPE).writeLong(data);
    }
}
