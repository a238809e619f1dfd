package io.mpquic.quic.congestion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class ShortestRoundTripTest {
    private static final long MS = 1_000_000;
    private static final long SECOND = 1000 * MS;

    private final ShortestRoundTrip shortest = new ShortestRoundTrip();

    @Test
    void theShortestOfTheSamplesCounts() {
        assertFalse(shortest.isKnown());
        shortest.onSample(30 * MS, 0);
        shortest.onSample(20 * MS, SECOND);
        shortest.onSample(25 * MS, 2 * SECOND);
        assertTrue(shortest.isKnown());
        assertEquals(20 * MS, shortest.ns());
    }

    @Test
    void aLookIsDueWhenTheShortestWasNotSeenForFiveSeconds() {
        shortest.onSample(20 * MS, 0);
        shortest.onSample(25 * MS, 5 * SECOND);
        assertFalse(shortest.isLookDue());
        shortest.onSample(25 * MS, 5 * SECOND + 1);
        assertTrue(shortest.isLookDue());
        shortest.onSample(25 * MS, 6 * SECOND);
        assertFalse(shortest.isLookDue(), "the one sample tells it");
    }

    @Test
    void whoSeesTheShortestAgainNeedNotLook() {
        for (int second = 0; second < 60; second += 4) {
            shortest.onSample(20 * MS, second * SECOND);
            shortest.onSample(25 * MS, (second + 2) * SECOND);
            assertFalse(shortest.isLookDue());
        }
    }

    @Test
    void oneLookThatFindsALongerRoundTripIsNotBelievedButTwoAre() {
        shortest.onSample(20 * MS, 0);
        shortest.onSample(120 * MS, 5 * SECOND + 1);
        shortest.onSample(100 * MS, 5 * SECOND + 2);
        shortest.onLooked(5 * SECOND + 200 * MS);
        assertEquals(20 * MS, shortest.ns());
        shortest.onSample(110 * MS, 10 * SECOND + 1);
        assertEquals(100 * MS, shortest.ns(), "the route has become longer");
    }

    /** However the looks fall: what was seen in the last five seconds is never forgotten. */
    @Property
    void itIsNeverLongerThanAnySampleOfTheLastFiveSeconds(
            @ForAll @Size(min = 1, max = 60) List<@IntRange(min = 10, max = 200) Integer> rttsMs,
            @ForAll @IntRange(min = 50, max = 3000) int stepMs) {
        ShortestRoundTrip seen = new ShortestRoundTrip();
        List<Integer> before = new ArrayList<>();
        for (int i = 0; i < rttsMs.size(); i++) {
            seen.onSample(rttsMs.get(i) * MS, i * (long) stepMs * MS);
            before.add(rttsMs.get(i));
            int lookBack = Math.min(before.size(), 5000 / stepMs);
            for (int last : before.subList(before.size() - Math.max(1, lookBack), before.size())) {
                assertTrue(seen.ns() <= last * MS, "after " + before + ": " + seen.ns());
            }
        }
    }
}
