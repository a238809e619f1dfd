package io.mpquic.quic.wire;

/**
 * STOP_SENDING (RFC 9000 §19.5): the receiver of a stream asks the sender to give it up.
 *
 * @param streamId the stream
 * @param errorCode why, a code of the application
 */
public record StopSendingFrame(long streamId, long errorCode) implements Frame {
    /** The frame type. */
    public static final long TYPE = 0x05;

    /** Checks that all values are variable-length integers. */
    public StopSendingFrame {
        VarInt.require(streamId);
        VarInt.require(errorCode);
    }

    static StopSendingFrame read(WireReader reader) throws TransportException {
        return new StopSendingFrame(reader.readVarInt(), reader.readVarInt());
    }

    @Override
    public long type() {
        return TYPE;
    }

    @Override
    public int lengthBytes() {
        return 1 + VarInt.lengthBytes(streamId) + VarInt.lengthBytes(errorCode);
    }

    @Override
    public void writeTo(WireWriter writer) {
        writer.writeByte((int) TYPE).writeVarInt(streamId).writeVarInt(errorCode);
    }
}
