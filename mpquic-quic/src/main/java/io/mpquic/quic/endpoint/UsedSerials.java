package io.mpquic.quic.endpoint;

import java.util.BitSet;

/**
 * Which serial numbers were used, in bounded memory (RFC 9000 §8.1.4: a token should be accepted once). What lies further
 * back than the window counts as used.
 */
final class UsedSerials {
    static final int WINDOW = 8192;

    private final BitSet used = new BitSet(WINDOW);
    private long highest = -1;

    /** Whether a number is used for the first time; it is used from now on. */
    boolean firstUse(long serial) {
        if (serial > highest) {
            // The places of the numbers in between belonged to others, one window before.
            for (long next = Math.max(highest + 1, serial - WINDOW + 1); next <= serial; next++) {
                used.clear(place(next));
            }
            highest = serial;
        } else if (serial <= highest - WINDOW || used.get(place(serial))) {
            return false;
        }
        used.set(place(serial));
        return true;
    }

    private static int place(long serial) {
        return (int) (serial % WINDOW);
    }
}
