package io.mpquic.quic.recovery;

/**
 * Finds the largest UDP payload that a path carries (RFC 9000 §14.3, after RFC 8899), within two round trips on the
 * common paths.
 *
 * <pre>
 *   start:   1200 known good
 *   round 1: [max] [1472] [1452] [1432] [1392] [1372] [1352] [1280]     all at once, the largest first
 *            acknowledged up to some size, lost above it
 *   round 2: up to three sizes between these two, each three times, and the lost one until it was lost three times
 *   ...      on larger gaps first a search by sevenths
 *   settled: the gap is at most 20 bytes, and the size above it was lost three times
 * </pre>
 *
 * <p>A random loss does not mislead it for long: a size counts as too large only after three losses of it or of smaller
 * ones, and any acknowledgement of a size as large refutes these.
 *
 * <p>The owner sends a probe of {@link #nextProbeBytes} whenever that is not 0: an ack-eliciting packet padded to that
 * UDP payload. A small packet behind the last one makes losses visible within a round trip instead of a probe timeout.
 * Time is an argument. Not thread-safe: one thread uses it.
 */
public final class PathMtuDiscovery {
    /** What every path has to carry (RFC 9000 §14). */
    public static final int BASE_BYTES = 1200;

    // RFC 8899 §5.1.2: MAX_PROBES.
    private static final int MAX_PROBES = 3;
    // A larger gap is worth another round; a smaller one is under 2 % of a packet.
    private static final int TOLERANCE_BYTES = 20;
    // In the last round, so many sizes of three probes each: what a congestion window holds.
    private static final int FINE_POINTS = 3;
    private static final int COARSE_POINTS = 7;
    // RFC 8899 §5.1.1: PMTU_RAISE_TIMER.
    private static final long RAISE_INTERVAL_NS = 600_000_000_000L;
    private static final int MAX_UDP_PAYLOAD_BYTES = 65527;

    // UDP payloads of the usual links: Ethernet with IPv4 and IPv6, PPPoE, GRE, WireGuard, mobile networks, and the
    // least IPv6 link.
    private static final int[] COMMON_BYTES = {1472, 1452, 1432, 1392, 1372, 1352, 1280};
    // Where a common link lies inside a gap, that size is probed rather than one by arithmetic.
    private static final int[] REFINED_BYTES = {1464, 1444, 1412};

    private final ProbeSizes sizes = new ProbeSizes();
    private final BlackHoleDetector blackHole = new BlackHoleDetector(BASE_BYTES);
    private int maxBytes;
    private int currentBytes = BASE_BYTES;
    private int nextProbeBytes;
    private boolean running;
    private boolean settled;
    private boolean raiseArmed;
    private long raiseNs;

    /**
     * A discovery that has not started.
     *
     * @param maxUdpPayloadBytes the largest UDP payload that the link and the peer permit; 1200 to 65527
     */
    public PathMtuDiscovery(int maxUdpPayloadBytes) {
        if (maxUdpPayloadBytes < BASE_BYTES || maxUdpPayloadBytes > MAX_UDP_PAYLOAD_BYTES) {
            throw new IllegalArgumentException("UDP payload of " + maxUdpPayloadBytes + " bytes");
        }
        this.maxBytes = maxUdpPayloadBytes;
    }

    /**
     * Lowers the maximum, to the peer's max_udp_payload_size for instance; not below 1200. Call before {@link #start}.
     */
    public void limitTo(int maxUdpPayloadBytes) {
        maxBytes = Math.max(BASE_BYTES, Math.min(maxBytes, maxUdpPayloadBytes));
        currentBytes = Math.min(currentBytes, maxBytes);
    }

    /** The largest UDP payload that the path is known to carry, in bytes. */
    public int currentBytes() {
        return currentBytes;
    }

    /** Whether the first discovery of this path has come to its end. Stays true until the path is another one. */
    public boolean settled() {
        return settled;
    }

    /** The handshake is confirmed and probes may go out. Does nothing while a discovery runs. */
    public void start() {
        if (running) {
            return;
        }
        running = true;
        raiseArmed = false;
        sizes.clear();
        request(maxBytes, 1);
        for (int bytes : COMMON_BYTES) {
            if (bytes < maxBytes) {
                request(bytes, 1);
            }
        }
        proceed();
    }

    /** The UDP payload of the probe to send now; 0 for none. */
    public int nextProbeBytes() {
        return nextProbeBytes;
    }

    /** A probe went out. */
    public void onProbeSent(int bytes) {
        sizes.onSent(bytes);
        nextProbeBytes = sizes.next();
    }

    /**
     * The socket refused a packet as too large for the link: it never went out. If it was no larger than
     * {@link #currentBytes}, the link has shrunk, and the discovery starts again from 1200.
     */
    public void onProbeRefused(int bytes) {
        if (bytes <= currentBytes && currentBytes > BASE_BYTES) {
            onBlackHole();
        } else if (bytes > currentBytes) {
            sizes.refuse(bytes, MAX_PROBES);
            proceed();
        }
    }

