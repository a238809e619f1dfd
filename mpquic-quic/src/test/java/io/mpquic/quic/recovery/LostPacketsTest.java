package io.mpquic.quic.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LostPacketsTest {
    private record Packet(long number, int bytes, boolean mtuProbe, long lostNs) {}

    private final LostPackets lost = new LostPackets();
    private final List<Packet> model = new ArrayList<>();

    @Test
    void itHoldsWhatAListWouldHold() {
        for (long seed = 0; seed < 20; seed++) {
            Random random = new Random(seed);
            long number = 0;
            for (long nowNs = 0; nowNs < 3_000; nowNs++) {
                int dice = random.nextInt(20);
                if (dice < 17) {
                    number += 1 + random.nextInt(3);
                    add(new Packet(number, 1000 + random.nextInt(500), random.nextBoolean(), nowNs));
                } else if (dice < 19 && !model.isEmpty()) {
                    Packet packet = model.remove(random.nextInt(model.size()));
                    lost.remove(lost.lowerBound(packet.number));
                } else if (random.nextInt(5) == 0) {
                    long beforeNs = nowNs - random.nextInt(600);
                    lost.expire(beforeNs);
                    model.removeIf(packet -> packet.lostNs < beforeNs);
                }
                assertSame();
            }
            lost.clear();
            model.clear();
            assertSame();
        }
    }

    @Test
    void theOldestMakesRoomForThe513th() {
        for (int number = 1; number <= 512; number++) {
            lost.add(number, 1200, false, 0);
        }
        assertEquals(1, lost.smallestNumber());
        lost.add(513, 1200, false, 0);
        assertEquals(2, lost.smallestNumber());
        assertEquals(512, lost.size());
    }

    @Test
    void whatWasLostAtTheVeryTimeIsKept() {
        lost.add(1, 1200, false, 9);
        lost.add(2, 1200, false, 10);
        lost.expire(10);
        assertEquals(2, lost.smallestNumber());
        lost.expire(11);
        assertTrue(lost.isEmpty());
    }

    private void add(Packet packet) {
        lost.add(packet.number, packet.bytes, packet.mtuProbe, packet.lostNs);
        model.add(packet);
        if (model.size() > LostPackets.CAPACITY) {
            model.removeFirst();
        }
    }

    private void assertSame() {
        assertEquals(model.size(), lost.size());
        assertEquals(model.isEmpty(), lost.isEmpty());
        if (model.isEmpty()) {
            return;
        }
        assertEquals(model.getFirst().number, lost.smallestNumber());
        // The ends and the middle, where entries move; all of them would take long.
        for (int index : new int[] {0, model.size() / 2, model.size() - 1}) {
            Packet packet = model.get(index);
            int position = lost.lowerBound(packet.number);
            assertEquals(packet.number, lost.number(position));
            assertEquals(packet.bytes, lost.bytes(position));
            assertEquals(packet.mtuProbe, lost.isMtuProbe(position));
        }
        assertEquals(lost.end(), lost.lowerBound(model.getLast().number + 1));
    }
}
