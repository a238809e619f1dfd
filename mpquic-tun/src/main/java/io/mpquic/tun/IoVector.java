package io.mpquic.tun;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * Pieces of native memory that a system call reads or writes one after the other, as if they were one: an array of
 * {@code struct iovec}, made once and filled for every call.
 *
 * <pre>
 *   0         8        16
 *   | address | length | address | length | ...
 * </pre>
 *
 * <p>One thread at a time; nothing is allocated after the constructor.
 */
public final class IoVector {
    /** The kernel takes no more pieces than this in one call (UIO_MAXIOV). */
    public static final int MAX_PIECES = 1024;

    private static final int ENTRY_BYTES = 16;

    private final MemorySegment entries;
    // Keeps the memory of the pieces reachable: the kernel only knows the addresses.
    private final MemorySegment[] pieces;
    private final long[] offsets;
    private int count;
    private int lengthBytes;

    /**
     * Creates an empty one.
     *
     * @param capacity how many pieces it can have, 1 to {@link #MAX_PIECES}
     */
    public IoVector(int capacity) {
        if (capacity < 1 || capacity > MAX_PIECES) {
            throw new IllegalArgumentException(capacity + " pieces");
        }
        entries = Arena.ofAuto().allocate((long) capacity * ENTRY_BYTES, Long.BYTES);
        pieces = new MemorySegment[capacity];
        offsets = new long[capacity];
    }

    /** Forgets all pieces. */
    public void clear() {
        count = 0;
        lengthBytes = 0;
    }

    /**
     * Appends a piece.
     *
     * @param buffer native memory
     * @throws IndexOutOfBoundsException when the piece is not inside of the buffer, or there is no room for one more
     */
    public void add(MemorySegment buffer, long offset, int pieceBytes) {
        Objects.checkFromIndexSize(offset, pieceBytes, buffer.byteSize());
        if (!buffer.isNative()) {
            throw new IllegalArgumentException("the kernel needs native memory");
        }
        int at = Objects.checkIndex(count, pieces.length);
        long entry = (long) at * ENTRY_BYTES;
        entries.set(JAVA_LONG, entry, buffer.address() + offset);
        entries.set(JAVA_LONG, entry + Long.BYTES, pieceBytes);
        pieces[at] = buffer;
        offsets[at] = offset;
        lengthBytes += pieceBytes;
        count = at + 1;
    }

    /** How many pieces there are. */
    public int count() {
        return count;
    }

    /** The length of all pieces together, in bytes. */
    public int lengthBytes() {
        return lengthBytes;
    }

    /**
     * Copies all pieces, one after the other.
     *
     * @return {@link #lengthBytes}
     */
    public int copyTo(MemorySegment target, long offset) {
        long at = offset;
        for (int i = 0; i < count; i++) {
            long pieceBytes = entries.get(JAVA_LONG, (long) i * ENTRY_BYTES + Long.BYTES);
            MemorySegment.copy(pieces[i], offsets[i], target, at, pieceBytes);
            at += pieceBytes;
        }
        return lengthBytes;
    }

    /** The array, as readv(2) and writev(2) take it. */
    MemorySegment entries() {
        return entries;
    }
}
