package io.mpquic.dataplane.agent;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long a client pauses between attempts: not at all after a session that lasted, or a change of its WAN, then 0.25 s, doubled each time up to
 * 3 s. Each pause is shortened by up to a third at random, so that the clients of a server that comes back do not all come
 * at once.
 *
 * <p>A pause counts from the begin of the attempt before it: one that took long to fail has paused enough.
 */
final class Backoff {
    private static final long FIRST_NS = Duration.ofMillis(250).toNanos();
    private static final long LONGEST_NS = Duration.ofSeconds(3).toNanos();

    /**
     * A session that ends sooner than this did not last. Two clients with one identity throw each other out; they do it at
     * the pace of the pauses then, and not as fast as they can.
     */
    private static final long LASTING_NS = Duration.ofSeconds(5).toNanos();

    private final RandomGenerator random;
    private long nextNs;
    private int attempts;

    Backoff(RandomGenerator random) {
        this.random = random;
    }

    /** Counts an attempt that begins now; 1 is the first since the last session that lasted. */
    int nextAttempt() {
        return ++attempts;
    }

    /** The WAN has changed: the next attempt comes at once, and it is the first. */
    void reset() {
        attempts = 0;
        nextNs = FIRST_NS;
    }

    /**
     * The pause after an attempt.
     *
     * @param attemptNs how long the attempt took, with its session if it came to one, in nanoseconds
     * @param sessionNs how long its session lasted, in nanoseconds; 0 when there was none
     * @return nanoseconds from now, 0 or more
     */
    long pauseNs(long attemptNs, long sessionNs) {
        if (sessionNs >= LASTING_NS) {
            attempts = 0;
            nextNs = 0;
        }
        long pauseNs = nextNs - (nextNs == 0 ? 0 : random.nextLong(nextNs / 3));
        nextNs = nextNs == 0 ? FIRST_NS : Math.min(2 * nextNs, LONGEST_NS);
        return Math.max(0, pauseNs - attemptNs);
    }
}
