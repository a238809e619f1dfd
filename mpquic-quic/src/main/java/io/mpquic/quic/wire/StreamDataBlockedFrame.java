package io.mpquic.quic.wire;

/**
 * STREAM_DATA_BLOCKED (RFC 9000 §19.13): the sender has data, but no credit on a stream.
 *
 * @param streamId the stream
 * @param limitBytes the limit it has reached
 */
public record StreamDataBlockedFrame(long streamId, long limitBytes) implements Frame {
    /** The frame type. */
    public static final long TYPE = 0x15;

    /** Checks that all values are variable-length integers. */
    public StreamDataBlockedFrame {
        VarInt.require(streamId);
        VarInt.require(limitBytes);
    }

    static StreamDataBlockedFrame read(WireReader reader) throws TransportException {
        return new StreamDataBlockedFrame(reader.readVarInt(), reader.readVarInt());
    }

    @Override
    public long type() {
        return TYPE;
    }

    @Override
    public int lengthBytes() {
        return 1 + VarInt.lengthBytes(streamId) + VarInt.lengthBytes(limitBytes);
    }

    @Override
    public void writeTo(WireWriter writer) {
        writer.writeByte((int) TYPE).writeVarInt(streamId).writeVarInt(limitBytes);
    }
}
