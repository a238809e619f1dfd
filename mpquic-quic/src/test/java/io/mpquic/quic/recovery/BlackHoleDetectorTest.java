package io.mpquic.quic.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** How many losses it takes until packet size is the only explanation. */
class BlackHoleDetectorTest {
    private static final int BASE = 1200;

    private final BlackHoleDetector detector = new BlackHoleDetector(BASE);
    private long nowNs;

    @Test
    void onACleanPathSixEventsAreEnough() {
        assertEquals(6, eventsUntilFound());
    }

    @Test
    void theMoreAPathLosesTheMoreEventsItTakes() {
        loseOneOf(5);
        // A fifth of all is lost anyway: ten events in a row happen by chance once in ten million times.
        assertEquals(11, eventsUntilFound(), 1);
        loseOneOf(2);
        assertEquals(24, eventsUntilFound(), 1);
    }

    @Test
    void noPathIsSoBadThatItIsNeverFound() {
        for (int i = 0; i < 10_000; i++) {
            detector.onPacketLost(100, 0, 0);
        }
        assertEquals(24, eventsUntilFound());
    }

    @Test
    void aBurstIsOneEventHoweverManyPacketsItTakes() {
        for (int i = 0; i < 100; i++) {
            // All were sent before the first loss was noticed.
            assertFalse(detector.onPacketLost(1400, 5, 10 + i));
            detector.onPacketAcked(100);
        }
    }

    @Test
    void anEventTakesSmallerPacketsThatArriveInBetween() {
        for (int i = 0; i < 100; i++) {
            assertFalse(detector.onPacketLost(1400, 1_000 * i, 1_000 * i + 500));
        }
    }

    @Test
    void onePacketOfTheLostSizeThatArrivesRefutesAll() {
        for (int i = 0; i < 5; i++) {
            assertFalse(event());
        }
        detector.onPacketAcked(1400);
        for (int i = 0; i < 5; i++) {
            assertFalse(event());
        }
        assertTrue(event());
    }

    @Test
    void onlyPacketsOfTheSmallestLostSizeOrAboveRefute() {
        for (int i = 0; i < 5; i++) {
            assertFalse(event());
        }
        detector.onPacketAcked(1399);
        assertTrue(event());
    }

    @Test
    void lossesThatWereNoMatterOfSizeCountAsCommonLoss() {
        for (int i = 0; i < 400; i++) {
            detector.onPacketLost(1400, nowNs, nowNs);
            detector.onPacketAcked(1400);
        }
        assertTrue(eventsUntilFound() > 8);
    }

    /** Lets the path lose one of so many small packets for a long time. */
    private void loseOneOf(int packets) {
        detector.reset();
        for (int i = 0; i < 20_000; i++) {
            if (i % packets == 0) {
                detector.onPacketLost(BASE, 0, 0);
            } else {
                detector.onPacketAcked(BASE);
            }
        }
    }

    private int eventsUntilFound() {
        detector.reset();
        int events = 1;
        while (!event()) {
            events++;
            assertTrue(events < 1_000, "never found");
        }
        return events;
    }

    /** A full packet is lost, a round trip after the last one, and a small one arrives. */
    private boolean event() {
        nowNs += 1_000;
        boolean found = detector.onPacketLost(1400, nowNs, nowNs + 500);
        detector.onPacketAcked(100);
        return found;
    }
}
