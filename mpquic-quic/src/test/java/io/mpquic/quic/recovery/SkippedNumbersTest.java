package io.mpquic.quic.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.wire.AckRanges;
import org.junit.jupiter.api.Test;

class SkippedNumbersTest {
    private final SkippedNumbers skipped = new SkippedNumbers();

    @Test
    void aRangeThatTouchesAGapAtEitherEndHoldsANumberOfIt() {
        skipped.add(10, 12);
        assertFalse(skipped.areIn(ranges(0, 9)));
        assertTrue(skipped.areIn(ranges(0, 10)));
        assertTrue(skipped.areIn(ranges(11, 11)));
        assertTrue(skipped.areIn(ranges(12, 20)));
        assertFalse(skipped.areIn(ranges(13, 20)));
    }

    @Test
    void everyRangeIsLookedAt() {
        skipped.add(10, 12);
        AckRanges around = ranges(0, 9);
        around.add(13, 20);
        around.add(30, 40);
        assertFalse(skipped.areIn(around));
        AckRanges inside = ranges(30, 40);
        inside.add(5, 11);
        assertTrue(skipped.areIn(inside));
    }

    @Test
    void theLastFourGapsAreRemembered() {
        for (int gap = 1; gap <= 4; gap++) {
            skipped.add(10L * gap, 10L * gap);
        }
        assertTrue(skipped.areIn(ranges(10, 10)));
        skipped.add(50, 50);
        assertFalse(skipped.areIn(ranges(10, 10)));
        for (int gap = 2; gap <= 5; gap++) {
            assertTrue(skipped.areIn(ranges(10L * gap, 10L * gap)));
        }
    }

    @Test
    void allNumbersBetweenTwoPacketsCount() {
        skipped.add(10, 12);
        skipped.add(20, 20);
        assertEquals(4, skipped.between(9, 21));
        assertEquals(3, skipped.between(9, 13));
        assertEquals(1, skipped.between(13, 21));
        assertEquals(0, skipped.between(13, 19));
        assertEquals(0, skipped.between(21, 30));
        assertEquals(0, skipped.between(0, 9));
    }

    private static AckRanges ranges(long from, long to) {
        AckRanges ranges = new AckRanges();
        ranges.add(from, to);
        return ranges;
    }
}
