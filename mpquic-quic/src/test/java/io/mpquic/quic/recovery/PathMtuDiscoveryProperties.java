package io.mpquic.quic.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class PathMtuDiscoveryProperties {
    private static final int TOLERANCE_BYTES = 20;

    @Property(tries = 2000)
    void withoutLossTheLargestSizeIsFoundWithinTheTolerance(
            @ForAll @IntRange(min = 1200, max = 9000) int pathBytes,
            @ForAll @IntRange(min = 1200, max = 9000) int linkBytes) {
        PathMtuDiscovery discovery = new PathMtuDiscovery(linkBytes);
        SimulatedPath path = new SimulatedPath(discovery, pathBytes, 0, 0);
        discovery.start();
        int rounds = path.run();
        assertTrue(discovery.settled());
        int best = Math.min(pathBytes, linkBytes);
        assertTrue(discovery.currentBytes() <= best, discovery.currentBytes() + " above " + best);
        assertTrue(best - discovery.currentBytes() < TOLERANCE_BYTES, discovery.currentBytes() + " for " + best);
        assertTrue(rounds <= 6, rounds + " rounds");
        assertTrue(path.probes() <= 60, path.probes() + " probes");
    }

    @Property(tries = 500)
    void onTheUsualLinkTwoRoundsAreEnough(@ForAll @IntRange(min = 1200, max = 1472) int pathBytes) {
        PathMtuDiscovery discovery = new PathMtuDiscovery(1472);
        SimulatedPath path = new SimulatedPath(discovery, pathBytes, 0, 0);
        discovery.start();
        assertTrue(path.run() <= 2);
        assertTrue(pathBytes - discovery.currentBytes() < TOLERANCE_BYTES);
    }

    @Property(tries = 500)
    void aPathThatCarriesWhatTheLinkCarriesIsSettledInOneRound(@ForAll @IntRange(min = 1200, max = 9000) int bytes) {
        PathMtuDiscovery discovery = new PathMtuDiscovery(bytes);
        SimulatedPath path = new SimulatedPath(discovery, bytes, 0, 0);
        discovery.start();
        assertTrue(path.run() <= 1);
        assertEquals(bytes, discovery.currentBytes());
    }

    @Property(tries = 2000)
    void randomLossDoesNotMisleadIt(
            @ForAll @IntRange(min = 1200, max = 9000) int pathBytes,
            @ForAll @IntRange(min = 1200, max = 9000) int linkBytes,
            @ForAll long seed) {
        PathMtuDiscovery discovery = new PathMtuDiscovery(linkBytes);
        SimulatedPath path = new SimulatedPath(discovery, pathBytes, 0.1, seed);
        discovery.start();
        path.run();
        assertTrue(discovery.settled());
        int best = Math.min(pathBytes, linkBytes);
        assertTrue(discovery.currentBytes() <= best);
        // Three losses by chance may prove a size too large; the next raise mends it.
        if (path.unlucky() < 3) {
            assertTrue(best - discovery.currentBytes() < TOLERANCE_BYTES, discovery.currentBytes() + " for " + best);
        }
    }
}
