package io.mpquic.quic.recovery;

/**
 * Notices that this process stood still: a deadline that lies so far back was met by nobody. Acknowledgements that came
 * meanwhile waited in the socket, so that the time since their packets were sent is that of a suspended machine, a stopped
 * process or a leap of the clock, and no round trip. RFC 9002 §5 wants samples of the path.
 */
final class Standstill {
    /** Longer than a collector of memory or a busy scheduler holds a driver back. */
    private static final long LATE_NS = 1_000_000_000;

    private boolean happened;
    private long endedNs;

    /** Compares the clock with the deadline that was to be met. */
    void observe(long deadlineNs, long nowNs) {
        if (deadlineNs != SpaceState.NO_TIME && nowNs - deadlineNs > LATE_NS) {
            happened = true;
            endedNs = nowNs;
        }
    }

    /** Whether this process stood still at some time since. */
    boolean isSince(long sentNs) {
        return happened && sentNs - endedNs < 0;
    }
}
