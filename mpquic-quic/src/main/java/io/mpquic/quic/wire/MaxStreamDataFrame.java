package io.mpquic.quic.wire;

/**
 * MAX_STREAM_DATA (RFC 9000 §19.10): how much a stream may send.
 *
 * @param streamId the stream
 * @param maximumBytes the offset behind the last byte that may be sent
 */
public record MaxStreamDataFrame(long streamId, long maximumBytes) implements Frame {
    /** The frame type. */
    public static final long TYPE = 0x11;

    /** Checks that all values are variable-length integers. */
    public MaxStreamDataFrame {
        VarInt.require(streamId);
        VarInt.require(maximumBytes);
    }

    static MaxStreamDataFrame read(WireReader reader) throws TransportException {
        return new MaxStreamDataFrame(reader.readVarInt(), reader.readVarInt());
    }

    @Override
    public long type() {
        return TYPE;
    }

    @Override
    public int lengthBytes() {
        return 1 + VarInt.lengthBytes(streamId) + VarInt.lengthBytes(maximumBytes);
    }

    @Override
    public void writeTo(WireWriter writer) {
        writer.writeByte((int) TYPE).writeVarInt(streamId).writeVarInt(maximumBytes);
    }
}
