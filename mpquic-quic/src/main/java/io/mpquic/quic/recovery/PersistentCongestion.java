package io.mpquic.quic.recovery;

/**
 * Finds persistent congestion (RFC 9002 §7.6.2): two ack-eliciting packets lost, sent further apart than the duration,
 * and nothing sent between them acknowledged, in any packet number space.
 *
 * <p>On the axis of send times every acknowledged packet is a mark. Only a gap between two marks that is wider than the
 * duration can hold such a pair, and there is hardly ever one, so a few slots suffice and an acknowledgement costs two
 * comparisons.
 *
 * <pre>
 *   acked  ..|||||||                      |||||||||..     send time -->
 *                  (   x    x x      x    )               a wide gap; x: lost packets in it
 *                 from min           max  to
 * </pre>
 */
final class PersistentCongestion {
    private static final int MAX_GAPS = 4;
    private static final long NONE = Long.MIN_VALUE;

    private final long[] fromNs = new long[MAX_GAPS];
    private final long[] toNs = new long[MAX_GAPS];
    private final long[] firstLostNs = new long[MAX_GAPS];
    private final long[] lastLostNs = new long[MAX_GAPS];
    private int gaps;
    private long latestAckedSentNs = NONE;

    /**
     * A packet was acknowledged.
     *
     * @param sentNs when it was sent
     * @param durationNs the persistent congestion duration now
     */
    void onAcked(long sentNs, long durationNs) {
        if (sentNs >= latestAckedSentNs) {
            if (latestAckedSentNs == NONE || sentNs - latestAckedSentNs > durationNs) {
                open(latestAckedSentNs, sentNs);
            }
            latestAckedSentNs = sentNs;
            return;
        }
        for (int i = 0; i < gaps; i++) {
            if (sentNs > fromNs[i] && sentNs < toNs[i]) {
                split(i, sentNs);
                return;
            }
        }
    }

    /**
     * An ack-eliciting packet was lost that was sent after the first round-trip sample.
     *
     * @param sentNs when it was sent
     * @param durationNs the persistent congestion duration now
     * @return whether the loss establishes persistent congestion
     */
    boolean onLost(long sentNs, long durationNs) {
        for (int i = 0; i < gaps; i++) {
            // A packet that shares its send time with an acknowledged one was not sent strictly before it.
            if (sentNs > fromNs[i] && sentNs <= toNs[i]) {
                firstLostNs[i] = firstLostNs[i] == NONE ? sentNs : Math.min(firstLostNs[i], sentNs);
                lastLostNs[i] = lastLostNs[i] == NONE ? sentNs : Math.max(lastLostNs[i], sentNs);
                return lastLostNs[i] - firstLostNs[i] > durationNs;
            }
        }
        return false;
    }

    /** Persistent congestion was declared: the same packets do not declare it again. */
    void clear() {
        gaps = 0;
    }

    private void open(long from, long to) {
        if (gaps == MAX_GAPS) {
            remove(0);
        }
        fromNs[gaps] = from;
        toNs[gaps] = to;
        firstLostNs[gaps] = NONE;
        lastLostNs[gaps] = NONE;
        gaps++;
    }

    /** A packet inside a gap arrived after all: what remains is the part before it and the part after it. */
    private void split(int gap, long sentNs) {
        long to = toNs[gap];
        long first = firstLostNs[gap];
        long last = lastLostNs[gap];
        toNs[gap] = sentNs;
        // Only the outer losses are known; each part keeps the one that lies in it.
        firstLostNs[gap] = first < sentNs ? first : NONE;
        lastLostNs[gap] = firstLostNs[gap];
        open(sentNs, to);
        lastLostNs[gaps - 1] = last > sentNs ? last : NONE;
        firstLostNs[gaps - 1] = lastLostNs[gaps - 1];
    }

    private void remove(int gap) {
        for (int i = gap + 1; i < gaps; i++) {
            fromNs[i - 1] = fromNs[i];
            toNs[i - 1] = toNs[i];
            firstLostNs[i - 1] = firstLostNs[i];
            lastLostNs[i - 1] = lastLostNs[i];
        }
        gaps--;
    }
}
