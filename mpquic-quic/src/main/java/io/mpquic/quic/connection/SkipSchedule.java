package io.mpquic.quic.connection;

import java.util.random.RandomGenerator;

/**
 * Which packet numbers are left out on purpose: one now and then, at places that the peer cannot foresee. A peer that
 * acknowledges packets before they have come, so as to be sent more than the path bears, acknowledges one of these sooner
 * or later (RFC 9000 §21.4).
 */
final class SkipSchedule {
    /** Not sooner: each gap costs the peer an acknowledgement that it sends at once. */
    private static final int MIN_DISTANCE = 64;
    /** A short connection is guarded too; a long one hardly notices. */
    private static final int FIRST_SPREAD = 128;

    private static final int LARGEST_SPREAD = 4096;

    private final RandomGenerator random;
    private int spread = FIRST_SPREAD;
    private long next;

    SkipSchedule(RandomGenerator random) {
        this.random = random;
        plan(0);
    }

    /** The number to use instead of this one: itself, or the one behind it. */
    long orNext(long packetNumber) {
        if (packetNumber < next) {
            return packetNumber;
        }
        plan(packetNumber);
        return packetNumber + 1;
    }

    private void plan(long from) {
        next = from + MIN_DISTANCE + random.nextInt(spread);
        spread = Math.min(2 * spread, LARGEST_SPREAD);
    }
}