    /** A probe arrived, even if it was taken for lost before. */
    public void onProbeAcked(int bytes) {
        if (bytes > maxBytes) {
            return;
        }
        currentBytes = Math.max(currentBytes, bytes);
        sizes.confirm(currentBytes);
        blackHole.reset();
        proceed();
    }

    /** A probe was declared lost. */
    public void onProbeLost(int bytes) {
        sizes.onLost(bytes);
        proceed();
    }

    /**
     * A 1-RTT packet that was no probe arrived.
     *
     * @param bytes its UDP payload
     */
    public void onPacketAcked(int bytes) {
        blackHole.onPacketAcked(bytes);
    }

    /**
     * A 1-RTT packet that was no probe was lost.
     *
     * @param bytes its UDP payload
     * @param sentNs when it was sent
     * @param nowNs the present
     * @return whether the path was found to be a black hole: {@link #currentBytes} is 1200 now, and a discovery runs
     */
    public boolean onPacketLost(int bytes, long sentNs, long nowNs) {
        boolean found = blackHole.onPacketLost(bytes, sentNs, nowNs);
        if (found) {
            onBlackHole();
        }
        return found;
    }

    /** The path is another one: RFC 9000 §14.3, its size is to be found out anew. */
    public void onPathChanged() {
        if (running || settled) {
            // Until more is known, what does not fit may fit soon.
            settled = false;
            onBlackHole();
        }
    }

    /** The path does not carry {@link #currentBytes} any more: back to 1200, and a new discovery. */
    public void onBlackHole() {
        blackHole.reset();
        currentBytes = BASE_BYTES;
        running = false;
        start();
    }

    /**
     * When to call {@link #onTimer}; {@code Long.MAX_VALUE} for never, {@code Long.MIN_VALUE} for at once: a discovery
     * has just ended, and the interval to the next begins at that call.
     */
    public long nextRaiseNs() {
        if (running || !settled || currentBytes >= maxBytes) {
            return Long.MAX_VALUE;
        }
        return raiseArmed ? raiseNs : Long.MIN_VALUE;
    }

    /** Starts another discovery if ten minutes have passed since the last. Harmless at any other time. */
    public void onTimer(long nowNs) {
        if (nextRaiseNs() == Long.MIN_VALUE) {
            raiseArmed = true;
            raiseNs = nowNs + RAISE_INTERVAL_NS;
        } else if (nowNs >= nextRaiseNs()) {
            start();
        }
    }

    /** Once all probes of a round have met their fate: ends the discovery, or plans the next round. */
    private void proceed() {
        if (running && currentBytes < maxBytes && !sizes.isBusy()) {
            planRound();
        }
        if (running && (currentBytes >= maxBytes || !sizes.isBusy())) {
            running = false;
            settled = true;
        }
        nextProbeBytes = sizes.next();
    }

    private void planRound() {
        // Something above the current size was lost, or else the maximum would have been acknowledged.
        int lostBytes = sizes.smallestLost() == 0 ? maxBytes : sizes.smallestLost();
        int gapBytes = lostBytes - currentBytes;
        int missingLosses = Math.max(0, MAX_PROBES - sizes.lossesUpTo(lostBytes));
        if (gapBytes > (FINE_POINTS + 1) * TOLERANCE_BYTES) {
            requestBetween(lostBytes, COARSE_POINTS, 1);
            return;
        }
        request(lostBytes, missingLosses);
        requestBetween(lostBytes, (gapBytes - 1) / TOLERANCE_BYTES, MAX_PROBES);
        if (gapBytes <= TOLERANCE_BYTES) {
            request(nearCommon(lostBytes - gapBytes / 2, lostBytes, 0), MAX_PROBES);
        }
    }

    /** Has sizes probed that part the gap evenly, each moved onto a common size if one is near enough. */
    private void requestBetween(int lostBytes, int points, int times) {
        int gapBytes = lostBytes - currentBytes;
        int previousBytes = 0;
        for (int point = 1; point <= points; point++) {
            int evenBytes = currentBytes + gapBytes * point / (points + 1);
            int bytes = nearCommon(evenBytes, lostBytes, evenBytes);
            if (bytes != previousBytes) {
                request(bytes, times);
            }
            previousBytes = bytes;
        }
    }

    /** A common size inside the gap that is close to a size, or else the alternative. */
    private int nearCommon(int bytes, int lostBytes, int otherwiseBytes) {
        for (int common : REFINED_BYTES) {
            boolean inside = common > currentBytes && common < lostBytes;
            if (inside && Math.abs(common - bytes) < TOLERANCE_BYTES / 2) {
                return common;
            }
        }
        return otherwiseBytes;
    }

    private void request(int bytes, int times) {
        if (bytes > currentBytes && times > 0) {
            sizes.request(bytes, times);
        }
    }
}
