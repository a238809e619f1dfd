package io.mpquic.quic.endpoint;

/**
 * How often strangers may have a connection begun for them. A first packet costs its sender nothing and this end up to
 * some milliseconds, for a key exchange and a signature, on the thread that also carries the packets of established
 * connections. What comes more often is dropped; an honest client sends its first packet again.
 */
final class HandshakeRate {
    /** A tenth of a slow processor, and more clients than a tunnel has. */
    static final int PER_SECOND = 50;

    /** So many clients of a server that was restarted may come at the same moment. */
    static final int BURST = 50;

    private static final long INTERVAL_NS = 1_000_000_000L / PER_SECOND;

    private boolean started;
    /** When the bucket will be full again. */
    private long fullNs;

    boolean permits(long nowNs) {
        return permits(nowNs, 0);
    }

    /**
     * Whether one more is permitted, which is counted then.
     *
     * @param left how many have to be permitted even after it, for those who go first
     */
    boolean permits(long nowNs, int left) {
        if (!started || fullNs - nowNs < 0) {
            started = true;
            fullNs = nowNs;
        }
        if (fullNs - nowNs > (BURST - 1 - left) * INTERVAL_NS) {
            return false;
        }
        fullNs += INTERVAL_NS;
        return true;
    }
}
