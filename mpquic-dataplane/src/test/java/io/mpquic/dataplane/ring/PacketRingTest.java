package io.mpquic.dataplane.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class PacketRingTest {
    private final PacketRing ring = new PacketRing(4, 2048);

    private static boolean put(PacketRing ring, int value) {
        ring.memory().set(ValueLayout.JAVA_INT, ring.claimedOffset(), value);
        return ring.commit(4, value * 1000L);
    }

    private static int take(PacketRing ring) {
        assertFalse(ring.isEmpty());
        int value = ring.memory().get(ValueLayout.JAVA_INT, ring.offset());
        assertEquals(4, ring.lengthBytes());
        assertEquals(value * 1000L, ring.timeNs());
        ring.release();
        return value;
    }

    @Test
    void packetsComeOutInTheOrderInWhichTheyWentIn() {
        for (int round = 0; round < 10; round++) {
            for (int i = 0; i < 3; i++) {
                assertTrue(put(ring, 3 * round + i));
            }
            assertEquals(3, ring.size());
            for (int i = 0; i < 3; i++) {
                assertEquals(3 * round + i, take(ring));
            }
            assertTrue(ring.isEmpty());
        }
    }

    @Test
    void aFullRingDropsItsOldestPacketsAndSaysSo() {
        for (int i = 1; i <= 11; i++) {
            assertEquals(i <= 4, put(ring, i));
        }
        assertEquals(4, ring.size());
        assertEquals(8, take(ring));
        assertTrue(put(ring, 12));
        for (int i = 9; i <= 12; i++) {
            assertEquals(i, take(ring));
        }
        assertTrue(ring.isEmpty());
    }

    /** Whatever comes and goes, the ring holds what a queue would that forgets its oldest, each packet in a slot of its own. */
    @Property(tries = 300)
    void itIsAQueueThatForgetsItsOldest(@ForAll @Size(max = 200) List<@IntRange(max = 2) Integer> steps) {
        PacketRing actual = new PacketRing(8, 1280);
        ArrayDeque<Integer> model = new ArrayDeque<>();
        int next = 1;
        for (int step : steps) {
            if (step < 2) {
                assertEquals(model.size() < 8, put(actual, next));
                if (model.size() == 8) {
                    model.remove();
                }
                model.add(next++);
            } else if (!model.isEmpty()) {
                assertEquals(model.remove(), take(actual));
            }
            assertEquals(model.size(), actual.size());
            if (!model.isEmpty()) {
                assertEquals(model.peek(), actual.memory().get(ValueLayout.JAVA_INT, actual.offset()));
            }
        }
        while (!model.isEmpty()) {
            assertEquals(model.remove(), take(actual));
        }
    }

    @Test
    void aQueueThatStaysShortStaysInAFewSlots() {
        Set<Long> slots = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            slots.add(ring.claimedOffset());
            put(ring, i);
            take(ring);
        }
        assertEquals(1, slots.size());
    }

    @Test
    void everyPacketHasHeadroomOfItsOwn() {
        PacketRing wide = new PacketRing(2, 1500);
        long[] offsets = new long[3];
        for (int i = 0; i < 3; i++) {
            offsets[i] = wide.claimedOffset();
            if (i < 2) {
                wide.commit(1500, 0);
            }
        }
        for (int i = 0; i < 3; i++) {
            assertTrue(offsets[i] >= PacketRing.HEADROOM_BYTES);
            assertTrue(offsets[i] + 1500 <= wide.memory().byteSize());
            assertEquals(0, offsets[i] % 64);
            for (int j = 0; j < i; j++) {
                assertTrue(Math.abs(offsets[i] - offsets[j]) >= PacketRing.HEADROOM_BYTES + 1500, "slots overlap");
            }
        }
    }

    @Test
    void usesThatMakeNoSenseAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> new PacketRing(3, 2048));
        assertThrows(IllegalArgumentException.class, () -> new PacketRing(65_536, 2048));
        assertThrows(IllegalArgumentException.class, () -> new PacketRing(4, 100));
        assertThrows(IllegalStateException.class, ring::release);
        assertThrows(IllegalStateException.class, ring::offset);
    }
}
