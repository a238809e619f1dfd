package io.mpquic.quic.stream;

import java.lang.foreign.MemorySegment;

/** The bytes of a stream from the first unacknowledged one to the last written one; only what was lost goes out again. */
final class SendBuffer {
    /** What a stream can have under way: at 100 ms it carries 80 Mbit/s. */
    static final int LIMIT_BYTES = 1 << 20;

    private final ByteRing ring = new ByteRing();
    private final Marks acknowledged = new Marks();
    private final Marks lost = new Marks();
    private long base;
    private long sent;
    private long end;
    /** No byte below is lost: searches start here. */
    private long lostFrom = Long.MAX_VALUE;

    int roomBytes() {
        return (int) (LIMIT_BYTES - (end - base));
    }

    int write(byte[] data, int offset, int lengthBytes) {
        int length = Math.min(lengthBytes, roomBytes());
        if (end + length - base > ring.capacity()) {
            int capacity = ByteRing.capacityFor(end + length - base);
            ring.resize(capacity, base, end);
            acknowledged.resize(capacity, base, sent);
            lost.resize(capacity, base, sent);
        }
        ring.put(end, MemorySegment.ofArray(data), offset, length);
        end += length;
        return length;
    }

    boolean hasLost() {
        return lostFrom < sent;
    }

    /** Where the next lost bytes begin. */
    long lostOffset() {
        return lostFrom;
    }

    /** How many lost bytes lie there in one piece. */
    int lostLengthBytes(int capacityBytes) {
        long to = lost.nextClear(lostFrom, sent);
        return Math.min(capacityBytes, ring.contiguous(lostFrom, to));
    }

    MemorySegment takeLost(int lengthBytes) {
        MemorySegment data = ring.slice(lostFrom, lengthBytes);
        lost.clear(lostFrom, lostFrom + lengthBytes);
        findLost(lostFrom + lengthBytes);
        return data;
    }

    /** How many bytes below {@code limit} were never sent and lie in one piece. */
    int newLengthBytes(long limit, int capacityBytes) {
        long to = Math.min(end, limit);
        return to <= sent ? 0 : Math.min(capacityBytes, ring.contiguous(sent, to));
    }

    MemorySegment takeNew(int lengthBytes) {
        MemorySegment data = ring.slice(sent, lengthBytes);
        sent += lengthBytes;
        return data;
    }

    void onAcknowledged(long offset, int lengthBytes) {
        long from = Math.max(offset, base);
        long to = offset + lengthBytes;
        if (from >= to) {
            return;
        }
        acknowledged.set(from, to);
        lost.clear(from, to);
        long newBase = acknowledged.nextClear(base, sent);
        acknowledged.clear(base, newBase);
        base = newBase;
        if (lostFrom < to) {
            findLost(Math.max(lostFrom, base));
        }
    }

    void onLost(long offset, int lengthBytes) {
        long to = offset + lengthBytes;
        for (long from = acknowledged.nextClear(Math.max(offset, base), to); from < to; ) {
            long known = acknowledged.nextSet(from, to);
            lost.set(from, known);
            lostFrom = Math.min(lostFrom, from);
            from = acknowledged.nextClear(known, to);
        }
    }

    private void findLost(long from) {
        long next = lost.nextSet(from, sent);
        lostFrom = next < sent ? next : Long.MAX_VALUE;
    }

    void release() {
        ring.release();
        base = sent;
        end = sent;
        lostFrom = Long.MAX_VALUE;
    }

    long sentOffset() {
        return sent;
    }

    long endOffset() {
        return end;
    }

    boolean isAllAcknowledged() {
        return base == end;
    }
}
