package io.mpquic.quic.wire;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/**
 * A cursor that writes bytes in place. Reusable: {@link #wrap} points it at the next packet without allocation.
 *
 * <p>Who writes has asked for the space before, so writing past the limit is a bug: {@link IndexOutOfBoundsException}.
 * Every write method returns this writer. Positions are offsets in the wrapped segment. Not thread-safe.
 */
public final class WireWriter {
    private MemorySegment segment = MemorySegment.ofArray(new byte[0]);
    private long start;
    private long position;
    private long limit;

    /** Creates a writer without space. */
    public WireWriter() {}

    /** A writer over a whole array. */
    public static WireWriter of(byte[] bytes) {
        return new WireWriter().wrap(MemorySegment.ofArray(bytes), 0, bytes.length);
    }

    /**
     * Points this writer at a part of a segment.
     *
     * @param segment native or heap memory
     * @param offset where the part begins
     * @param capacityBytes its length, less than 2^31
     * @return this
     * @throws IndexOutOfBoundsException if the part is not inside the segment
     */
    public WireWriter wrap(MemorySegment segment, long offset, long capacityBytes) {
        Objects.checkFromIndexSize(offset, capacityBytes, segment.byteSize());
        if (capacityBytes > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("longer than 2^31 - 1 bytes: " + capacityBytes);
        }
        this.segment = segment;
        this.start = offset;
        this.position = offset;
        this.limit = offset + capacityBytes;
        return this;
    }

    /** The offset of the next byte in the segment that is written to. */
    public long position() {
        return position;
    }

    /** How many bytes of space are left. */
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

    /** Writes the lowest byte of a value. */
    public WireWriter writeByte(int value) {
        segment.set(ValueLayout.JAVA_BYTE, advance(1), (byte) value);
        return this;
    }

    /** Writes the two lowest bytes of a value. */
    public WireWriter writeShort(int value) {
        segment.set(BigEndian.SHORT, advance(Short.BYTES), (short) value);
        return this;
    }

    /** Writes four bytes. */
    public WireWriter writeInt(int value) {
        segment.set(BigEndian.INT, advance(Integer.BYTES), value);
        return this;
    }

    /** Writes eight bytes. */
    public WireWriter writeLong(long value) {
        segment.set(BigEndian.LONG, advance(Long.BYTES), value);
        return this;
    }

    /**
     * Writes a variable-length integer in its shortest form (RFC 9000 §16).
     *
     * @throws IllegalArgumentException if it is not 0 to {@link VarInt#MAX}
     */
    public WireWriter writeVarInt(long value) {
        return writeVarInt(value, VarInt.lengthBytes(value));
    }

    /**
     * Writes a variable-length integer in a form of the caller's choice (RFC 9000 §16).
     *
     * @param value the value
     * @param lengthBytes 1, 2, 4 or 8, long enough for the value
     * @throws IllegalArgumentException if the length is another, or too short for the value
     */
    public WireWriter writeVarInt(long value, int lengthBytes) {
        if (VarInt.lengthBytes(value) > lengthBytes) {
            throw new IllegalArgumentException(value + " does not fit into " + lengthBytes + " bytes");
        }
        return switch (lengthBytes) {
            case 1 -> writeByte((int) value);
            case 2 -> writeShort((int) value | 0x4000);
            case 4 -> writeInt((int) value | 0x8000_0000);
            case 8 -> writeLong(value | 0xc000_0000_0000_0000L);
            default -> throw new IllegalArgumentException("no such encoding: " + lengthBytes + " bytes");
        };
    }

    /** Writes a whole array. */
    public WireWriter writeBytes(byte[] bytes) {
        MemorySegment.copy(bytes, 0, segment, ValueLayout.JAVA_BYTE, advance(bytes.length), bytes.length);
        return this;
    }

    /** Copies bytes from other memory. */
    public WireWriter writeSegment(MemorySegment source, long offset, long lengthBytes) {
        MemorySegment.copy(source, offset, segment, advance(lengthBytes), lengthBytes);
        return this;
    }

    /** Writes zero bytes. */
    public WireWriter zeros(int lengthBytes) {
        // Hardly any packet of a tunnel is padded, and a slice is an object even when it is empty.
        if (lengthBytes != 0) {
            segment.asSlice(advance(lengthBytes), lengthBytes).fill((byte) 0);
        }
        return this;
    }

    /** Takes space and says where it begins. */
    private long advance(long lengthBytes) {
        if (lengthBytes < 0 || lengthBytes > limit - position) {
            throw new IndexOutOfBoundsException(lengthBytes + " bytes to write, space for " + remaining());
        }
        long from = position;
        position += lengthBytes;
        return from;
    }
}
