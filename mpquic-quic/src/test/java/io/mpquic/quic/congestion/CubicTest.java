package io.mpquic.quic.congestion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** RFC 9438, with figures computed by hand. */
class CubicTest {
    private static final int MDS = 1200;
    private static final long MS = 1_000_000;

    private long rttNs = 100 * MS;
    private long nowNs = 1000 * MS;
    private final Cubic cubic = new Cubic(MDS, () -> rttNs);

    private double datagrams() {
        return (double) cubic.windowBytes() / MDS;
    }

    /** A window's worth of acknowledgements, one round trip later. */
    private void round() {
        long sentNs = nowNs;
        nowNs += rttNs;
        for (long left = cubic.windowBytes(); left > 0; left -= MDS) {
            cubic.onPacketAcked((int) Math.min(MDS, left), sentNs, nowNs, false);
        }
    }

    private void lose() {
        cubic.onPacketsLost(MDS, nowNs, nowNs + 1);
        nowNs += 2;
    }

    /** Slow start up to a window of so many datagrams, and then a loss. */
    private void meetCongestionAt(int datagrams) {
        while (datagrams() < datagrams) {
            cubic.onPacketAcked(MDS, nowNs, nowNs + 1, false);
            nowNs++;
        }
        lose();
    }

    @Test
    void slowStartGrowsByTheBytesAcknowledged() {
        cubic.onPacketAcked(1000, nowNs, nowNs + rttNs, false);
        assertEquals(13_000, cubic.windowBytes());
        assertTrue(cubic.inSlowStart());
    }

    @Test
    void aLossLeavesSevenTenthsOfTheWindow() {
        meetCongestionAt(100);
        assertEquals(70, datagrams(), 0.01);
        assertFalse(cubic.inSlowStart());
    }

    @Test
    void theWindowIsBackAfterKSecondsAndFlatThere() {
        meetCongestionAt(1000);
        // RFC 9438 §4.2: K = cbrt(1000 × 0.3 / 0.4) = 9.086 s
        for (int i = 0; i < 91; i++) {
            round();
        }
        assertEquals(1000, datagrams(), 2);
        double atK = datagrams();
        for (int i = 0; i < 10; i++) {
            round();
        }
        assertTrue(datagrams() - atK < 2, "flat around the old maximum: " + datagrams());
    }

    @Test
    void halfWayTheWindowHasMadeUpSevenEighthsOfItsLoss() {
        meetCongestionAt(1000);
        for (int i = 0; i < 45; i++) {
            round();
        }
        // 1000 + 0.4 × (4.6 - 9.086)³ one round trip ahead
        assertEquals(1000 - 0.4 * Math.pow(9.086 - 4.6, 3), datagrams(), 5);
    }

    @Test
    void beyondTheOldMaximumItGrowsFasterAndFaster() {
        meetCongestionAt(1000);
        for (int i = 0; i < 120; i++) {
            round();
        }
        double at12 = datagrams();
        for (int i = 0; i < 30; i++) {
            round();
        }
        assertEquals(1000 + 0.4 * Math.pow(15 - 9.086, 3), datagrams(), 20);
        assertTrue(datagrams() - at12 > 50);
    }

    @Test
    void onAShortPathItIsNoSlowerThanNewReno() {
        rttNs = 5 * MS;
        meetCongestionAt(40);
        double start = datagrams();
        for (int i = 0; i < 20; i++) {
            round();
        }
        // RFC 9438 §4.3: 3 × 0.3 / 1.7 = 0.53 datagrams a round trip; the cube alone has grown by less than one.
        assertEquals(start + 20 * 0.529, datagrams(), 1);
        for (int i = 0; i < 20; i++) {
            round();
        }
        double past = datagrams();
        for (int i = 0; i < 10; i++) {
            round();
        }
        assertEquals(past + 10, datagrams(), 1, "past the old window: one datagram a round trip");
    }

    @Test
    void whoLosesAgainBeforeTheOldMaximumMakesRoom() {
        meetCongestionAt(1000);
        round();
        double window = datagrams();
        assertTrue(window < 1000);
        lose();
        assertEquals(0.7 * window, datagrams(), 1);
        // RFC 9438 §4.7: the plateau is now at 0.85 of the window at the loss, K = cbrt(0.15 × window / 0.4)
        double k = Math.cbrt(0.15 * window / 0.4);
        for (int i = 0; i < (int) (k * 10); i++) {
            round();
        }
        assertEquals(0.85 * window, datagrams(), 3);
    }

    @Test
    void lossesWithinOneRoundTripCountOnce() {
        meetCongestionAt(100);
        cubic.onPacketsLost(MDS, nowNs - 3, nowNs);
        assertEquals(70, datagrams(), 0.01);
    }

    @Test
    void aWindowThatWasNotUsedDoesNotGrowNorDoesItsTimeCount() {
        meetCongestionAt(1000);
        round();
        double before = datagrams();
        for (int i = 0; i < 600; i++) {
            cubic.onPacketAcked(MDS, nowNs, nowNs + rttNs, true);
            nowNs += rttNs; // a minute
        }
        assertEquals(before, datagrams());
        round();
        assertTrue(datagrams() < before + 20, "the minute of rest must not be made up at once: " + datagrams());
    }

    @Test
    void theWindowNeverFallsBelowTwoDatagrams() {
        for (int i = 0; i < 30; i++) {
            lose();
        }
        assertEquals(2, datagrams());
        for (int i = 0; i < 100; i++) {
            round();
        }
        assertTrue(datagrams() > 10, "and it recovers: " + datagrams());
    }

    @Test
    void persistentCongestionStartsSlowlyFromTheMinimum() {
        meetCongestionAt(100);
        cubic.onPersistentCongestion(nowNs);
        assertEquals(2, datagrams());
        assertTrue(cubic.inSlowStart());
    }

    @Test
    void anotherPathStartsAnew() {
        meetCongestionAt(100);
        cubic.reset();
        assertEquals(10, datagrams());
        assertTrue(cubic.inSlowStart());
    }

    @Test
    void slowStartEndsWhenRoundTripsGetLonger() {
        for (int i = 0; i < 6; i++) {
            round();
        }
        assertTrue(cubic.inSlowStart());
        rttNs = 130 * MS;
        for (int i = 0; i < 8; i++) {
            round();
        }
        assertFalse(cubic.inSlowStart());
        double window = datagrams();
        for (int i = 0; i < 10; i++) {
            round();
        }
        assertTrue(datagrams() > window && datagrams() < 1.5 * window, datagrams() + " after " + window);
    }
}
