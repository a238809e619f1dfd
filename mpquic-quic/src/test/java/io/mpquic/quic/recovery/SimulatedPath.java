package io.mpquic.quic.recovery;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A path with an MTU and random loss, which carries the probes of one round trip at a time. */
final class SimulatedPath {
    private final PathMtuDiscovery discovery;
    private final Random random;
    private final double loss;
    private int mtuBytes;
    private int probes;
    private int unlucky;

    SimulatedPath(PathMtuDiscovery discovery, int mtuBytes, double loss, long seed) {
        this.discovery = discovery;
        this.mtuBytes = mtuBytes;
        this.loss = loss;
        this.random = new Random(seed);
    }

    void mtuBytes(int bytes) {
        mtuBytes = bytes;
    }

    /** How many probes were sent so far. */
    int probes() {
        return probes;
    }

    /** How many probes were lost although the path would have carried them. */
    int unlucky() {
        return unlucky;
    }

    /** Sends what the discovery wants to send until it wants no more; returns how many round trips that took. */
    int run() {
        int rounds = 0;
        while (discovery.nextProbeBytes() != 0) {
            rounds++;
            if (rounds > 100) {
                throw new AssertionError("no end");
            }
            List<Integer> sizes = new ArrayList<>();
            for (int bytes = discovery.nextProbeBytes(); bytes != 0; bytes = discovery.nextProbeBytes()) {
                discovery.onProbeSent(bytes);
                sizes.add(bytes);
                probes++;
            }
            List<Integer> lost = new ArrayList<>();
            for (int bytes : sizes) {
                boolean fits = bytes <= mtuBytes;
                if (fits && random.nextDouble() >= loss) {
                    discovery.onProbeAcked(bytes);
                } else {
                    unlucky += fits ? 1 : 0;
                    lost.add(bytes);
                }
            }
            lost.forEach(discovery::onProbeLost);
        }
        return rounds;
    }
}
