package io.mpquic.quic.connection;

import io.mpquic.quic.wire.PathChallengeFrame;
import java.util.random.RandomGenerator;

/**
 * Asks whether the peer can be reached on a path (RFC 9000 §8.2): challenges, each with data of its own, until one is
 * answered or time is over.
 */
final class PathValidation {
    // RFC 9000 §8.2.4: three probe timeouts.
    private static final int PATIENCE_PTOS = 3;
    /** More are not sent within that time: the interval doubles. */
    private static final int MAX_CHALLENGES = 8;

    private final RandomGenerator random;
    private final long[] data = new long[MAX_CHALLENGES];
    private int sent;
    private boolean running;
    private boolean due;
    private boolean fullSize;
    private long nextNs = Long.MAX_VALUE;
    private long intervalNs;
    private long deadlineNs = Long.MAX_VALUE;

    PathValidation(RandomGenerator random) {
        this.random = random;
    }

    /**
     * Starts, or starts again.
     *
     * @param ptoNs the probe timeout of the connection now
     * @param freshPtoNs that of a path of which nothing is known
     */
    void start(long nowNs, long ptoNs, long freshPtoNs) {
        running = true;
        due = true;
        sent = 0;
        // RFC 9000 §9.4: not more often than a probe timeout would have it.
        intervalNs = ptoNs;
        nextNs = Long.MAX_VALUE;
        // RFC 9000 §8.2.4: the larger of the two, since the new path may be slower than the old one.
        deadlineNs = nowNs + PATIENCE_PTOS * Math.max(ptoNs, freshPtoNs);
    }

    boolean isRunning() {
        return running;
    }

    boolean isChallengeDue() {
        return due;
    }

    /** The challenge to send now. RFC 9000 §8.2.1: each has data that nobody can foresee. */
    PathChallengeFrame challenge(long nowNs) {
        long value = random.nextLong();
        data[sent++] = value;
        due = false;
        nextNs = sent < MAX_CHALLENGES ? nowNs + intervalNs : Long.MAX_VALUE;
        intervalNs *= 2;
        return new PathChallengeFrame(value);
    }

    /** The challenge went out; in a datagram of full size, or in a smaller one. */
    void onSent(boolean inFullSize) {
        fullSize = inFullSize;
    }

    /** Whether the answer is one to a challenge of this path. RFC 9000 §8.2.3: on whichever path it came. */
    boolean isAnswer(long value) {
        for (int i = 0; running && i < sent; i++) {
            if (data[i] == value) {
                return true;
            }
        }
        return false;
    }

    /** Whether what was answered last also proves that the path carries 1200 bytes: RFC 9000 §8.2.1. */
    boolean provesSize() {
        return fullSize;
    }

    void stop() {
        running = false;
        due = false;
        nextNs = Long.MAX_VALUE;
        deadlineNs = Long.MAX_VALUE;
    }

    long nextTimeoutNs() {
        return Math.min(nextNs, deadlineNs);
    }

    /** Makes the next challenge due; returns whether the time is over, without an answer. */
    boolean onTimeout(long nowNs) {
        if (nowNs >= nextNs) {
            due = true;
            nextNs = Long.MAX_VALUE;
        }
        return nowNs >= deadlineNs;
    }
}
