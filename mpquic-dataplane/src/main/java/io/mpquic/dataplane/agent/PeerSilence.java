package io.mpquic.dataplane.agent;

import java.time.Duration;

/**
 * Decides when a peer that owes an answer is given up.
 *
 * <p>Patience costs nothing while a link is away: the session goes on when it is back. But a server that was killed and
 * restarted without the key of its stateless resets cannot prove that it has forgotten the session. It still answers
 * each packet with a reset, whose token nobody knows (RFC 9000 §10.3.2). Such a packet proves nothing, for anybody can
 * send it; it is only a reason not to wait for long.
 *
 * <p>The worker's thread.
 */
final class PeerSilence {
    /** Many round trips and probes, yet short enough that a restarted server is served again within two seconds. */
    static final long DOUBTED_LIMIT_NS = Duration.ofSeconds(1).toNanos();

    private final long limitNs;
    private long straysWhenAnswered;
    private boolean doubted;

    /**
     * Starts with a peer that owes nothing.
     *
     * @param limitNs the longest silence of a peer that is not in doubt, in nanoseconds
     */
    PeerSilence(long limitNs) {
        this.limitNs = limitNs;
    }

    /**
     * Says how things stand.
     *
     * @param unansweredNs for how long the peer has owed an answer, in nanoseconds; 0 when it owes none
     * @param strays how many packets came so far that belong to no connection
     * @return whether it was silent for too long
     */
    boolean isTooLong(long unansweredNs, long strays) {
        if (unansweredNs == 0) {
            straysWhenAnswered = strays;
        }
        doubted = strays > straysWhenAnswered;
        return unansweredNs > currentLimitNs();
    }

    /** How long the peer may be silent yet, in nanoseconds; without end while it owes no answer. */
    long leftNs(long unansweredNs) {
        return unansweredNs == 0 ? Long.MAX_VALUE : Math.max(0, currentLimitNs() - unansweredNs) + 1;
    }

    private long currentLimitNs() {
        return doubted ? Math.min(limitNs, DOUBTED_LIMIT_NS) : limitNs;
    }
}
