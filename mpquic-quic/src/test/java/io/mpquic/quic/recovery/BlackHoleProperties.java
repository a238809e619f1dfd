package io.mpquic.quic.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.sim.LossModel;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** RFC 8899 §4.3: loss of any kind, on a path that carries full packets, is no black hole; a real one is found. */
class BlackHoleProperties {
    private static final long MS = 1_000_000;
    private static final int FULL_BYTES = 1472;
    private static final int SMALL_BYTES = 150;
    private static final int PACKETS = 20_000;

    /**
     * Bursts that take whatever is under way, up to a fifth of all packets, and full packets few or many among small
     * ones: the path is as large as it was.
     */
    @Property(tries = 300)
    void burstsOfLossAreNoBlackHole(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 20) int lossPercent,
            @ForAll @IntRange(min = 1, max = 60) int burst,
            @ForAll @IntRange(min = 3, max = 100) int fullPercent,
            @ForAll @IntRange(min = 1, max = 50) int spacingMs) {
        SplittableRandom random = new SplittableRandom(seed);
        Traffic traffic = new Traffic(random, fullPercent, spacingMs);
        LossModel.Process losses = LossModel.bursts(lossPercent / 100.0, burst).start();
        for (int i = 0; i < PACKETS; i++) {
            traffic.send(losses.loses(random));
        }
        assertEquals(0, traffic.blackHoles);
    }

    @Property(tries = 100)
    void aPathThatShrinksIsFoundUnderLossToo(
            @ForAll long seed,
            @ForAll @IntRange(min = 0, max = 10) int lossPercent,
            @ForAll @IntRange(min = 10, max = 100) int fullPercent) {
        SplittableRandom random = new SplittableRandom(seed);
        Traffic traffic = new Traffic(random, fullPercent, 2);
        for (int i = 0; i < PACKETS && traffic.blackHoles == 0; i++) {
            traffic.sendThroughBlackHole(random.nextInt(100) < lossPercent);
        }
        assertTrue(traffic.blackHoles > 0 || fullPercent == 100, "not found");
    }

    /** Packets at a fixed pace over a path of 40 ms: losses show when three later packets have been acknowledged. */
    private static final class Traffic {
        private static final long RTT_NS = 40 * MS;
        private static final int REORDERING = 3;

        private final PathMtuDiscovery discovery = new PathMtuDiscovery(FULL_BYTES);
        private final SplittableRandom random;
        private final int fullPercent;
        private final long spacingNs;
        private final int[] sizes = new int[PACKETS];
        private final boolean[] lost = new boolean[PACKETS];
        private final boolean[] done = new boolean[PACKETS];
        private int sent;
        private int acknowledged;
        int blackHoles;

        Traffic(SplittableRandom random, int fullPercent, int spacingMs) {
            this.random = random;
            this.fullPercent = fullPercent;
            spacingNs = spacingMs * MS;
            discovery.start();
            discovery.onProbeSent(FULL_BYTES);
            discovery.onProbeAcked(FULL_BYTES);
        }

        void send(boolean isLost) {
            send(random.nextInt(100) < fullPercent ? FULL_BYTES : SMALL_BYTES, isLost);
        }

        void sendThroughBlackHole(boolean isLost) {
            int bytes = random.nextInt(100) < fullPercent ? FULL_BYTES : SMALL_BYTES;
            send(bytes, isLost || bytes == FULL_BYTES);
        }

        private void send(int bytes, boolean isLost) {
            sizes[sent] = bytes;
            lost[sent] = isLost;
            sent++;
            long nowNs = sent * spacingNs;
            while (acknowledged < sent && (acknowledged + 1) * spacingNs + RTT_NS <= nowNs) {
                acknowledge(acknowledged++, nowNs);
            }
        }

        private void acknowledge(int number, long nowNs) {
            if (lost[number]) {
                return;
            }
            for (int older = Math.max(0, number - 2_000); older <= number - REORDERING; older++) {
                if (lost[older] && !done[older]) {
                    done[older] = true;
                    blackHoles += discovery.onPacketLost(sizes[older], (older + 1) * spacingNs, nowNs) ? 1 : 0;
                }
            }
            discovery.onPacketAcked(sizes[number]);
        }
    }
}
