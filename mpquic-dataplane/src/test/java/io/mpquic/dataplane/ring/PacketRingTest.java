package io.mpquic.dataplane.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class PacketRingTest {
    private final PacketRing ring = new PacketRing(4, 2048);

    private void put(int value) {
        ring.memory().set(ValueLayout.JAVA_INT, ring.claimedOffset(), value);
        ring.commit(4, value * 1000L);
    }

    private int take() {
        assertTrue(ring.poll());
        int value = ring.memory().get(ValueLayout.JAVA_INT, ring.offset());
        assertEquals(4, ring.lengthBytes());
        assertEquals(value * 1000L, ring.timeNs());
        ring.release();
        return value;
    }

    @Test
    void packetsComeOutInTheOrderInWhichTheyWentIn() {
        for (int round = 0; round < 10; round++) {
            put(3 * round);
            put(3 * round + 1);
            put(3 * round + 2);
            assertEquals(3, ring.size());
            assertEquals(3 * round, take());
            assertEquals(3 * round + 1, take());
            assertEquals(3 * round + 2, take());
            assertFalse(ring.poll());
        }
        assertEquals(0, ring.droppedPackets());
    }

    @Test
    void aFullRingDropsItsOldestPacketsAndCountsThem() {
        for (int i = 1; i <= 11; i++) {
            put(i);
        }
        assertEquals(7, ring.droppedPackets());
        assertEquals(4, ring.size());
        assertEquals(8, take());
        put(12);
        assertEquals(9, take());
        assertEquals(10, take());
        assertEquals(11, take());
        assertEquals(12, take());
        assertFalse(ring.poll());
        assertEquals(7, ring.droppedPackets());
    }

    @Test
    void aHeldPacketIsOutOfTheProducersReach() {
        put(1);
        assertTrue(ring.poll());
        for (int i = 2; i <= 40; i++) {
            put(i);
        }
        assertTrue(ring.poll());
        assertEquals(1, take());
        assertEquals(37, take());
    }

    @Test
    void commitSaysWhetherAPacketHadToGo() {
        for (int i = 0; i < 4; i++) {
            assertTrue(ring.commit(1, 0));
        }
        assertFalse(ring.commit(1, 0));
    }

    @Test
    void aCopyLeavesTheClaimedSlotAlone() {
        MemorySegment view = ring.claimedView();
        view.fill((byte) 7);
        ring.copyAndCommit(view, 10, 3, 5);
        ring.copyAndCommit(view, 20, 4, 6);
        assertEquals(view.address(), ring.claimedView().address());
        ring.commitInView(30, 5, 7);
        for (int length = 3; length <= 5; length++) {
            assertTrue(ring.poll());
            assertEquals(length, ring.lengthBytes());
            assertEquals(7, ring.memory().get(ValueLayout.JAVA_BYTE, ring.offset() + length - 1));
            ring.release();
        }
    }

    @Test
    void everyPacketHasHeadroomAndTailroomOfItsOwn() {
        PacketRing wide = new PacketRing(2, 1500);
        long[] offsets = new long[5];
        for (int i = 0; i < 5; i++) {
            offsets[i] = wide.claimedOffset();
            wide.commit(1500, 0);
        }
        for (int i = 1; i < 5; i++) {
            long distance = Math.abs(offsets[i] - offsets[i - 1]);
            assertTrue(distance == 0 || distance >= 64 + 1500 + 64, "slots overlap: " + distance);
            assertEquals(0, offsets[i] % 64);
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

    /**
     * One thread fills, one drains, both as fast as they can, through a ring small enough to overflow all the time. Each
     * packet is filled with its own number: one that was written while it was read, or came twice, or out of order, shows.
     */
    @Test
    @Timeout(60)
    void noPacketIsTornOrRepeatedOrReorderedWhileTheProducerOverrunsTheConsumer() throws Exception {
        for (int capacity : new int[] {2, 4, 64}) {
            stress(capacity, 300_000);
        }
    }

    private static void stress(int capacity, int packets) throws Exception {
        PacketRing ring = new PacketRing(capacity, 1280);
        AtomicBoolean done = new AtomicBoolean();
        AtomicLong wrong = new AtomicLong();
        AtomicLong taken = new AtomicLong();
        Thread consumer = new Thread(() -> {
            long last = 0;
            while (true) {
                boolean finished = done.get();
                if (!ring.poll()) {
                    if (finished) {
                        return;
                    }
                    Thread.onSpinWait();
                    continue;
                }
                int words = ring.lengthBytes() / 8;
                long first = ring.memory().get(ValueLayout.JAVA_LONG, ring.offset());
                for (int i = 0; i < words; i++) {
                    if (ring.memory().get(ValueLayout.JAVA_LONG, ring.offset() + 8L * i) != first) {
                        wrong.incrementAndGet();
                    }
                }
                if (first <= last || ring.timeNs() != first || words != 1 + first % 32) {
                    wrong.incrementAndGet();
                }
                last = first;
                taken.incrementAndGet();
                ring.release();
            }
        });
        consumer.start();
        for (long n = 1; n <= packets; n++) {
            int words = (int) (1 + n % 32);
            for (int i = 0; i < words; i++) {
                ring.memory().set(ValueLayout.JAVA_LONG, ring.claimedOffset() + 8L * i, n);
            }
            if (n % 7 == 0) {
                ring.copyAndCommit(ring.memory(), ring.claimedOffset(), 8 * words, n);
            } else {
                ring.commit(8 * words, n);
            }
        }
        done.set(true);
        consumer.join();
        assertEquals(0, wrong.get());
        assertEquals(packets, taken.get() + ring.droppedPackets());
        assertTrue(taken.get() > 0);
    }

    @Test
    @Timeout(30)
    void aSleepingConsumerIsWokenForEveryPacket() throws Exception {
        PacketRing ring = new PacketRing(64, 1280);
        AtomicLong taken = new AtomicLong();
        Thread[] holder = new Thread[1];
        Doorbell bell = new Doorbell(() -> java.util.concurrent.locks.LockSupport.unpark(holder[0]));
        int packets = 20_000;
        Thread consumer = new Thread(() -> {
            while (taken.get() < packets) {
                if (ring.poll()) {
                    ring.release();
                    taken.incrementAndGet();
                    continue;
                }
                bell.arm();
                if (!ring.poll()) {
                    java.util.concurrent.locks.LockSupport.park();
                }
                bell.disarm();
            }
        });
        holder[0] = consumer;
        consumer.start();
        for (int i = 0; i < packets; i++) {
            ring.commit(1, 0);
            bell.press();
            // One at a time: a wake-up that is missed leaves both sides standing still.
            while (taken.get() <= i) {
                Thread.onSpinWait();
            }
        }
        consumer.join();
        assertEquals(0, ring.droppedPackets());
    }
}
