package io.mpquic.quic.congestion;

/**
 * What controllers have in common that take loss for congestion (RFC 9002 §7): one window, slow start, and a recovery
 * period in which one congestion event counts once. How the window shrinks and grows is for the subclass.
 *
 * <pre>
 *                 persistent congestion
 *      start ----------->  SLOW START  <---------------+
 *                              | loss                  |
 *                              v                       |
 *          +-- loss --->   RECOVERY  ------------------+
 *          |                   | a packet sent in recovery is acknowledged
 *          |                   v                       |
 *          +---------  CONGESTION AVOIDANCE  ----------+
 * </pre>
 */
abstract class LossBased implements CongestionController {
    // RFC 9002 §7.2: ten datagrams, but not more than this unless two datagrams are.
    private static final int INITIAL_WINDOW_LIMIT_BYTES = 14720;
    private static final int INITIAL_WINDOW_DATAGRAMS = 10;
    private static final int MINIMUM_WINDOW_DATAGRAMS = 2;
    private static final long NO_RECOVERY = Long.MIN_VALUE;
    private static final int MIN_DATAGRAM_BYTES = 1200;

    private int maxDatagramBytes;
    private long windowBytes;
    private long slowStartThresholdBytes = Long.MAX_VALUE;
    private long recoveryStartNs = NO_RECOVERY;
    private boolean windowUntouched = true;

    LossBased(int maxDatagramBytes) {
        this.maxDatagramBytes = checked(maxDatagramBytes);
        this.windowBytes = initialWindowBytes(maxDatagramBytes);
    }

    /** The window that a connection starts with (RFC 9002 §7.2), in bytes. */
    static long initialWindowBytes(int maxDatagramBytes) {
        long limit = Math.max(INITIAL_WINDOW_LIMIT_BYTES, 2L * maxDatagramBytes);
        return Math.min((long) INITIAL_WINDOW_DATAGRAMS * maxDatagramBytes, limit);
    }

    /** How much the window grows in slow start for an acknowledged packet; by its bytes, or by less. */
    long slowStartGrowthBytes(int bytes, long sentNs, long nowNs) {
        // RFC 9002 §7.3.1: by the bytes acknowledged.
        return bytes;
    }

    /** The new window after a packet was acknowledged in congestion avoidance, in bytes. */
    abstract long avoidanceWindowBytes(int bytes, long nowNs);

    /** The new window after a congestion event, in bytes; a caller sees to the minimum. */
    abstract long reducedWindowBytes();

    /** An acknowledged packet says nothing about a larger window. */
    void onAppLimited(long nowNs) {}

    /** Everything that was learnt is void. */
    abstract void forget();

    @Override
    public final void onPacketSent(int bytes, long bytesInFlight, long nowNs) {
        // Nothing to learn here: loss recovery counts what is in flight.
    }

    @Override
    public final void onPacketAcked(int bytes, long sentNs, long nowNs, boolean appLimited) {
        // RFC 9002 §7.8: a window that was not used does not grow.
        if (appLimited) {
            onAppLimited(nowNs);
            return;
        }
        // RFC 9002 §7.3.2: during recovery it does not change; a packet sent since then ends recovery.
        if (inRecovery(sentNs)) {
            return;
        }
        windowUntouched = false;
        windowBytes = inSlowStart()
                ? windowBytes + slowStartGrowthBytes(bytes, sentNs, nowNs)
                : avoidanceWindowBytes(bytes, nowNs);
    }

    @Override
    public final void onPacketsLost(long bytes, long largestLostSentNs, long nowNs) {
        onCongestionExperienced(largestLostSentNs, nowNs);
    }

    @Override
    public final void onCongestionExperienced(long sentNs, long nowNs) {
        // RFC 9002 §7.3.2: once in recovery, what was sent before it changes nothing more.
        if (inRecovery(sentNs)) {
            return;
        }
        recoveryStartNs = nowNs;
        windowBytes = Math.max(reducedWindowBytes(), minimumWindowBytes());
        slowStartThresholdBytes = windowBytes;
        windowUntouched = false;
    }

    @Override
    public final void onPersistentCongestion(long nowNs) {
        // RFC 9002 §7.6.2: down to the minimum window, and into slow start again.
        forget();
        windowBytes = minimumWindowBytes();
        recoveryStartNs = NO_RECOVERY;
        windowUntouched = false;
    }

    @Override
    public final void reset() {
        forget();
        windowBytes = initialWindowBytes(maxDatagramBytes);
        slowStartThresholdBytes = Long.MAX_VALUE;
        recoveryStartNs = NO_RECOVERY;
        windowUntouched = true;
    }

    @Override
    public final void onMaxDatagramSize(int bytes) {
        maxDatagramBytes = checked(bytes);
        // RFC 9002 §7.2: the initial window follows the datagram size.
        windowBytes = windowUntouched ? initialWindowBytes(bytes) : Math.max(windowBytes, minimumWindowBytes());
    }

    @Override
    public final int maxDatagramBytes() {
        return maxDatagramBytes;
    }

    @Override
    public final long windowBytes() {
        return windowBytes;
    }

    @Override
    public final boolean inSlowStart() {
        return windowBytes < slowStartThresholdBytes;
    }

    /** Goes on with congestion avoidance from the window as it is. */
    final void endSlowStart() {
        slowStartThresholdBytes = windowBytes;
    }

    @Override
    public final long pacingBytesPerSecond(long smoothedRttNs) {
        // RFC 9002 §7.7: a little faster than one window each round trip. Slow start doubles the window within a round
        // trip, so the rate has to lead it by as much.
        double factor = inSlowStart() ? 2.0 : 1.25;
        return Math.max(1, (long) (factor * windowBytes * 1e9 / Math.max(1, smoothedRttNs)));
    }

    private boolean inRecovery(long sentNs) {
        return recoveryStartNs != NO_RECOVERY && sentNs <= recoveryStartNs;
    }

    private long minimumWindowBytes() {
        return (long) MINIMUM_WINDOW_DATAGRAMS * maxDatagramBytes;
    }

    static int checked(int maxDatagramBytes) {
        if (maxDatagramBytes < MIN_DATAGRAM_BYTES) {
            throw new IllegalArgumentException("datagram size " + maxDatagramBytes + " is below 1200");
        }
        return maxDatagramBytes;
    }
}
