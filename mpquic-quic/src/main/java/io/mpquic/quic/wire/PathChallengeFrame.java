package io.mpquic.quic.wire;

/**
 * PATH_CHALLENGE (RFC 9000 §19.17): asks the peer to echo eight bytes on the same path.
 *
 * @param data the eight bytes, highest first; any value
 */
public record PathChallengeFrame(long data) implements Frame {
    /** The frame type. */
    public static final long TYPE = 0x1a;

    static PathChallengeFrame read(WireReader reader) throws TransportException {
        return new PathChallengeFrame(reader.readLong());
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
