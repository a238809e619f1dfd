package io.mpquic.quic.recovery;

import io.mpquic.quic.wire.AckRanges;

/**
 * The packet numbers of one space that were left out lately. A peer that acknowledges one of them acknowledges what it
 * never received (RFC 9000 §21.4).
 */
final class SkippedNumbers {
    private static final int MAX_GAPS = 4;

    private final long[] smallest = new long[MAX_GAPS];
    private final long[] largest = new long[MAX_GAPS];
    private int count;

    void add(long from, long to) {
        int slot = count++ % MAX_GAPS;
        smallest[slot] = from;
        largest[slot] = to;
    }

    /** Whether the ranges hold a number that was left out. */
    boolean areIn(AckRanges ranges) {
        for (int gap = 0; gap < Math.min(count, MAX_GAPS); gap++) {
            for (int i = 0; i < ranges.size() && ranges.largest(i) >= smallest[gap]; i++) {
                if (ranges.smallest(i) <= largest[gap]) {
                    return true;
                }
            }
        }
        return false;
    }

    /** How many numbers were left out between two packet numbers. */
    long between(long after, long before) {
        long skipped = 0;
        for (int gap = 0; gap < Math.min(count, MAX_GAPS); gap++) {
            if (smallest[gap] > after && largest[gap] < before) {
                skipped += largest[gap] - smallest[gap] + 1;
            }
        }
        return skipped;
    }
}
