package io.mpquic.quic.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mpquic.quic.wire.AckRanges;
import java.util.Random;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class ReceivedPacketsProperties {
    @Property(tries = 100)
    void duplicatesAndRangesAreThoseOfASet(@ForAll long seed, @ForAll @IntRange(min = 1, max = 2000) int spread) {
        Random random = new Random(seed);
        ReceivedPackets received = new ReceivedPackets(0);
        TreeSet<Long> seen = new TreeSet<>();
        TreeSet<Long> toAcknowledge = new TreeSet<>();
        long around = 0;
        for (int step = 0; step < 500; step++) {
            around += random.nextInt(3);
            long number = Math.max(0, around - random.nextInt(spread));
            long floor = seen.isEmpty() ? -1 : seen.last() - 8192;
            assertEquals(number <= floor || seen.contains(number), received.isDuplicate(number));
            if (received.isDuplicate(number)) {
                continue;
            }
            received.onPacketReceived(number, random.nextBoolean(), step);
            seen.add(number);
            toAcknowledge.add(number);
            if (random.nextInt(20) == 0) {
                received.onAckSent(step);
                long acknowledged = Math.max(0, seen.last() - random.nextInt(spread));
                received.onAckAcknowledged(acknowledged);
                long pruned = Math.min(acknowledged, seen.last() - 1);
                toAcknowledge.removeIf(each -> each <= pruned);
            }
            keepNewestRanges(toAcknowledge);
            assertEquals(seen.last(), received.largest());
            assertEquals(toAcknowledge, numbers(received.ranges()));
        }
    }

    private static void keepNewestRanges(TreeSet<Long> numbers) {
        int ranges = 0;
        long previous = Long.MIN_VALUE;
        for (Long number : numbers.descendingSet()) {
            if (number != previous - 1 && ++ranges > ReceivedPackets.MAX_RANGES) {
                numbers.headSet(number, true).clear();
                return;
            }
            previous = number;
        }
    }

    private static TreeSet<Long> numbers(AckRanges ranges) {
        TreeSet<Long> numbers = new TreeSet<>();
        for (int i = 0; i < ranges.size(); i++) {
            for (long number = ranges.smallest(i); number <= ranges.largest(i); number++) {
                numbers.add(number);
            }
        }
        return numbers;
    }
}
