package io.mpquic.quic.stream;

import java.lang.foreign.MemorySegment;

/** The bytes of a stream from the first unacknowledged one to the last written one; only what was lost goes out again. */
final class SendBuffer {
    /** What waits to be sent for the first time: enough for a hundred milliseconds at 80 Mbit/s. */
    private static final long MOST_UNSENT_BYTES = 1 << 20;

    private final ByteRing ring = new ByteRing();
    private final Marks acknowledged = new Marks();
    private final Marks lost = new Marks();
    private final long limitBytes;
    private long base;
    private long sent;
    private long end;
    /** No byte below is lost: searches start here. */
    private long lostFrom = Long.MAX_VALUE;

    /**
     * A buffer of so many bytes at most. What is under way is bounded by the congestion window and the peer's limits too,
     * but by neither when a peer acknowledges all but the first bytes.
     */
    SendBuffer(long limitBytes) {
        this.limitBytes = limitBytes;
    }

    private long mostUnsentBytes() {
        return Math.min(MOST_UNSENT_BYTES, limitBytes);
    }

    private long roomBytes() {
        return Math.min(mostUnsentBytes() - (end - sent), limitBytes - (end - base));
    }

    /** Whether a writer that waited should write again: not for each packet that leaves. */
    boolean hasMuchRoom() {
        return roomBytes() >= (mostUnsentBytes() + 1) / 2;
    }

    int write(byte[] data, int offset, int lengthBytes) {
        int length = (int) Math.min(lengthBytes, roomBytes());
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
        if (base == end && ring.isWorthReleasing()) {
            forget();
        }
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
        base = sent;
        end = sent;
        lostFrom = Long.MAX_VALUE;
        forget();
    }

    private void forget() {
        ring.release();
        acknowledged.release();
        lost.release();
    }

    int memoryBytes() {
        return ring.capacity();
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
