package io.mpquic.quic.wire;

/**
 * PADDING (RFC 9000 §19.1): bytes without meaning that make a packet longer. Every zero byte is a frame of its own;
 * this record is a run of them.
 *
 * @param lengthBytes how many there are, at least 1
 */
public record PaddingFrame(int lengthBytes) implements Frame {
    /** The frame type. */
    public static final long TYPE = 0x00;

    /** Checks the length. */
    public PaddingFrame {
        if (lengthBytes < 1) {
            throw new IllegalArgumentException("padding of " + lengthBytes + " bytes");
        }
    }

    static PaddingFrame read(WireReader reader) {
        return new PaddingFrame(1 + reader.skipZeros());
    }

    @Override
    public long type() {
        return TYPE;
    }

    @Override
    public void writeTo(WireWriter writer) {
        writer.zeros(lengthBytes);
    }
}
