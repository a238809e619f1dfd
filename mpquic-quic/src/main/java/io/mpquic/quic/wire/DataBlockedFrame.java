package io.mpquic.quic.wire;

/**
 * DATA_BLOCKED (RFC 9000 §19.12): the sender has data, but no credit on the connection.
 *
 * @param limitBytes the limit it has reached
 */
public record DataBlockedFrame(long limitBytes) implements Frame {
    /** The frame type. */
    public static final long TYPE = 0x14;

    /** Checks that the value is a variable-length integer. */
    public DataBlockedFrame {
        VarInt.require(limitBytes);
    }

    static DataBlockedFrame read(WireReader reader) throws TransportException {
        return new DataBlockedFrame(reader.readVarInt());
    }

    @Override
    public long type() {
        return TYPE;
    }

    @Override
    public int lengthBytes() {
        return 1 + VarInt.lengthBytes(limitBytes);
    }

    @Override
    public void writeTo(WireWriter writer) {
        writer.writeByte((int) TYPE).writeVarInt(limitBytes);
    }
}
