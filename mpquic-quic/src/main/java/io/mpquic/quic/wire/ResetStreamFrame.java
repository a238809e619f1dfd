package io.mpquic.quic.wire;

/**
 * RESET_STREAM (RFC 9000 §19.4): the sender of a stream gives it up.
 *
 * @param streamId the stream
 * @param errorCode why, a code of the application
 * @param finalSize how many bytes the stream has, counting those that never arrive
 */
public record ResetStreamFrame(long streamId, long errorCode, long finalSize) implements Frame {
    /** The frame type. */
    public static final long TYPE = 0x04;

    /** Checks that all values are variable-length integers. */
    public ResetStreamFrame {
        VarInt.require(streamId);
        VarInt.require(errorCode);
        VarInt.require(finalSize);
    }

    static ResetStreamFrame read(WireReader reader) throws TransportException {
        return new ResetStreamFrame(reader.readVarInt(), reader.readVarInt(), reader.readVarInt());
    }

    @Override
    public long type() {
        return TYPE;
    }

    @Override
    public int lengthBytes() {
        return 1 + VarInt.lengthBytes(streamId) + VarInt.lengthBytes(errorCode) + VarInt.lengthBytes(finalSize);
    }

    @Override
    public void writeTo(WireWriter writer) {
        writer.writeByte((int) TYPE)
                .writeVarInt(streamId)
                .writeVarInt(errorCode)
                .writeVarInt(finalSize);
    }
}
