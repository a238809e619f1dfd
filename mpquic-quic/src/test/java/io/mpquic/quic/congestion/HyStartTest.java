package io.mpquic.quic.congestion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** RFC 9406: slow start ends when round trips get longer, and not when they only seem to. */
class HyStartTest {
    private static final long MS = 1_000_000;

    private final HyStart hyStart = new HyStart();
    private long nowNs = 1000 * MS;

    /** One round trip of eight acknowledgements; returns the growth for the last of them. */
    private long round(long rttMs) {
        long growth = 0;
        long sentNs = nowNs;
        nowNs += rttMs * MS;
        for (int i = 0; i < 8; i++) {
            growth = hyStart.growthBytes(1200, sentNs, nowNs);
        }
        return growth;
    }

    @Test
    void whileRoundTripsStayShortTheWindowGrowsByAllThatIsAcknowledged() {
        for (int i = 0; i < 20; i++) {
            assertEquals(1200, round(50));
        }
        assertFalse(hyStart.isOver());
    }

    @Test
    void roundTripsThatStayLongEndSlowStartAfterFiveCarefulRounds() {
        round(50);
        round(50);
        assertEquals(300, round(57), "an eighth longer");
        for (int i = 0; i < 4; i++) {
            assertEquals(300, round(58));
            assertFalse(hyStart.isOver());
        }
        round(58);
        assertTrue(hyStart.isOver());
    }

    @Test
    void aRiseBelowAnEighthIsNone() {
        round(80);
        assertEquals(1200, round(89));
    }

    @Test
    void onShortPathsFourMillisecondsAreTheLeast() {
        round(4);
        assertEquals(1200, round(7), "more than an eighth, but less than 4 ms");
        assertEquals(300, round(12));
    }

    @Test
    void onLongPathsSixteenMillisecondsAreEnough() {
        round(600);
        assertEquals(300, round(617));
    }

    @Test
    void aFalseAlarmIsTakenBack() {
        round(50);
        assertEquals(300, round(60));
        assertEquals(1200, round(50));
        for (int i = 0; i < 10; i++) {
            assertEquals(1200, round(50));
        }
        assertFalse(hyStart.isOver());
    }

    @Test
    void aRoundOfFewSamplesProvesNothing() {
        round(50);
        long sentNs = nowNs;
        nowNs += 90 * MS;
        for (int i = 0; i < 7; i++) {
            assertEquals(1200, hyStart.growthBytes(1200, sentNs, nowNs));
        }
    }
}
