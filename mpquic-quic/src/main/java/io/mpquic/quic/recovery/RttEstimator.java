package io.mpquic.quic.recovery;

/**
 * The round-trip time of one path (RFC 9002 §5), in nanoseconds.
 *
 * <p>Not thread-safe: one thread uses it.
 */
public final class RttEstimator {
    // RFC 9002 §6.2.2: so that a handshake starts with a probe timeout of one second.
    static final long INITIAL_RTT_NS = 333_000_000;

    private final long initialNs;
    private boolean hasSample;
    private long firstSampleNs = Long.MAX_VALUE;
    private long latestNs;
    private long minNs;
    private long smoothedNs;
    private long varianceNs;

    /** An estimator without a sample, which assumes 333 ms until it has one. */
    public RttEstimator() {
        this(INITIAL_RTT_NS);
    }

    /**
     * An estimator without a sample.
     *
     * @param initialNs what it assumes until it has one, in nanoseconds, above 0
     */
    public RttEstimator(long initialNs) {
        this.initialNs = initialNs;
        smoothedNs = initialNs;
        varianceNs = initialNs / 2;
    }

    /** Whether a round trip has been measured. */
    public boolean hasSample() {
        return hasSample;
    }

    /** When the first sample was taken; {@code Long.MAX_VALUE} before it. */
    public long firstSampleNs() {
        return firstSampleNs;
    }

    /** The newest sample; 0 before the first. */
    public long latestNs() {
        return latestNs;
    }

    /** The moving average. */
    public long smoothedNs() {
        return smoothedNs;
    }

    /** The mean deviation from the average. */
    public long varianceNs() {
        return varianceNs;
    }

    /** The smallest sample; 0 before the first. */
    public long minNs() {
        return minNs;
    }

    /**
     * Takes a sample: the time from sending the largest newly acknowledged packet to its acknowledgement.
     *
     * @param sampleNs the time measured; less than 1 counts as 1
     * @param ackDelayNs how long the peer says it held the acknowledgement back, after the limits of RFC 9002 §5.3
     * @param nowNs the present
     */
    void onSample(long sampleNs, long ackDelayNs, long nowNs) {
        latestNs = Math.max(1, sampleNs);
        if (!hasSample) {
            hasSample = true;
            firstSampleNs = nowNs;
            minNs = latestNs;
            smoothedNs = latestNs;
            varianceNs = latestNs / 2;
            return;
        }
        // RFC 9002 §5.2: the minimum is what was seen here; the peer's word does not lower it.
        minNs = Math.min(minNs, latestNs);
        // RFC 9002 §5.3: the delay is not subtracted when that would give less than the minimum.
        long adjustedNs = latestNs - minNs >= ackDelayNs ? latestNs - ackDelayNs : latestNs;
        varianceNs = (3 * varianceNs + Math.abs(smoothedNs - adjustedNs)) / 4;
        smoothedNs = (7 * smoothedNs + adjustedNs) / 8;
    }

    /** RFC 9002 §5.2: after persistent congestion the minimum starts again from the newest sample. */
    void onPersistentCongestion() {
        minNs = latestNs;
    }

    /** Forgets all samples: the path is another one (RFC 9000 §9.4). */
    public void reset() {
        hasSample = false;
        firstSampleNs = Long.MAX_VALUE;
        latestNs = 0;
        minNs = 0;
        smoothedNs = initialNs;
        varianceNs = initialNs / 2;
    }
}
