package io.mpquic.quic.stream;

import java.lang.foreign.MemorySegment;

/**
 * Puts the pieces of a stream in order (RFC 9000 §2.2). Its memory is bounded by the flow control window: the caller
 * takes nothing beyond it. What is empty keeps little, or a peer could fill one stream after another up to its window.
 * Where pieces overlap, the first one counts.
 */
final class ReceiveBuffer {
    private final ByteRing ring = new ByteRing();
    private final Marks received = new Marks();
    private long readOffset;
    private long readableTo;
    private long highest;

    void put(long offset, MemorySegment data) {
        long end = offset + data.byteSize();
        long from = Math.max(offset, readableTo);
        if (from >= end) {
            return;
        }
        reserve(end);
        for (long gap = received.nextClear(from, end); gap < end; ) {
            long gapEnd = received.nextSet(gap, end);
            ring.put(gap, data, gap - offset, (int) (gapEnd - gap));
            gap = received.nextClear(gapEnd, end);
        }
        received.set(from, end);
        highest = Math.max(highest, end);
        readableTo = received.nextClear(readableTo, highest);
    }

    private void reserve(long end) {
        if (end - readOffset > ring.capacity()) {
            int capacity = ByteRing.capacityFor(end - readOffset);
            ring.resize(capacity, readOffset, highest);
            received.resize(capacity, readOffset, highest);
        }
    }

    int read(byte[] into, int offset, int lengthBytes) {
        int length = (int) Math.min(lengthBytes, readableTo - readOffset);
        ring.get(readOffset, into, offset, length);
        received.clear(readOffset, readOffset + length);
        readOffset += length;
        if (readOffset == highest && ring.isWorthReleasing()) {
            release();
        }
        return length;
    }

    /** Forgets all bytes. */
    void release() {
        ring.release();
        received.release();
        readableTo = readOffset;
    }

    long readOffset() {
        return readOffset;
    }

    /** The offset behind the last byte without a gap before it. */
    long readableTo() {
        return readableTo;
    }

    int memoryBytes() {
        return ring.capacity();
    }
}
