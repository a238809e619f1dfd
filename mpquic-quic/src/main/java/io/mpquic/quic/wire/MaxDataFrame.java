package io.mpquic.quic.wire;

/**
 * MAX_DATA (RFC 9000 §19.9): how much all streams together may send.
 *
 * @param maximumBytes the sum of the bytes of all streams
 */
public record MaxDataFrame(long maximumBytes) implements Frame {
    /** The frame type. */
    public static final long TYPE = 0x10;

    /** Checks that the value is a variable-length integer. */
    public MaxDataFrame {
        VarInt.require(maximumBytes);
    }

    static MaxDataFrame read(WireReader reader) throws TransportException {
        return new MaxDataFrame(reader.readVarInt());
    }

    @Override
    public long type() {
        return TYPE;
    }

    @Override
    public int lengthBytes() {
        return 1 + VarInt.lengthBytes(maximumBytes);
    }

    @Override
    public void writeTo(WireWriter writer) {
        writer.writeByte((int) TYPE).writeVarInt(maximumBytes);
    }
}
