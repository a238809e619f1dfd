package io.mpquic.quic.congestion;

/**
 * The shortest round trip of a path: how long it takes without a queue. A route may become longer, so what was seen long
 * ago counts no more; and before that, when the shortest was not seen for a while, it is time to look for it with little in
 * flight.
 *
 * <p>Two memories do this: a recent one, emptied each time that it is time to look, and that which counts, which the recent
 * one replaces when it is shorter, or when that which counts is old. So one look that meets the queue of others is not
 * believed at once, but two in a row are.
 */
final class ShortestRoundTrip {
    private static final long NONE = Long.MAX_VALUE;
    /** Looking costs a path some percent for a moment; routes change more seldom than this. */
    private static final long LOOK_INTERVAL_NS = 5_000_000_000L;
    /** Two looks, of which one may have failed. */
    private static final long LIFETIME_NS = 2 * LOOK_INTERVAL_NS;

    private long shortestNs = NONE;
    private long shortestAtNs;
    private long recentNs = NONE;
    private long recentAtNs;
    private boolean due;

    /** A round trip was measured. */
    void onSample(long rttNs, long nowNs) {
        if (nowNs - shortestAtNs > LIFETIME_NS) {
            shortestNs = recentNs;
            shortestAtNs = recentAtNs;
        }
        due = recentNs != NONE && nowNs - recentAtNs > LOOK_INTERVAL_NS;
        if (rttNs <= recentNs || due) {
            recentNs = rttNs;
            recentAtNs = nowNs;
        }
        if (rttNs <= shortestNs) {
            shortestNs = rttNs;
            shortestAtNs = nowNs;
        }
    }

    /** Whether the last sample came when the shortest round trip had not been seen for too long. */
    boolean isLookDue() {
        return due;
    }

    /** A look is over: the next one comes after a whole interval. */
    void onLooked(long nowNs) {
        recentAtNs = nowNs;
    }

    boolean isKnown() {
        return shortestNs != NONE;
    }

    /** In nanoseconds; only when it is known. */
    long ns() {
        return shortestNs;
    }
}
