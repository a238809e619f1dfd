package io.mpquic.quic.congestion;

/**
 * What BBR believes about a path: the highest rate at which it delivered lately, its shortest round trip, and how far
 * beyond their product acknowledgements arrive in heaps.
 */
final class BbrModel {
    private static final double NS_PER_SECOND = 1e9;
    private static final long NONE = Long.MAX_VALUE;

    /** After so long a shortest round trip is looked for anew. */
    private static final long MIN_RTT_LIFETIME_NS = 10_000_000_000L;

    private static final int EXTRA_ROUNDS = 5;

    /** The highest rates of this cycle of probing and of the one before. */
    private double cycleMaximum;

    private double previousMaximum;
    private long minRttNs = NONE;
    private long minRttAtNs;

    private double heapStartDelivered;
    private long heapStartNs;
    private double extraNow;
    private double extraBefore;
    private int extraRound;

    /** A rate was measured, in bytes each second. */
    void onRate(double bytesPerSecond) {
        cycleMaximum = Math.max(cycleMaximum, bytesPerSecond);
    }

    /** A cycle of probing begins: what was measured two cycles ago counts no more. */
    void nextCycle() {
        if (cycleMaximum > 0) {
            previousMaximum = cycleMaximum;
            cycleMaximum = 0;
        }
    }

    /** The path's rate, in bytes each second; 0 before the first sample. */
    double maxBytesPerSecond() {
        return Math.max(cycleMaximum, previousMaximum);
    }

    /** A round trip was measured. */
    void onRtt(long rttNs, long nowNs) {
        if (rttNs <= minRttNs || isMinRttOld(nowNs)) {
            minRttNs = rttNs;
            minRttAtNs = nowNs;
        }
    }

    boolean isMinRttOld(long nowNs) {
        return minRttNs != NONE && nowNs - minRttAtNs > MIN_RTT_LIFETIME_NS;
    }

    /** The shortest round trip was just seen again, with an empty queue. */
    void confirmMinRtt(long nowNs) {
        minRttAtNs = nowNs;
    }

    boolean hasRtt() {
        return minRttNs != NONE;
    }

    long minRttNs() {
        return minRttNs;
    }

    /** What the path holds at a rate, in bytes. */
    double bdpBytes(double bytesPerSecond) {
        return hasRtt() ? bytesPerSecond * minRttNs / NS_PER_SECOND : 0;
    }

    /** Bytes were acknowledged: more than the rate explains came in a heap. */
    void onAcked(long deliveredBytes, long ackedBytes, double bytesPerSecond, double limitBytes, long nowNs) {
        double expected = bytesPerSecond * (nowNs - heapStartNs) / NS_PER_SECOND;
        double sinceStart = deliveredBytes - heapStartDelivered;
        if (sinceStart <= expected || heapStartNs == 0) {
            heapStartNs = nowNs;
            heapStartDelivered = deliveredBytes - ackedBytes;
            expected = 0;
            sinceStart = ackedBytes;
        }
        extraNow = Math.max(extraNow, Math.min(sinceStart - expected, limitBytes));
    }

    void onRound() {
        if (++extraRound % EXTRA_ROUNDS == 0) {
            extraBefore = extraNow;
            extraNow = 0;
        }
    }

    /** How much more than the rate explains was acknowledged at once in the last rounds, in bytes. */
    double extraBytes() {
        return Math.max(extraNow, extraBefore);
    }
}
