package io.mpquic.quic.connection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.conformance.Requirement;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SpinBitTest {
    private static final int CONNECTIONS = 16_000;

    @Requirement("9000-17.4-3")
    // RFC 9000 §17.4: at least one in 16 does not take part, although it is wanted.
    @Test
    void oneConnectionIn16DoesNotTakePart() {
        SplittableRandom random = new SplittableRandom(7);
        int still = 0;
        for (int i = 0; i < CONNECTIONS; i++) {
            SpinBit spin = new SpinBit(true, false, random);
            still += follows(spin) ? 0 : 1;
        }
        assertTrue(still > CONNECTIONS / 16 * 9 / 10 && still < CONNECTIONS / 16 * 11 / 10, still + " are off");
    }

    // RFC 9000 §17.4: what is sent while it is off is random, so that it cannot be told from one that is on.
    @Test
    void whileItIsOffTheValueIsRandomAndStays() {
        SplittableRandom random = new SplittableRandom(8);
        int set = 0;
        for (int i = 0; i < CONNECTIONS; i++) {
            SpinBit spin = new SpinBit(false, true, random);
            assertFalse(follows(spin));
            set += spin.value() ? 1 : 0;
        }
        assertEquals(0.5, (double) set / CONNECTIONS, 0.05);
    }

    @Test
    void onAnotherPathTheBitStartsAtZero() {
        SplittableRandom random = new SplittableRandom(9);
        SpinBit spin = new SpinBit(true, false, random);
        int zero = 0;
        for (int i = 0; i < 1_000; i++) {
            spin.onNewestPacket(true);
            spin.onPathOrIdChanged();
            zero += spin.value() ? 0 : 1;
        }
        assertTrue(zero > 930, zero + " of 1000"); // all but those that are off, and show 1 by chance
    }

    private static boolean follows(SpinBit spin) {
        boolean before = spin.value();
        spin.onNewestPacket(!before);
        boolean changed = spin.value() != before;
        spin.onNewestPacket(before);
        return changed;
    }
}
