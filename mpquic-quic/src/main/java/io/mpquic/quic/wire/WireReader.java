package io.mpquic.quic.wire;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/**
 * A cursor that reads the bytes of a peer. Reusable: {@link #wrap} points it at the next packet without allocation.
 *
 * <p>Reading past the limit is the peer's fault, so it throws {@link TransportException} with FRAME_ENCODING_ERROR and
 * leaves the position where it was. Positions are offsets in the wrapped segment. Not thread-safe.
 */
public final class WireReader {
    private static final MemorySegment EMPTY = MemorySegment.ofArray(new byte[0]);

    private MemorySegment segment = EMPTY;
    private long start;
    private long position;
    private long limit;
    private long frameType;

    /** Creates a reader over no bytes. */
    public WireReader() {}

    /** A reader over a whole array, which is not copied. */
    public static WireReader of(byte[] bytes) {
        return new WireReader().wrap(MemorySegment.ofArray(bytes), 0, bytes.length);
    }

    /**
     * Points this reader at a part of a segment.
     *
     * @param segment native or heap memory
     * @param offset where the part begins
     * @param lengthBytes its length, less than 2^31
     * @return this
     * @throws IndexOutOfBoundsException if the part is not inside the segment
     */
    public WireReader wrap(MemorySegment segment, long offset, long lengthBytes) {
        Objects.checkFromIndexSize(offset, lengthBytes, segment.byteSize());
        if (lengthBytes > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("longer than 2^31 - 1 bytes: " + lengthBytes);
        }
        this.segment = segment;
        this.start = offset;
        this.position = offset;
        this.limit = offset + lengthBytes;
        this.frameType = 0;
        return this;
    }

    /** The memory this reader reads. */
    public MemorySegment segment() {
        return segment;
    }

    /** The offset in {@link #segment()} of the next byte. */
    public long position() {
        return position;
    }

    /** How many bytes are left. */
    public int remaining() {
        return (int) (limit - position);
    }

    /**
     * Moves to another place inside the wrapped part.
     *
     * @throws IllegalArgumentException if it is outside
     */
    public void position(long newPosition) {
        if (newPosition < start || newPosition > limit) {
            throw new IllegalArgumentException(newPosition + " is outside " + start + ".." + limit);
        }
        position = newPosition;
    }

    /** Reads one byte, 0 to 255. */
    public int readByte() throws TransportException {
        int value = peekByte();
        position++;
        return value;
    }

    /** The next byte, 0 to 255, which stays unread. */
    public int peekByte() throws TransportException {
        require(1);
        return segment.get(ValueLayout.JAVA_BYTE, position) & 0xff;
    }

    /** Reads two bytes, 0 to 65,535. */
    public int readUnsignedShort() throws TransportException {
        require(Short.BYTES);
        int value = Short.toUnsignedInt(segment.get(BigEndian.SHORT, position));
        position += Short.BYTES;
        return value;
    }

    /** Reads four bytes, 0 to 2^32 - 1. */
    public long readUnsignedInt() throws TransportException {
        require(Integer.BYTES);
        long value = Integer.toUnsignedLong(segment.get(BigEndian.INT, position));
        position += Integer.BYTES;
        return value;
    }

    /** Reads eight bytes. */
    public long readLong() throws TransportException {
        require(Long.BYTES);
        long value = segment.get(BigEndian.LONG, position);
        position += Long.BYTES;
        return value;
    }

    /** Reads a variable-length integer, 0 to {@link VarInt#MAX}, in any of its encodings (RFC 9000 §16). */
    public long readVarInt() throws TransportException {
        int lengthBits = peekByte() >>> 6;
        int lengthBytes = 1 << lengthBits;
        require(lengthBytes);
        long value = switch (lengthBits) {
            case 0 -> segment.get(ValueLayout.JAVA_BYTE, position) & VarInt.MAX_ONE_BYTE;
            case 1 -> segment.get(BigEndian.SHORT, position) & VarInt.MAX_TWO_BYTES;
            case 2 -> segment.get(BigEndian.INT, position) & VarInt.MAX_FOUR_BYTES;
            default -> segment.get(BigEndian.LONG, position) & VarInt.MAX;
        };
        position += lengthBytes;
        return value;
    }

    /** Reads bytes into a new array. */
    public byte[] readBytes(int lengthBytes) throws TransportException {
        require(lengthBytes);
        byte[] bytes = new byte[lengthBytes];
        MemorySegment.copy(segment, ValueLayout.JAVA_BYTE, position, bytes, 0, lengthBytes);
        position += lengthBytes;
        return bytes;
    }

    /** Reads bytes without copying them: the slice is valid as long as the memory below holds this packet. */
    public MemorySegment readSlice(int lengthBytes) throws TransportException {
        require(lengthBytes);
        MemorySegment slice = segment.asSlice(position, lengthBytes);
        position += lengthBytes;
        return slice;
    }

    /** Passes over bytes. */
    public void skip(int lengthBytes) throws TransportException {
        require(lengthBytes);
        position += lengthBytes;
    }

    /** Reads a variable-length integer that says how many bytes follow, and makes sure that they do. */
    int readLength() throws TransportException {
        long lengthBytes = readVarInt();
        if (lengthBytes > remaining()) {
            throw failure("a length of " + lengthBytes + " bytes, " + remaining() + " are left");
        }
        return (int) lengthBytes;
    }

    /** Passes over zero bytes and says how many there were. */
    int skipZeros() {
        long from = position;
        while (limit - position >= Long.BYTES && segment.get(BigEndian.LONG, position) == 0) {
            position += Long.BYTES;
        }
        while (position < limit && segment.get(ValueLayout.JAVA_BYTE, position) == 0) {
            position++;
        }
        return (int) (position - from);
    }

    /** Names the frame that is read from here on, for the exceptions. */
    void frameType(long type) {
        frameType = type;
    }

    /** A FRAME_ENCODING_ERROR of the frame being read. */
    TransportException failure(String reason) {
        return new TransportException(TransportError.FRAME_ENCODING_ERROR, frameType, reason);
    }

    private void require(int lengthBytes) throws TransportException {
        if (lengthBytes < 0) {
            throw new IllegalArgumentException("negative length: " + lengthBytes);
        }
        if (lengthBytes > limit - position) {
            throw failure(lengthBytes + " bytes expected, " + remaining() + " are left");
        }
    }
}
