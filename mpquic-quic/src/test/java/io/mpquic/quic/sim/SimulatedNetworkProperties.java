package io.mpquic.quic.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.SplittableRandom;
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

    @Property(tries = 100)
    void theSameSeedTellsTheSameStoryByteForByte(
            @ForAll long seed,
            @ForAll @DoubleRange(max = 0.5) double share,
            @ForAll @IntRange(max = 20) int lateMs,
            @ForAll @IntRange(min = 1, max = 60) int queueDatagrams) {
        assertEquals(story(seed, share, lateMs, queueDatagrams), story(seed, share, lateMs, queueDatagrams));
    }

    private static List<Long> story(long seed, double share, int lateMs, int queueDatagrams) {
        SimulatedNetwork network = new SimulatedNetwork(seed);
        LinkConditions conditions = LinkConditions.builder()
                .delayMs(3)
                .jitterMs(5)
                .loss(LossModel.bursts(share, 3))
                .reorder(share, 7)
                .duplicate(share, 11)
                .damage(new Damage(share / 3, share / 3, share / 3))
                .ecn(share, false)
                .bottleneck(new Bottleneck(5_000_000, 20_000, queueDatagrams, 5_000))
                .build();
        network.linkBothWays(A, B, conditions);
        ScriptedNode sender = new ScriptedNode(B, 100, 500, network.nowNs(), 1_000_000);
        UnpunctualNode late = new UnpunctualNode(sender, new SplittableRandom(seed));
        late.late(lateMs * 1_000_000L);
        network.attach(A, late);
        network.attach(B, ScriptedNode.silent(A));
        network.at(network.nowNs() + 30_000_000, () -> network.rebind(A, new InetSocketAddress("192.0.2.1", 2222)));
        network.at(network.nowNs() + 50_000_000, () -> late.suspend(network.nowNs(), 40_000_000, true, true));
        network.runFor(3_000_000_000L);
        return List.of(network.traceHash(), network.shapeHash());
    }

    @Property(tries = 200)
    void aBottleneckNeverCarriesMoreThanItsRateNorHoldsMoreThanItsQueue(
            @ForAll @IntRange(min = 1, max = 100) int megabits,
            @ForAll @IntRange(min = 2000, max = 100_000) int queueBytes,
            @ForAll @IntRange(min = 1, max = 50) int queueDatagrams,
            @ForAll @IntRange(min = 8, max = 1500) int lengthBytes,
            @ForAll @IntRange(max = 500_000) int intervalNs) {
        SimulatedNetwork network = new SimulatedNetwork(1);
        long rate = megabits * 1_000_000L;
        Bottleneck bottleneck = new Bottleneck(rate, queueBytes, queueDatagrams, Integer.MAX_VALUE);
        network.link(A, B, LinkConditions.builder().bottleneck(bottleneck).build());
        long startNs = network.nowNs();
        ScriptedNode receiver = ScriptedNode.silent(A);
        network.attach(A, new ScriptedNode(B, 300, lengthBytes, startNs, intervalNs));
        network.attach(B, receiver);
        network.runFor(3_000_000_000L);
        long transmissionNs = bottleneck.transmissionNs(lengthBytes);
        long previousNs = startNs;
        for (ScriptedNode.Arrival arrival : receiver.arrivals) {
            assertTrue(arrival.timeNs() - previousNs >= transmissionNs);
            previousNs = arrival.timeNs();
            long waitedNs = arrival.timeNs() - startNs - (long) arrival.number() * intervalNs;
            long mostNs = Math.min(bottleneck.transmissionNs(queueBytes), queueDatagrams * transmissionNs);
            assertTrue(waitedNs <= Math.max(mostNs, transmissionNs), waitedNs + " of " + mostNs);
        }
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
