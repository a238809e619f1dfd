package io.mpquic.quic.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class SentPacketsProperties {
    private record Packet(byte flags, int bytes, long sentNs, long largestAcked, Object frames) {}

    @Property(tries = 300)
    void theRingHoldsWhatAMapWouldHold(@ForAll long seed) {
        Random random = new Random(seed);
        SentPackets ring = new SentPackets();
        TreeMap<Long, Packet> model = new TreeMap<>();
        long next = random.nextInt(1000);
        for (int step = 0; step < 600; step++) {
            int dice = random.nextInt(100);
            if (dice < 60) {
                next += random.nextInt(20) == 0 ? random.nextInt(200) : 0;
                byte flags = (byte) (SentPackets.IN_FLIGHT | (random.nextBoolean() ? SentPackets.ACK_ELICITING : 0));
                Packet packet = new Packet(flags, random.nextInt(1500), step, random.nextInt(50), "f" + next);
                ring.add(next, flags, packet.bytes, packet.sentNs, packet.largestAcked, packet.frames);
                model.put(next, packet);
                next++;
            } else if (dice < 99) {
                for (int i = random.nextInt(4); i > 0 && !model.isEmpty(); i--) {
                    Long number = model.ceilingKey(model.firstKey() + random.nextInt(40));
                    if (number != null) {
                        ring.remove(number);
                        model.remove(number);
                    }
                }
                ring.advance();
            } else {
                ring.clear();
                model.clear();
            }
            check(ring, model, next);
        }
    }

    private static void check(SentPackets ring, TreeMap<Long, Packet> model, long next) {
        if (!model.isEmpty()) {
            assertEquals(model.firstKey(), ring.first());
            assertEquals(model.lastKey() < ring.end(), true);
        }
        long tracked = 0;
        for (long number = Math.max(0, ring.first() - 5); number < next + 5; number++) {
            tracked += ring.flags(number) != 0 ? 1 : 0;
        }
        assertEquals(model.size(), tracked);
        for (Map.Entry<Long, Packet> entry : model.entrySet()) {
            long number = entry.getKey();
            Packet packet = entry.getValue();
            assertEquals(packet.flags | SentPackets.TRACKED, ring.flags(number));
            assertEquals(packet.bytes, ring.bytes(number));
            assertEquals(packet.sentNs, ring.sentNs(number));
            assertEquals(packet.largestAcked, ring.largestAcked(number));
            assertEquals(packet.frames, ring.frames(number));
        }
    }
}
