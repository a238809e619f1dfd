package io.mpquic.quic.congestion;

import java.util.function.LongSupplier;

/**
 * CUBIC (RFC 9438): after a congestion event the window grows as a cubic function of the time since, flat around the window
 * at which congestion was met and steep beyond it, and never more slowly than NewReno's would. It fills long and fast paths
 * that NewReno leaves empty. Slow start ends by HyStart++ (RFC 9406).
 *
 * <pre>
 *   window │                                    ╱
 *          │                                   ╱   looks for more
 *    W_max ┼ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ____________ ╱
 *          │╲             ___────
 *          │ │        _──    comes near carefully
 *          │ │     ╱
 *   β·W_max┼ └────╱
 *          └──────┬────────────────┬──────────────▶ time
 *             congestion           K later
 * </pre>
 *
 * <p>Not thread-safe: one thread uses it.
 */
public final class Cubic extends LossBased {
    /** RFC 9438 §4.6: what is left of the window after a congestion event. */
    private static final double BETA = 0.7;
    /** RFC 9438 §5.1: how fast the cube rises, in datagrams each cubic second. */
    private static final double C = 0.4;
    /** RFC 9438 §4.3: grows on average as fast as a window that is halved and grows by one. */
    private static final double RENO_ALPHA = 3 * (1 - BETA) / (1 + BETA);
    /** RFC 9438 §4.2: no more than half of the window in a round trip. */
    private static final double LARGEST_STEP = 1.5;

    private static final double NS_PER_SECOND = 1e9;
    private static final long NONE = Long.MIN_VALUE;

    private final LongSupplier smoothedRttNs;
    private final HyStart hyStart = new HyStart();
    /** The window when congestion was met last; 0 when it never was. */
    private double maxBytes;
    /** The window at the moment of that event, without what fast convergence takes off. */
    private double priorBytes;

    private long epochNs = NONE;
    private long limitedSinceNs = NONE;
    private double originBytes;
    private double kSeconds;
    private double renoBytes;
    /** The window with its fraction of a byte. */
    private double exactBytes;

    /**
     * A controller in slow start.
     *
     * @param maxDatagramBytes the largest UDP payload now, at least 1200
     * @param smoothedRttNs the smoothed round-trip time
     */
    public Cubic(int maxDatagramBytes, LongSupplier smoothedRttNs) {
        super(maxDatagramBytes);
        this.smoothedRttNs = smoothedRttNs;
    }

    @Override
    long slowStartGrowthBytes(int bytes, long sentNs, long nowNs) {
        long growthBytes = hyStart.growthBytes(bytes, sentNs, nowNs);
        if (hyStart.isOver()) {
            endSlowStart();
            return 0;
        }
        return growthBytes;
    }

    @Override
    void onAppLimited(long nowNs) {
        // RFC 9438 §5.8: the time in which the window was not used does not count.
        if (epochNs != NONE && limitedSinceNs == NONE) {
            limitedSinceNs = nowNs;
        }
    }

    @Override
    long avoidanceWindowBytes(int bytes, long nowNs) {
        if (epochNs == NONE) {
            beginEpoch(nowNs);
        } else if (limitedSinceNs != NONE) {
            epochNs += nowNs - limitedSinceNs;
        }
        limitedSinceNs = NONE;
        if ((long) exactBytes != windowBytes()) {
            exactBytes = windowBytes(); // the datagram size has changed meanwhile
        }
        // RFC 9438 §4.3: the window that NewReno would have; as fast as NewReno itself once past the old window.
        double alpha = renoBytes < priorBytes ? RENO_ALPHA : 1;
        renoBytes += alpha * bytes * maxDatagramBytes() / exactBytes;
        double sinceSeconds = (nowNs - epochNs) / NS_PER_SECOND;
        if (cubicBytes(sinceSeconds) < renoBytes) {
            exactBytes = Math.max(exactBytes, renoBytes);
        } else {
            double target = cubicBytes(sinceSeconds + smoothedRttNs.getAsLong() / NS_PER_SECOND);
            target = Math.clamp(target, exactBytes, LARGEST_STEP * exactBytes);
            exactBytes += (target - exactBytes) * bytes / exactBytes;
        }
        return (long) exactBytes;
    }

    // RFC 9438 §4.2: the epoch begins with the first growth after congestion, from the window as it is then.
    private void beginEpoch(long nowNs) {
        epochNs = nowNs;
        exactBytes = windowBytes();
        renoBytes = exactBytes;
        originBytes = Math.max(maxBytes, exactBytes);
        kSeconds = Math.cbrt((originBytes - exactBytes) / maxDatagramBytes() / C);
    }

    private double cubicBytes(double sinceSeconds) {
        double fromK = sinceSeconds - kSeconds;
        return originBytes + C * fromK * fromK * fromK * maxDatagramBytes();
    }

    @Override
    long reducedWindowBytes() {
        double window = windowBytes();
        priorBytes = window;
        // RFC 9438 §4.7: who has to give way twice in a row leaves room for others.
        maxBytes = window < maxBytes ? window * (1 + BETA) / 2 : window;
        epochNs = NONE;
        limitedSinceNs = NONE;
        return (long) (window * BETA);
    }

    @Override
    void forget() {
        maxBytes = 0;
        priorBytes = 0;
        epochNs = NONE;
        limitedSinceNs = NONE;
        hyStart.reset();
    }
}
