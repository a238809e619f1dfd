package io.mpquic.dataplane.forward;

/** A token bucket on the caller's clock. One thread. */
final class RateLimit {
    private final long intervalNs;
    private final long burst;
    private long tokens;
    private long filledNs;
    private boolean started;

    /**
     * Creates a full bucket.
     *
     * @param perSecond how many may pass a second in the long run, 1 to a thousand million
     * @param burst how many may pass at once, at least 1
     */
    RateLimit(int perSecond, int burst) {
        this.intervalNs = 1_000_000_000L / perSecond;
        this.burst = burst;
        this.tokens = burst;
    }

    /** Takes a token, if one is there. */
    boolean permits(long nowNs) {
        if (!started) {
            started = true;
            filledNs = nowNs;
        }
        long earned = (nowNs - filledNs) / intervalNs;
        if (earned > 0) {
            tokens = Math.min(burst, tokens + earned);
            filledNs += earned * intervalNs;
        }
        if (tokens == 0) {
            return false;
        }
        tokens--;
        return true;
    }
}
