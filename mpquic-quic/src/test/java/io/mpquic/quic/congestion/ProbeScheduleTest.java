package io.mpquic.quic.congestion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ProbeScheduleTest {
    private static final long MS = 1_000_000;
    private static final long NOW_NS = 123_456_789_012L;
    /** Many round trips' worth: only the time counts. */
    private static final double FLIGHT = 1e6;

    private static long dueMs(long deliveredBytes, long nowNs) {
        ProbeSchedule schedule = new ProbeSchedule();
        schedule.restart(deliveredBytes, nowNs);
        long ms = 0;
        while (!schedule.isDue(FLIGHT, nowNs + ms * MS)) {
            ms++;
        }
        return ms;
    }

    @Test
    void betweenTwoProbesAreTwoToThreeSeconds() {
        for (int i = 0; i < 1000; i++) {
            long ms = dueMs(1200L * i, NOW_NS + 17L * i);
            assertTrue(ms >= 2000 && ms <= 3001, ms + " ms");
        }
    }

    @Test
    void flowsWhoseProbesEndTogetherDoNotProbeInStep() {
        // One packet's time on a fast link lies between them, and they have delivered differently much: all of the
        // second
        // in which they may begin has to be used.
        int[] tenths = new int[11];
        for (int i = 0; i < 1000; i++) {
            tenths[(int) (dueMs(0, NOW_NS + 96L * i) - 2000) / 100]++;
        }
        for (int i = 0; i < 10; i++) {
            assertTrue(tenths[i] > 60 && tenths[i] < 140, "of 1000 in tenth " + i + ": " + tenths[i]);
        }
    }

    @Test
    void aNewRenoFlowOfTheSameWindowFindsAsManyChances() {
        ProbeSchedule schedule = new ProbeSchedule();
        schedule.restart(0, NOW_NS);
        for (int round = 1; round <= 20; round++) {
            assertEquals(round > 20, schedule.isDue(20, NOW_NS));
            schedule.onRound();
        }
        assertTrue(schedule.isDue(20, NOW_NS));
        assertFalse(schedule.isDue(FLIGHT, NOW_NS), "but a large one need not wait for hundreds of rounds");
        for (int round = 21; round <= 63; round++) {
            schedule.onRound();
        }
        assertTrue(schedule.isDue(FLIGHT, NOW_NS));
    }
}
