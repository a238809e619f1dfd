package io.mpquic.quic.congestion;

/**
 * Leaves slow start before the bottleneck's queue runs over: HyStart++ (RFC 9406). When the shortest round trip of a round
 * is clearly longer than that of the round before, the window grows more slowly for some rounds; when the round trips stay
 * long, slow start is over, and when they do not, it was a false alarm.
 */
final class HyStart {
    // RFC 9406 §4.3: the recommended values.
    private static final long MIN_RISE_NS = 4_000_000;
    private static final long MAX_RISE_NS = 16_000_000;
    private static final int RISE_DIVISOR = 8;
    private static final int SAMPLES = 8;
    private static final int CONSERVATIVE_GROWTH_DIVISOR = 4;
    private static final int CONSERVATIVE_ROUNDS = 5;

    private static final long NONE = Long.MAX_VALUE;

    private boolean started;
    private long roundStartNs;
    private long roundMinRttNs = NONE;
    private long lastRoundMinRttNs = NONE;
    private int samples;
    private boolean conservative;
    private long conservativeBaselineNs;
    private int conservativeRounds;
    private boolean over;

    /** Takes an acknowledged packet; returns by how many bytes the window grows for it. */
    long growthBytes(int bytes, long sentNs, long nowNs) {
        if (!started || sentNs >= roundStartNs) {
            beginRound(nowNs);
        }
        roundMinRttNs = Math.min(roundMinRttNs, nowNs - sentNs);
        samples++;
        if (samples >= SAMPLES) {
            judge();
        }
        return conservative ? bytes / CONSERVATIVE_GROWTH_DIVISOR : bytes;
    }

    /** Whether slow start has found the path's capacity. */
    boolean isOver() {
        return over;
    }

    // RFC 9406 §4.2: a round ends when a packet is acknowledged that was sent in it.
    private void beginRound(long nowNs) {
        if (conservative && ++conservativeRounds >= CONSERVATIVE_ROUNDS) {
            over = true;
        }
        started = true;
        roundStartNs = nowNs;
        lastRoundMinRttNs = roundMinRttNs;
        roundMinRttNs = NONE;
        samples = 0;
    }

    private void judge() {
        if (conservative) {
            if (roundMinRttNs < conservativeBaselineNs) {
                conservative = false;
            }
        } else if (lastRoundMinRttNs != NONE) {
            long riseNs = Math.clamp(lastRoundMinRttNs / RISE_DIVISOR, MIN_RISE_NS, MAX_RISE_NS);
            if (roundMinRttNs >= lastRoundMinRttNs + riseNs) {
                conservative = true;
                conservativeBaselineNs = roundMinRttNs;
                conservativeRounds = 0;
            }
        }
    }

    void reset() {
        started = false;
        roundMinRttNs = NONE;
        lastRoundMinRttNs = NONE;
        conservative = false;
        over = false;
    }
}
