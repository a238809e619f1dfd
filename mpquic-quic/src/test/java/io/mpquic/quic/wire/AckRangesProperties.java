package io.mpquic.quic.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.TreeSet;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

class AckRangesProperties {
    record Range(long from, long to) {}

    @Provide
    Arbitrary<List<Range>> additions() {
        return Combinators.combine(
                        Arbitraries.longs().between(0, 120), Arbitraries.longs().between(0, 6))
                .as((from, length) -> new Range(from, from + length))
                .list()
                .ofMaxSize(40);
    }

    @Property
    void theSetIsWhatWasAdded(@ForAll("additions") List<Range> additions) {
        AckRanges ranges = new AckRanges();
        TreeSet<Long> model = new TreeSet<>();
        for (Range range : additions) {
            ranges.add(range.from, range.to);
            for (long number = range.from; number <= range.to; number++) {
                model.add(number);
            }
            assertWellFormed(ranges);
        }
        assertSame(model, ranges);
    }

    @Property
    void theSetIsWhatWasAddedAboveWhatWasRemoved(
            @ForAll("additions") List<Range> additions, @ForAll @IntRange(max = 130) int removed) {
        AckRanges ranges = new AckRanges();
        TreeSet<Long> model = new TreeSet<>();
        for (Range range : additions) {
            ranges.add(range.from, range.to);
            for (long number = Math.max(range.from, removed + 1); number <= range.to; number++) {
                model.add(number);
            }
        }
        ranges.removeUpTo(removed);
        assertWellFormed(ranges);
        assertSame(model, ranges);
    }

    @Property
    void aBoundedSetHasNothingThatWasNotAddedAndAlwaysTheLargest(
            @ForAll("additions") List<Range> additions, @ForAll @IntRange(min = 1, max = 5) int maxRanges) {
        AckRanges bounded = new AckRanges(maxRanges);
        AckRanges all = new AckRanges();
        for (Range range : additions) {
            bounded.add(range.from, range.to);
            all.add(range.from, range.to);
            assertWellFormed(bounded);
            assertTrue(bounded.size() <= maxRanges);
            assertEquals(all.largest(), bounded.largest());
        }
        for (long number = 0; number < 130; number++) {
            assertTrue(all.contains(number) || !bounded.contains(number));
        }
    }

    private static void assertSame(TreeSet<Long> model, AckRanges ranges) {
        for (long number = 0; number < 130; number++) {
            assertEquals(model.contains(number), ranges.contains(number), "number " + number);
        }
    }

    private static void assertWellFormed(AckRanges ranges) {
        for (int i = 0; i < ranges.size(); i++) {
            assertTrue(ranges.smallest(i) <= ranges.largest(i), ranges::toString);
            assertTrue(i == 0 || ranges.largest(i) + 1 < ranges.smallest(i - 1), ranges::toString);
        }
    }
}
