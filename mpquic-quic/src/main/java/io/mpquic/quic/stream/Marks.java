package io.mpquic.quic.stream;

import java.util.BitSet;

/**
 * A bit for each byte of a window of a stream. A peer that leaves a gap after each byte makes it no larger: it costs an
 * eighth of the window, whatever the peer does.
 */
final class Marks {
    private BitSet bits = new BitSet();
    private int capacity;

    /** Changes the size of the window, a power of two; the marks from {@code from} to {@code to} are kept. */
    void resize(int newCapacity, long from, long to) {
        Marks larger = new Marks();
        larger.capacity = newCapacity;
        for (long set = nextSet(from, to); set < to; ) {
            long clear = nextClear(set, to);
            larger.set(set, clear);
            set = nextSet(clear, to);
        }
        bits = larger.bits;
        capacity = newCapacity;
    }

    void set(long from, long to) {
        int index = index(from);
        int first = (int) Math.min(to - from, capacity - index);
        bits.set(index, index + first);
        bits.set(0, (int) (to - from) - first);
    }

    void clear(long from, long to) {
        if (from >= to) {
            return;
        }
        int index = index(from);
        int first = (int) Math.min(to - from, capacity - index);
        bits.clear(index, index + first);
        bits.clear(0, (int) (to - from) - first);
    }

    /** The first marked offset from {@code from} on; {@code limit} when there is none before it. */
    long nextSet(long from, long limit) {
        if (from >= limit) {
            return limit;
        }
        int index = index(from);
        int found = bits.nextSetBit(index);
        if (found >= 0) {
            return Math.min(limit, from + found - index);
        }
        long wrapped = from + capacity - index;
        found = wrapped < limit ? bits.nextSetBit(0) : -1;
        return found < 0 ? limit : Math.min(limit, wrapped + found);
    }

    /** The first offset without a mark from {@code from} on; {@code limit} when there is none before it. */
    long nextClear(long from, long limit) {
        if (from >= limit) {
            return limit;
        }
        int index = index(from);
        int found = bits.nextClearBit(index);
        if (found < capacity) {
            return Math.min(limit, from + found - index);
        }
        long wrapped = from + capacity - index;
        return wrapped < limit ? Math.min(limit, wrapped + bits.nextClearBit(0)) : limit;
    }

    private int index(long offset) {
        return (int) (offset & (capacity - 1));
    }
}
