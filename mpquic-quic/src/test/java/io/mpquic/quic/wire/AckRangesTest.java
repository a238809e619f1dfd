package io.mpquic.quic.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AckRangesTest {
    private final AckRanges ranges = new AckRanges();

    @Test
    void anEmptySetHasNoLargestNumber() {
        assertTrue(ranges.isEmpty());
        assertEquals(-1, ranges.largest());
        assertEquals(-1, ranges.smallest());
        assertFalse(ranges.contains(0));
        assertThrows(IndexOutOfBoundsException.class, () -> ranges.largest(0));
    }

    @Test
    void packetsInOrderStayOneRange() {
        for (long packetNumber = 0; packetNumber < 1000; packetNumber++) {
            ranges.add(packetNumber, packetNumber);
        }
        assertEquals("[999..0]", ranges.toString());
    }

    @Test
    void theNewestRangeComesFirst() {
        ranges.add(5, 5);
        ranges.add(10, 12);
        ranges.add(1, 2);
        assertEquals("[12..10, 5, 2..1]", ranges.toString());
        assertEquals(12, ranges.largest());
        assertEquals(1, ranges.smallest());
        assertEquals(10, ranges.smallest(0));
        assertEquals(5, ranges.largest(1));
    }

    @Test
    void aNumberThatFillsAGapJoinsItsNeighbours() {
        ranges.add(5, 5);
        ranges.add(7, 9);
        ranges.add(6, 6);
        assertEquals("[9..5]", ranges.toString());
    }

    @Test
    void aRangeSwallowsAllThatItCovers() {
        ranges.add(20, 20);
        ranges.add(10, 12);
        ranges.add(6, 7);
        ranges.add(1, 1);
        ranges.add(5, 13);
        assertEquals("[20, 13..5, 1]", ranges.toString());
    }

    @Test
    void aFullSetForgetsItsOldestRangeAndNeverANewerOne() {
        AckRanges small = new AckRanges(3);
        small.add(2, 2);
        small.add(4, 4);
        small.add(6, 6);
        small.add(8, 8);
        assertEquals("[8, 6, 4]", small.toString());
        small.add(0, 0);
        assertEquals("[8, 6, 4]", small.toString());
        small.add(10, 10);
        small.add(7, 7);
        assertEquals("[10, 8..6]", small.toString());
    }

    @Test
    void whatThePeerKnowsOfIsRemoved() {
        ranges.add(1, 3);
        ranges.add(5, 9);
        ranges.add(11, 11);
        ranges.removeUpTo(6);
        assertEquals("[11, 9..7]", ranges.toString());
        ranges.removeUpTo(0);
        assertEquals("[11, 9..7]", ranges.toString());
        ranges.removeUpTo(11);
        assertTrue(ranges.isEmpty());
    }

    @Test
    void aCopyIsEqualUntilOneOfTheTwoChanges() {
        ranges.add(1, 3);
        ranges.add(5, 9);
        AckRanges copy = new AckRanges();
        copy.copyFrom(ranges);
        assertEquals(ranges, copy);
        assertEquals(ranges.hashCode(), copy.hashCode());
        copy.add(4, 4);
        assertEquals("[9..5, 3..1]", ranges.toString());
        assertFalse(ranges.equals(copy));
    }

    @Test
    void aSetThatWasClearedKnowsNothingOfWhatItHeld() {
        for (long number = 100; number < 116; number += 2) {
            ranges.add(number, number);
        }
        ranges.clear();
        assertFalse(ranges.contains(100));
        for (long number = 1; number <= 5; number += 2) {
            ranges.add(number, number);
            assertTrue(ranges.contains(1));
            assertFalse(ranges.contains(0));
        }
        assertEquals("[5, 3, 1]", ranges.toString());
    }

    @Test
    void setsThatDifferHardlyEverShareAHash() {
        Set<Integer> hashes = new HashSet<>();
        for (long from = 0; from < 20; from++) {
            for (long to = from; to < 20; to++) {
                AckRanges one = new AckRanges();
                one.add(from, to);
                hashes.add(one.hashCode());
                AckRanges two = new AckRanges();
                two.add(from, to);
                two.add(30, 30);
                hashes.add(two.hashCode());
            }
        }
        // 420 sets.
        assertTrue(hashes.size() > 400, () -> hashes.size() + " hashes");
    }

    @Test
    void aRangeThatIsNoneIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> ranges.add(2, 1));
        assertThrows(IllegalArgumentException.class, () -> ranges.add(-1, 1));
        assertThrows(IllegalArgumentException.class, () -> ranges.add(0, 1L << 62));
        assertThrows(IllegalArgumentException.class, () -> new AckRanges(0));
    }
}
