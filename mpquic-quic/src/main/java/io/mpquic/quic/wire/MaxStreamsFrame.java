package io.mpquic.quic.wire;

/**
 * MAX_STREAMS (RFC 9000 §19.11): how many streams of a kind the peer may open in all.
 *
 * @param maximumStreams the limit, counted over the whole life of the connection; at most 2^60
 * @param bidirectional which kind of stream
 */
public record MaxStreamsFrame(long maximumStreams, boolean bidirectional) implements Frame {
    /** The frame type for bidirectional streams. */
    public static final long TYPE_BIDIRECTIONAL = 0x12;
    /** The frame type for unidirectional streams. */
    public static final long TYPE_UNIDIRECTIONAL = 0x13;

    /** Checks the range of the limit. */
    public MaxStreamsFrame {
        if (maximumStreams < 0 || maximumStreams > StreamFrame.MAX_STREAMS) {
            throw new IllegalArgumentException("number of streams: " + maximumStreams);
        }
    }

    static MaxStreamsFrame read(WireReader reader, long type) throws TransportException {
        long maximumStreams = reader.readVarInt();
        // RFC 9000 §19.11: more than 2^60 streams cannot have stream IDs.
        if (maximumStreams > StreamFrame.MAX_STREAMS) {
            throw reader.failure("more than 2^60 streams");
        }
        return new MaxStreamsFrame(maximumStreams, type == TYPE_BIDIRECTIONAL);
    }

    @Override
    public long type() {
        return bidirectional ? TYPE_BIDIRECTIONAL : TYPE_UNIDIRECTIONAL;
    }

    @Override
    public int lengthBytes() {
        return 1 + VarInt.lengthBytes(maximumStreams);
    }

    @Override
    public void writeTo(WireWriter writer) {
        writer.writeByte((int) type()).writeVarInt(maximumStreams);
    }
}
