package io.mpquic.quic.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.congestion.NewReno;
import io.mpquic.quic.wire.AckRanges;
import io.mpquic.quic.wire.PacketNumberSpace;
import io.mpquic.quic.wire.TransportException;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;

class LossRecoveryProperties {
    private static final long MS = 1_000_000;

    /** Collects the fate of each packet, and refuses a second one. */
    private static final class Fates implements DeliveryListener {
        final Map<PacketNumberSpace, Set<Long>> acked = new EnumMap<>(PacketNumberSpace.class);
        final Map<PacketNumberSpace, Set<Long>> lost = new EnumMap<>(PacketNumberSpace.class);
        final Map<PacketNumberSpace, Set<Long>> spurious = new EnumMap<>(PacketNumberSpace.class);

        Fates() {
            for (PacketNumberSpace space : PacketNumberSpace.values()) {
                acked.put(space, new HashSet<>());
                lost.put(space, new HashSet<>());
                spurious.put(space, new HashSet<>());
            }
        }

        @Override
        public void onPacketAcked(PacketNumberSpace space, long number, @Nullable Object frames, long largestAcked) {
            assertEquals(space.name() + number, frames);
            assertTrue(acked.get(space).add(number), "acknowledged twice");
            assertTrue(!lost.get(space).contains(number), "acknowledged and lost");
        }

        @Override
        public void onPacketLost(
                PacketNumberSpace space, long number, @Nullable Object frames, int bytes, boolean mtuProbe) {
            assertEquals(space.name() + number, frames);
            assertTrue(lost.get(space).add(number), "lost twice");
            assertTrue(!acked.get(space).contains(number), "lost and acknowledged");
        }

        @Override
        public void onMtuProbeAcked(int bytes) {
            assertTrue(bytes > 0);
        }

        @Override
        public void onSpuriousLoss(PacketNumberSpace space, long number, int bytes) {
            assertTrue(lost.get(space).contains(number), "spurious without a loss");
            assertTrue(spurious.get(space).add(number), "spurious twice");
        }
    }

    @Property(tries = 100)
    void anySequenceOfEventsEndsAsTheAppendixOfTheRfcSays(@ForAll long seed) throws TransportException {
        new Scenario().play(new Random(seed));
    }

    /** The real thing and the model side by side. */
    private static final class Scenario {
        private final RttEstimator rtt = new RttEstimator();
        private final Fates fates = new Fates();
        private final LossRecovery recovery = new LossRecovery(rtt, new NewReno(1200), fates, true);
        private final Map<PacketNumberSpace, NaiveRecovery> models = new EnumMap<>(PacketNumberSpace.class);
        private final Map<PacketNumberSpace, Long> next = new EnumMap<>(PacketNumberSpace.class);
        private long nowNs = 1000 * MS;

        void play(Random random) throws TransportException {
            for (PacketNumberSpace space : PacketNumberSpace.values()) {
                models.put(space, new NaiveRecovery());
                next.put(space, 0L);
            }
            for (int step = 0; step < 400; step++) {
                PacketNumberSpace space = PacketNumberSpace.values()[random.nextInt(3)];
                int dice = random.nextInt(100);
                if (dice < 55) {
                    send(space, random);
                } else if (dice < 85) {
                    acknowledge(space, random);
                } else if (dice < 94) {
                    nowNs += random.nextInt(20) * MS;
                } else if (dice < 99) {
                    fireTimer();
                } else {
                    recovery.discardSpace(space, nowNs);
                    models.get(space).discard();
                }
                check();
            }
        }

        private void send(PacketNumberSpace space, Random random) {
            NaiveRecovery model = models.get(space);
            long number = next.get(space);
            if (random.nextInt(50) == 0) {
                model.skipped.add(number);
                number++;
            }
            next.put(space, number + 1);
            boolean eliciting = random.nextInt(5) != 0;
            boolean inFlight = eliciting || random.nextInt(3) == 0;
            boolean mtuProbe = eliciting && random.nextInt(20) == 0;
            int bytes = 40 + random.nextInt(1400);
            recovery.onPacketSent(
                    space, number, bytes, eliciting, inFlight, mtuProbe, -1, space.name() + number, nowNs);
            model.unacked.put(number, new NaiveRecovery.Packet(nowNs, bytes, eliciting, inFlight));
            nowNs += random.nextInt(3) * MS / 4;
        }

        private void acknowledge(PacketNumberSpace space, Random random) throws TransportException {
            NaiveRecovery model = models.get(space);
            AckRanges ranges = new AckRanges();
            long last = next.get(space) - 1 - random.nextInt(10);
            for (long number = last; number >= Math.max(0, last - random.nextInt(60)); number--) {
                if (random.nextInt(10) != 0 && !model.skipped.contains(number)) {
                    ranges.add(number, number);
                }
            }
            if (ranges.size() > 0) {
                recovery.onAckReceived(space, ranges, random.nextInt(30) * MS, nowNs);
                model.onAck(ranges, rtt, nowNs);
            }
        }

        private void fireTimer() {
            long timeoutNs = recovery.timeoutNs();
            if (timeoutNs == Long.MAX_VALUE) {
                return;
            }
            nowNs = Math.max(nowNs, timeoutNs);
            NaiveRecovery due = null;
            for (NaiveRecovery model : models.values()) {
                if (model.lossNs != Long.MAX_VALUE && (due == null || model.lossNs < due.lossNs)) {
                    due = model;
                }
            }
            int ptoCount = recovery.ptoCount();
            recovery.onTimeout(nowNs);
            if (due != null) {
                due.detectLost(rtt, nowNs);
                assertEquals(ptoCount, recovery.ptoCount());
            } else {
                assertEquals(ptoCount + 1, recovery.ptoCount());
            }
        }

        private void check() {
            long inFlight = 0;
            long lossNs = Long.MAX_VALUE;
            for (PacketNumberSpace space : PacketNumberSpace.values()) {
                NaiveRecovery model = models.get(space);
                assertEquals(model.acked, fates.acked.get(space));
                assertEquals(model.lost, fates.lost.get(space));
                inFlight += model.bytesInFlight();
                lossNs = Math.min(lossNs, model.lossNs);
            }
            assertEquals(inFlight, recovery.bytesInFlight());
            assertTrue(recovery.bytesInFlight() >= 0);
            if (lossNs != Long.MAX_VALUE) {
                assertEquals(lossNs, recovery.timeoutNs());
            }
        }
    }
}
