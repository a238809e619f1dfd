package io.mpquic.quic.wire;

/** HANDSHAKE_DONE (RFC 9000 §19.20): a server tells the client that the handshake is confirmed. */
public record HandshakeDoneFrame() implements Frame {
    /** The frame type. */
    public static final long TYPE = 0x1e;

    /** All frames of this type are the same. */
    public static final HandshakeDoneFrame INSTANCE = new HandshakeDoneFrame();

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
