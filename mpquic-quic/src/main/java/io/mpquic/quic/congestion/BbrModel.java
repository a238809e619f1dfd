package io.mpquic.quic.congestion;

/**
 * What BBR believes about a path: the highest rate at which it delivered lately, its shortest round trip, and how far
 * beyond their product acknowledgements arrive in heaps.
 */
final class BbrModel {
    private static final double NS_PER_SECOND = 1e9;
    /** Acknowledgements that come in a heap, because a radio link or a peer collects them, do so again and again. */
    private static final int EXTRA_ROUNDS = 5;

    /** The highest rates of this cycle of probing and of the one before. */
    private double cycleMaximum;

    private double previousMaximum;
    private final ShortestRoundTrip shortest = new ShortestRoundTrip();

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

    /** The path's shortest round trip. */
    ShortestRoundTrip shortest() {
        return shortest;
    }

    /** What the path holds at a rate, in bytes. */
    double bdpBytes(double bytesPerSecond) {
        return shortest.isKnown() ? bytesPerSecond * shortest.ns() / NS_PER_SECOND : 0;
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
