package io.mpquic.quic.wire;

import java.lang.foreign.MemorySegment;

/**
 * DATAGRAM (RFC 9221 §4): a message of the application that is not sent again when it is lost. Compared by content.
 *
 * <p>These carry all the traffic of a tunnel, so the static methods read and write the header around a payload that
 * stays in its place. The record is for all who can afford one.
 *
 * @param data the message; a slice of the packet when it was read, so who keeps it copies it
 * @param hasLength whether the length is on the wire; without it, this is the last frame of its packet
 */
public record DatagramFrame(MemorySegment data, boolean hasLength) implements Frame {
    /** The frame type without a length: the message goes on to the end of the packet. */
    public static final long TYPE = 0x30;
    /** The frame type with a length. */
    public static final long TYPE_WITH_LENGTH = 0x31;

    static DatagramFrame read(WireReader reader, long type) throws TransportException {
        int lengthBytes = readHeader(reader, type);
        return new DatagramFrame(reader.readSlice(lengthBytes), type == TYPE_WITH_LENGTH);
    }

    /** How many bytes stand before a payload. */
    public static int headerLengthBytes(int payloadLengthBytes, boolean withLength) {
        return withLength ? 1 + VarInt.lengthBytes(payloadLengthBytes) : 1;
    }

    /** Writes what stands before a payload: the type, and the length if the frame is to have one. */
    public static void writeHeader(WireWriter writer, int payloadLengthBytes, boolean withLength) {
        writer.writeByte((int) (withLength ? TYPE_WITH_LENGTH : TYPE));
        if (withLength) {
            writer.writeVarInt(payloadLengthBytes);
        }
    }

    /**
     * Reads what stands between the type and the payload, and leaves the reader at the payload.
     *
     * @param type {@link #TYPE} or {@link #TYPE_WITH_LENGTH}, already read
     * @return the length of the payload, all of which is there
     * @throws TransportException if the payload is longer than the packet
     */
    public static int readHeader(WireReader reader, long type) throws TransportException {
        reader.frameType(type);
        return type == TYPE_WITH_LENGTH ? reader.readLength() : reader.remaining();
    }

    @Override
    public long type() {
        return hasLength ? TYPE_WITH_LENGTH : TYPE;
    }

    @Override
    public int lengthBytes() {
        int dataLengthBytes = (int) data.byteSize();
        return headerLengthBytes(dataLengthBytes, hasLength) + dataLengthBytes;
    }

    @Override
    public void writeTo(WireWriter writer) {
        writeHeader(writer, (int) data.byteSize(), hasLength);
        writer.writeSegment(data, 0, data.byteSize());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof DatagramFrame that
                && hasLength == that.hasLength
                && SegmentContent.equal(data, that.data);
    }

    @Override
    public int hashCode() {
        return SegmentContent.hash(data);
    }

    @Override
    public String toString() {
        return "DatagramFrame[length=" + data.byteSize() + "]";
    }
}
