package io.mpquic.quic.tls;

import io.mpquic.quic.wire.RememberedParameters;
import java.time.Duration;
import java.time.Instant;

/**
 * What a ticket that permits early data says to the server that gave it.
 *
 * @param serial tells its tickets apart, in the order in which they were given
 * @param ageMask what the client adds to its age
 * @param issued when it was given
 * @param parameters the transport parameters that were in force
 */
record EarlyTerms(long serial, int ageMask, Instant issued, RememberedParameters parameters) {
    private static final long AGE_MODULUS = 1L << 32;

    /** RFC 8446 §8.3: by how much the age that the client tells differs from the one that passed here. */
    Duration ageError(long obfuscatedAge, Instant now) {
        long toldMs = Math.floorMod(obfuscatedAge - ageMask, AGE_MODULUS);
        return Duration.between(issued, now).minusMillis(toldMs).abs();
    }
}
