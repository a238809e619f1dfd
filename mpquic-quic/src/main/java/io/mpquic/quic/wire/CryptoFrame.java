package io.mpquic.quic.wire;

import java.lang.foreign.MemorySegment;

/**
 * CRYPTO (RFC 9000 §19.6): a piece of the TLS handshake. Compared by content.
 *
 * @param offset where the piece begins in the handshake data of its encryption level
 * @param data the piece; a slice of the packet when it was read, so who keeps it copies it
 */
public record CryptoFrame(long offset, MemorySegment data) implements Frame {
    /** The frame type. */
    public static final long TYPE = 0x06;

    /** Checks the range of the offset and of the end. */
    public CryptoFrame {
        VarInt.require(offset);
        VarInt.require(offset + data.byteSize());
    }

    static CryptoFrame read(WireReader reader) throws TransportException {
        long offset = reader.readVarInt();
        int lengthBytes = reader.readLength();
        // RFC 9000 §19.6: the data must end at 2^62-1 at the latest.
        if (offset > VarInt.MAX - lengthBytes) {
            throw reader.failure("CRYPTO data beyond 2^62-1");
        }
        return new CryptoFrame(offset, reader.readSlice(lengthBytes));
    }

    /** How many bytes stand before the data: to find out how much data fits into a packet. */
    public static int headerLengthBytes(long offset, int dataLengthBytes) {
        return 1 + VarInt.lengthBytes(offset) + VarInt.lengthBytes(dataLengthBytes);
    }

    @Override
    public long type() {
        return TYPE;
    }

    @Override
    public int lengthBytes() {
        int dataLengthBytes = (int) data.byteSize();
        return headerLengthBytes(offset, dataLengthBytes) + dataLengthBytes;
    }

    @Override
    public void writeTo(WireWriter writer) {
        writer.writeByte((int) TYPE)
                .writeVarInt(offset)
                .writeVarInt(data.byteSize())
                .writeSegment(data, 0, data.byteSize());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CryptoFrame that && offset == that.offset && SegmentContent.equal(data, that.data);
    }

    @Override
    public int hashCode() {
        return 31 * Long.hashCode(offset) + SegmentContent.hash(data);
    }

    @Override
    public String toString() {
        return "CryptoFrame[offset=" + offset + ", length=" + data.byteSize() + "]";
    }
}
