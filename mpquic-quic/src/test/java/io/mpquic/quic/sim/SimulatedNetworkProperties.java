package io.mpquic.quic.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetSocketAddress;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;

class SimulatedNetworkProperties {
    private static final InetSocketAddress A = new InetSocketAddress("192.0.2.1", 1111);
    private static final InetSocketAddress B = new InetSocketAddress("198.51.100.2", 4433);

    @Property(tries = 200)
    void timeNeverGoesBackAndEveryDatagramIsAccountedFor(
            @ForAll long seed,
            @ForAll @IntRange(max = 50) int delayMs,
            @ForAll @IntRange(max = 50) int jitterMs,
            @ForAll @DoubleRange(max = 1) double loss,
            @ForAll @DoubleRange(max = 1) double reorder,
            @ForAll @DoubleRange(max = 1) double duplicate,
            @ForAll @IntRange(max = 100) int megabits,
            @ForAll @IntRange(max = 3_000_000) int intervalNs) {
        SimulatedNetwork network = new SimulatedNetwork(seed);
        LinkConditions conditions = LinkConditions.builder()
                .delayMs(delayMs)
                .jitterMs(jitterMs)
                .loss(loss)
                .reorder(reorder, 7)
                .duplicate(duplicate)
                .rate(megabits * 1_000_000L, 20_000)
                .build();
        network.linkBothWays(A, B, conditions);
        ScriptedNode one = new ScriptedNode(B, 100, 500, network.nowNs(), intervalNs);
        ScriptedNode other = new ScriptedNode(A, 100, 1200, network.nowNs() + 5, intervalNs);
        network.attach(A, one);
        network.attach(B, other);
        network.runFor(2_000_000_000L);

        assertTimeAdvances(network, one);
        assertTimeAdvances(network, other);
        assertAccountedFor(network.statistics(A, B), other);
        assertAccountedFor(network.statistics(B, A), one);
    }

    private static void assertTimeAdvances(SimulatedNetwork network, ScriptedNode node) {
        long lastNs = Long.MIN_VALUE;
        for (ScriptedNode.Arrival arrival : node.arrivals) {
            assertTrue(arrival.timeNs() >= lastNs, network.toString());
            lastNs = arrival.timeNs();
        }
    }

    private static void assertAccountedFor(LinkStatistics statistics, ScriptedNode receiver) {
        assertEquals(100, statistics.sent());
        assertEquals(statistics.sent() - statistics.dropped() + statistics.duplicated(), statistics.delivered());
        assertEquals(statistics.delivered(), receiver.arrivals.size());
    }
}
