package io.mpquic.quic.congestion;

/**
 * The controller of RFC 9002 §7: one window, halved once each round trip that sees loss.
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
 *
 * <p>Not thread-safe: one thread uses it.
 */
public final class NewReno implements CongestionController {
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
    private long avoidanceAckedBytes;
    private boolean windowUntouched = true;

    /**
     * A controller in slow start.
     *
     * @param maxDatagramBytes the largest UDP payload now, at least 1200
     */
    public NewReno(int maxDatagramBytes) {
        this.maxDatagramBytes = checked(maxDatagramBytes);
        this.windowBytes = initialWindowBytes(maxDatagramBytes);
    }

    /** The window that a connection starts with (RFC 9002 §7.2), in bytes. */
    public static long initialWindowBytes(int maxDatagramBytes) {
        long limit = Math.max(INITIAL_WINDOW_LIMIT_BYTES, 2L * maxDatagramBytes);
        return Math.min((long) INITIAL_WINDOW_DATAGRAMS * maxDatagramBytes, limit);
    }

    @Override
    public void onPacketSent(int bytes, long bytesInFlight, long nowNs) {
        // Nothing to learn here: loss recovery counts what is in flight.
    }

    @Override
    public void onPacketAcked(int bytes, long sentNs, long nowNs, boolean appLimited) {
        // RFC 9002 §7.8: a window that was not used does not grow.
        // RFC 9002 §7.3.2: during recovery it does not change; a packet sent since then ends recovery.
        if (appLimited || inRecovery(sentNs)) {
            return;
        }
        windowUntouched = false;
        if (inSlowStart()) {
            // RFC 9002 §7.3.1: by the bytes acknowledged.
            windowBytes += bytes;
            return;
        }
        // RFC 9002 §7.3.3: at most one datagram for each window acknowledged. Counting bytes keeps the division out.
        avoidanceAckedBytes += bytes;
        if (avoidanceAckedBytes >= windowBytes) {
            avoidanceAckedBytes -= windowBytes;
            windowBytes += maxDatagramBytes;
        }
    }

    @Override
    public void onPacketsLost(long bytes, long largestLostSentNs, long nowNs) {
        onCongestionExperienced(largestLostSentNs, nowNs);
    }

    @Override
    public void onCongestionExperienced(long sentNs, long nowNs) {
        // RFC 9002 §7.3.2: once in recovery, what was sent before it changes nothing more.
        if (inRecovery(sentNs)) {
            return;
        }
        recoveryStartNs = nowNs;
        slowStartThresholdBytes = Math.max(windowBytes / 2, minimumWindowBytes());
        windowBytes = slowStartThresholdBytes;
        avoidanceAckedBytes = 0;
        windowUntouched = false;
    }

    @Override
    public void onPersistentCongestion(long nowNs) {
        // RFC 9002 §7.6.2: down to the minimum window, and into slow start again.
        windowBytes = minimumWindowBytes();
        recoveryStartNs = NO_RECOVERY;
        avoidanceAckedBytes = 0;
        windowUntouched = false;
    }

    @Override
    public void reset() {
        windowBytes = initialWindowBytes(maxDatagramBytes);
        slowStartThresholdBytes = Long.MAX_VALUE;
        recoveryStartNs = NO_RECOVERY;
        avoidanceAckedBytes = 0;
        windowUntouched = true;
    }

    @Override
    public void onMaxDatagramSize(int bytes) {
        maxDatagramBytes = checked(bytes);
        // RFC 9002 §7.2: the initial window follows the datagram size.
        windowBytes = windowUntouched ? initialWindowBytes(bytes) : Math.max(windowBytes, minimumWindowBytes());
    }

    @Override
    public int maxDatagramBytes() {
        return maxDatagramBytes;
    }

    @Override
    public long windowBytes() {
        return windowBytes;
    }

    @Override
    public boolean inSlowStart() {
        return windowBytes < slowStartThresholdBytes;
    }

    @Override
    public long pacingBytesPerSecond(long smoothedRttNs) {
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

    private static int checked(int maxDatagramBytes) {
        if (maxDatagramBytes < MIN_DATAGRAM_BYTES) {
            throw new IllegalArgumentException("datagram size " + maxDatagramBytes + " is below 1200");
        }
        return maxDatagramBytes;
    }
}
