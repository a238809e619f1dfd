package io.mpquic.quic.stream;

/**
 * A bit for each byte of a window of a stream. A peer that leaves a gap after each byte makes it no larger: it costs an
 * eighth of the window, whatever the peer does. Each call costs what the stretch costs that it is about, not the window:
 * {@link java.util.BitSet} looks at all of it whenever bits are cleared.
 */
final class Marks {
    private static final int WORD_SHIFT = 6;
    private static final int WORD_MASK = Long.SIZE - 1;

    private long[] words = {};
    private int capacity;

    /** Changes the size of the window, a power of two of 64 or more; the marks from {@code from} to {@code to} are kept. */
    void resize(int newCapacity, long from, long to) {
        Marks larger = new Marks();
        larger.capacity = newCapacity;
        larger.words = new long[newCapacity >> WORD_SHIFT];
        for (long set = nextSet(from, to); set < to; ) {
            long clear = nextClear(set, to);
            larger.set(set, clear);
            set = nextSet(clear, to);
        }
        words = larger.words;
        capacity = newCapacity;
    }

    /** Forgets all marks, and the window. */
    void release() {
        words = new long[0];
        capacity = 0;
    }

    void set(long from, long to) {
        change(from, to, true);
    }

    void clear(long from, long to) {
        change(from, to, false);
    }

    private void change(long from, long to, boolean value) {
        for (long at = from; at < to; ) {
            int index = index(at);
            int bit = index & WORD_MASK;
            int count = (int) Math.min(Long.SIZE - bit, to - at);
            long mask = -1L >>> (Long.SIZE - count) << bit;
            if (value) {
                words[index >> WORD_SHIFT] |= mask;
            } else {
                words[index >> WORD_SHIFT] &= ~mask;
            }
            at += count;
        }
    }

    /** The first marked offset from {@code from} on; {@code limit} when there is none before it. */
    long nextSet(long from, long limit) {
        return next(from, limit, 0);
    }

    /** The first offset without a mark from {@code from} on; {@code limit} when there is none before it. */
    long nextClear(long from, long limit) {
        return next(from, limit, -1);
    }

    /** The first offset whose bit is not that of {@code others}. */
    private long next(long from, long limit, long others) {
        for (long at = from; at < limit; ) {
            int index = index(at);
            long found = (words[index >> WORD_SHIFT] ^ others) >>> (index & WORD_MASK);
            if (found != 0) {
                return Math.min(limit, at + Long.numberOfTrailingZeros(found));
            }
            at += Long.SIZE - (index & WORD_MASK);
        }
        return limit;
    }

    private int index(long offset) {
        return (int) (offset & (capacity - 1));
    }
}
