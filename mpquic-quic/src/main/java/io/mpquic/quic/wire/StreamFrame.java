package io.mpquic.quic.wire;

import java.lang.foreign.MemorySegment;

/**
 * STREAM (RFC 9000 §19.8): a piece of a stream. Compared by content.
 *
 * <pre>
 *   type  0 0 0 0 1 OFF LEN FIN
 *   Stream ID (i)
 *   [Offset (i)]         with OFF; 0 without
 *   [Length (i)]         with LEN; without, the data go on to the end of the packet
 *   Stream Data
 * </pre>
 *
 * @param streamId the stream
 * @param offset where the piece begins
 * @param data the piece; a slice of the packet when it was read, so who keeps it copies it
 * @param fin whether the stream ends with this piece
 * @param hasLength whether the length is on the wire; without it, this is the last frame of its packet
 */
public record StreamFrame(long streamId, long offset, MemorySegment data, boolean fin, boolean hasLength)
        implements Frame {
    /** The frame type without any of the three bits. */
    public static final long TYPE = 0x08;

    /** The largest number of streams of one kind: a stream ID has two bits for the kind (RFC 9000 §4.6). */
    static final long MAX_STREAMS = 1L << 60;

    private static final long FIN_BIT = 0x01;
    private static final long LEN_BIT = 0x02;
    private static final long OFF_BIT = 0x04;

    /** Checks the range of the stream ID, of the offset and of the end. */
    public StreamFrame {
        VarInt.require(streamId);
        VarInt.require(offset);
        VarInt.require(offset + data.byteSize());
    }

    /** A frame with its length on the wire. */
    public StreamFrame(long streamId, long offset, MemorySegment data, boolean fin) {
        this(streamId, offset, data, fin, true);
    }

    static StreamFrame read(WireReader reader, long type) throws TransportException {
        long streamId = reader.readVarInt();
        long offset = (type & OFF_BIT) == 0 ? 0 : reader.readVarInt();
        boolean hasLength = (type & LEN_BIT) != 0;
        int lengthBytes = hasLength ? reader.readLength() : reader.remaining();
        // RFC 9000 §19.8: the data must end at 2^62-1 at the latest.
        if (offset > VarInt.MAX - lengthBytes) {
            throw reader.failure("stream data beyond 2^62-1");
        }
        return new StreamFrame(streamId, offset, reader.readSlice(lengthBytes), (type & FIN_BIT) != 0, hasLength);
    }

    @Override
    public long type() {
        return TYPE | (offset == 0 ? 0 : OFF_BIT) | (hasLength ? LEN_BIT : 0) | (fin ? FIN_BIT : 0);
    }

    @Override
    public int lengthBytes() {
        int dataLengthBytes = (int) data.byteSize();
        return 1
                + VarInt.lengthBytes(streamId)
                + (offset == 0 ? 0 : VarInt.lengthBytes(offset))
                + (hasLength ? VarInt.lengthBytes(dataLengthBytes) : 0)
                + dataLengthBytes;
    }

    @Override
    public void writeTo(WireWriter writer) {
        writer.writeByte((int) type()).writeVarInt(streamId);
        if (offset != 0) {
            writer.writeVarInt(offset);
        }
        if (hasLength) {
            writer.writeVarInt(data.byteSize());
        }
        writer.writeSegment(data, 0, data.byteSize());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof StreamFrame that
                && streamId == that.streamId
                && offset == that.offset
                && fin == that.fin
                && hasLength == that.hasLength
                && SegmentContent.equal(data, that.data);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * Long.hashCode(streamId) + Long.hashCode(offset)) + SegmentContent.hash(data);
    }

    @Override
    public String toString() {
        return "StreamFrame[streamId=" + streamId + ", offset=" + offset + ", length=" + data.byteSize() + ", fin="
                + fin + "]";
    }
}
