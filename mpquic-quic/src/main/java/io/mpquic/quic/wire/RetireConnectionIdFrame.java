package io.mpquic.quic.wire;

/**
 * RETIRE_CONNECTION_ID (RFC 9000 §19.16): a connection ID of the receiver is not used any more.
 *
 * @param sequence its sequence number
 */
public record RetireConnectionIdFrame(long sequence) implements Frame {
    /** The frame type. */
    public static final long TYPE = 0x19;

    /** Checks that the value is a variable-length integer. */
    public RetireConnectionIdFrame {
        VarInt.require(sequence);
    }

    static RetireConnectionIdFrame read(WireReader reader) throws TransportException {
        return new RetireConnectionIdFrame(reader.readVarInt());
    }

    @Override
    public long type() {
        return TYPE;
    }

    @Override
    public int lengthBytes() {
        return 1 + VarInt.lengthBytes(sequence);
    }

    @Override
    public void writeTo(WireWriter writer) {
        writer.writeByte((int) TYPE).writeVarInt(sequence);
    }
}
