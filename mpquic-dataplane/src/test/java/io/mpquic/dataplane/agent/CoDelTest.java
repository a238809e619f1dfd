package io.mpquic.dataplane.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CoDelTest {
    private static final long MS = 1_000_000;
    private static final long LONG_NS = 2 * CoDel.TARGET_NS;

    private final CoDel codel = new CoDel();
    private long nowMs = 1_000;

    /** A packet leaves each millisecond; returns when, counted from the beginning, the queue signalled. */
    private List<Long> signals(int milliseconds, long waitedNs) {
        List<Long> at = new ArrayList<>();
        for (long ms = 0; ms < milliseconds; ms++, nowMs++) {
            if (codel.onSent(waitedNs, false, nowMs * MS)) {
                at.add(ms);
            }
        }
        return at;
    }

    @Test
    void aShortWaitIsNoReasonHoweverLongItLasts() {
        assertEquals(List.of(), signals(5_000, CoDel.TARGET_NS - 1));
    }

    @Test
    void aBurstThatIsGoneWithinAnIntervalIsNoReason() {
        assertEquals(List.of(), signals(100, LONG_NS));
        assertEquals(List.of(), signals(1, 0));
        assertEquals(List.of(), signals(100, LONG_NS));
    }

    @Test
    void anEmptyQueueIsNoReasonHoweverLongItsLastPacketHasWaited() {
        for (int ms = 0; ms < 1_000; ms++) {
            assertFalse(codel.onSent(LONG_NS, true, ms * MS), ms + " ms");
        }
    }

    @Test
    void signalsComeFasterTheLongerTheQueueStands() {
        // RFC 8289 §5.3: after 100 ms, then after 100 / sqrt(1), 100 / sqrt(2), 100 / sqrt(3) ...
        assertEquals(List.of(100L, 200L, 271L, 329L, 379L), signals(400, LONG_NS));
    }

    @Test
    void aSpellSoonAfterAnotherGoesOnWithItsRate() {
        signals(400, LONG_NS);
        signals(50, 0);
        // Five signals came before, one of them at the rate of the beginning: four more pauses are known already.
        assertEquals(List.of(100L, 150L, 195L), signals(200, LONG_NS));
    }

    @Test
    void aSpellLongAfterAnotherBeginsAnew() {
        signals(400, LONG_NS);
        signals(2_000, 0);
        assertEquals(List.of(100L, 200L, 271L), signals(300, LONG_NS));
    }

    @Test
    void theClockMayBeNegative() {
        nowMs = Long.MIN_VALUE / MS + 1;
        assertEquals(List.of(100L, 200L), signals(250, LONG_NS));
    }

    /**
     * A sender that grows by one packet a round trip and goes down to 0.7 at each signal, before a path of one packet a
     * millisecond and a round trip of 40 ms: without signals its queue would grow without end.
     */
    @Test
    void aSenderThatHeedsTheSignalsHasAShortQueueAndAFullPath() {
        double window = 10;
        long sent = 0;
        long waitedSumMs = 0;
        long waitedMaxMs = 0;
        List<Long> enteredMs = new ArrayList<>();
        ArrayDeque<Long> underWay = new ArrayDeque<>();
        int head = 0;
        for (long ms = 0; ms < 60_000; ms++) {
            while (!underWay.isEmpty() && underWay.getFirst() <= ms - 40) {
                underWay.removeFirst();
            }
            while (enteredMs.size() - head + underWay.size() < window) {
                enteredMs.add(ms);
            }
            if (head == enteredMs.size()) {
                continue;
            }
            long waitedMs = ms - enteredMs.get(head++);
            underWay.add(ms);
            boolean signal = codel.onSent(waitedMs * MS, head == enteredMs.size(), ms * MS);
            window = signal ? Math.max(2, 0.7 * window) : window + 1 / window;
            if (ms >= 10_000) {
                sent++;
                waitedSumMs += waitedMs;
                waitedMaxMs = Math.max(waitedMaxMs, waitedMs);
            }
        }
        assertTrue(sent > 45_000, sent + " packets in 50 s");
        assertTrue(waitedSumMs / sent <= 10, "mean wait " + waitedSumMs / sent + " ms");
        assertTrue(waitedMaxMs <= 30, "longest wait " + waitedMaxMs + " ms");
    }
}
