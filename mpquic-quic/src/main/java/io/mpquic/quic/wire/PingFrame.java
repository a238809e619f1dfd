package io.mpquic.quic.wire;

/** PING (RFC 9000 §19.2): asks for an acknowledgement. */
public record PingFrame() implements Frame {
    /** The frame type. */
    public static final long TYPE = 0x01;

    /** All frames of this type are the same. */
    public static final PingFrame INSTANCE = new PingFrame();

    @Override
    public long type() {
        return TYPE;
    }

    @Override
    public int lengthBytes() {
        return 1;
    }

    @Override
    public void writeTo(WireWriter writer) {
        writer.writeByte((int) TYPE);
    }
}
