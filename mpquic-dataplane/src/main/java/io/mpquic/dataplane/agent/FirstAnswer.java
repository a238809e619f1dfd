package io.mpquic.dataplane.agent;

import java.time.Duration;

/**
 * Decides how long an attempt waits for the server's first answer.
 *
 * <p>A server that is restarted is away for about a second. The packet that comes while it is away is lost, and a
 * connection repeats its first packet after one second, then after two more (RFC 9002 §6.2.1, §6.2.2): so the client
 * would find the server long after it is back. Just after a session, when the server was there a moment ago and the
 * round-trip time is known, an attempt without an answer is given up early, and the next one begins with a packet of its
 * own.
 *
 * <p>The worker's thread.
 */
final class FirstAnswer {
    /** For how long after a session: a server that takes longer to come back is none that was just restarted. */
    static final long HURRY_NS = Duration.ofSeconds(3).toNanos();

    /** A Java server that has just started takes this long for its first handshake. */
    static final long LEAST_PATIENCE_NS = Duration.ofMillis(400).toNanos();

    /** An answer comes after one; on a path that has become slower, or has a queue now, after some more. */
    private static final int PATIENCE_ROUND_TRIPS = 4;

    private boolean hurries;
    private long overNs;
    private long rttNs;

    /** A session has just ended whose path had this smoothed round-trip time, in nanoseconds. */
    void onSessionOver(long smoothedRttNs, long nowNs) {
        hurries = true;
        overNs = nowNs;
        rttNs = smoothedRttNs;
    }

    /** How long an attempt that begins now may be without any answer, in nanoseconds; without end in general. */
    long patienceNs(long nowNs) {
        hurries &= nowNs - overNs < HURRY_NS;
        return hurries ? Math.max(LEAST_PATIENCE_NS, PATIENCE_ROUND_TRIPS * rttNs) : Long.MAX_VALUE;
    }
}
