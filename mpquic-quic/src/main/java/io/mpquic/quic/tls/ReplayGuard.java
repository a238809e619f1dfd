package io.mpquic.quic.tls;

import java.time.Duration;
import java.time.Instant;
import java.util.BitSet;

/**
 * Keeps early data from being processed twice (RFC 8446 §8): each ticket is good for early data once (§8.1), and only in a
 * ClientHello that was made just now (§8.3). Memory is bounded; of a ticket that is too far back to be remembered, early
 * data are refused, as they are in every other doubt. Thread-safe: connections of several threads share it.
 *
 * <p>It knows the tickets of one set of keys in one process, so such tickets must be good nowhere else.
 */
final class ReplayGuard {
    /** RFC 8446 §8.3: clocks that drift apart and the round trip; ten seconds suit the Internet. */
    static final Duration FRESHNESS = Duration.ofSeconds(10);
    /** Eight kilobytes of bits. */
    static final int WINDOW = 1 << 16;

    private final BitSet used = new BitSet(WINDOW);
    private long next;
    private long highestUsed = -1;

    /** The number of a new ticket. */
    synchronized long newSerial() {
        return next++;
    }

    /** Whether early data of this ticket may be processed; false from now on. */
    boolean admit(EarlyTerms terms, long obfuscatedAge, Instant now) {
        return terms.ageError(obfuscatedAge, now).compareTo(FRESHNESS) <= 0 && firstUse(terms.serial());
    }

    private synchronized boolean firstUse(long serial) {
        if (serial >= next || serial <= highestUsed - WINDOW) {
            return false;
        }
        // The places of the numbers in between belonged to others, one window before.
        for (long fresh = Math.max(highestUsed + 1, serial - WINDOW + 1); fresh <= serial; fresh++) {
            used.clear(place(fresh));
        }
        highestUsed = Math.max(highestUsed, serial);
        if (used.get(place(serial))) {
            return false;
        }
        used.set(place(serial));
        return true;
    }

    private static int place(long serial) {
        return (int) (serial % WINDOW);
    }
}
