package io.mpquic.quic.stream;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Bytes of a window of a stream, addressed by their offset in it. The window is a power of two and grows on demand. */
final class ByteRing {
    /** Small, as most streams are. */
    private static final int FIRST_CAPACITY_BYTES = 1024;

    /** An idle stream keeps this much, so that each of a row of small messages does not cost a new array. */
    private static final int KEPT_CAPACITY_BYTES = 16_384;

    private byte[] bytes = {};

    /** The capacity that holds so many bytes. */
    static int capacityFor(long lengthBytes) {
        return Integer.highestOneBit((int) Math.max(FIRST_CAPACITY_BYTES, lengthBytes) - 1) << 1;
    }

    int capacity() {
        return bytes.length;
    }

    void resize(int newCapacity, long from, long to) {
        byte[] larger = new byte[newCapacity];
        for (long at = from; at < to; ) {
            int index = (int) (at & (newCapacity - 1));
            int part = Math.min(contiguous(at, to), newCapacity - index);
            System.arraycopy(bytes, index(at), larger, index, part);
            at += part;
        }
        bytes = larger;
    }

    /** Whether it holds more than a stream should keep that has nothing in it. */
    boolean isWorthReleasing() {
        return bytes.length > KEPT_CAPACITY_BYTES;
    }

    void release() {
        bytes = new byte[0];
    }

    /** How many of the bytes from {@code from} to {@code to} lie in one piece. */
    int contiguous(long from, long to) {
        return (int) Math.min(to - from, bytes.length - index(from));
    }

    MemorySegment slice(long from, int lengthBytes) {
        return lengthBytes == 0
                ? MemorySegment.ofArray(bytes).asSlice(0, 0)
                : MemorySegment.ofArray(bytes).asSlice(index(from), lengthBytes);
    }

    void put(long offset, MemorySegment source, long sourceOffset, int lengthBytes) {
        for (int done = 0; done < lengthBytes; ) {
            int part = contiguous(offset + done, offset + lengthBytes);
            MemorySegment.copy(source, ValueLayout.JAVA_BYTE, sourceOffset + done, bytes, index(offset + done), part);
            done += part;
        }
    }

    void get(long offset, byte[] into, int intoOffset, int lengthBytes) {
        for (int done = 0; done < lengthBytes; ) {
            int part = contiguous(offset + done, offset + lengthBytes);
            System.arraycopy(bytes, index(offset + done), into, intoOffset + done, part);
            done += part;
        }
    }

    private int index(long offset) {
        return (int) (offset & (bytes.length - 1));
    }
}
