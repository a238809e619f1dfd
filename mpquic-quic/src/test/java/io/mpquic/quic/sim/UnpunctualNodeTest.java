package io.mpquic.quic.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class UnpunctualNodeTest {
    private static final InetSocketAddress A = new InetSocketAddress("192.0.2.1", 1111);
    private static final InetSocketAddress B = new InetSocketAddress("198.51.100.2", 4433);
    private static final long MS = 1_000_000;

    private final SimulatedNetwork network = new SimulatedNetwork(42);
    private final ScriptedNode receiver = ScriptedNode.silent(A);

    @Test
    void aSuspendedNodeFindsWhatCameMeanwhileWhenItWakes() {
        UnpunctualNode sleeper = new UnpunctualNode(receiver, new SplittableRandom(1));
        network.attach(B, sleeper);
        sleeper.suspend(network.nowNs(), 30 * MS, false, false);
        network.attach(A, new ScriptedNode(B, 3, 8, network.nowNs(), MS));
        network.runFor(20 * MS);
        assertEquals(List.of(), receiver.numbers());
        assertTrue(sleeper.isSuspended());
        network.runFor(20 * MS);
        assertEquals(List.of(0, 1, 2), receiver.numbers());
        assertEquals(
                1,
                receiver.arrivals.stream()
                        .map(ScriptedNode.Arrival::timeNs)
                        .distinct()
                        .count());
    }

    @Test
    void theClockOfASuspendedNodeStandsStillWhereThatIsAskedFor() {
        long beforeNs = network.nowNs();
        for (boolean stops : new boolean[] {true, false}) {
            UnpunctualNode sleeper = new UnpunctualNode(ScriptedNode.silent(A), new SplittableRandom(1));
            network.attach(stops ? A : B, sleeper);
            sleeper.suspend(network.nowNs(), 30 * MS, stops, false);
            network.runFor(31 * MS);
            assertEquals(stops ? -30 * MS : 0, sleeper.clockNs(beforeNs) - beforeNs);
        }
    }

    @Test
    void aClockThatJumpsMakesDeadlinesComeEarlier() {
        ScriptedNode sender = new ScriptedNode(B, 1, 8, network.nowNs() + 100 * MS, 0);
        UnpunctualNode jumping = new UnpunctualNode(sender, new SplittableRandom(1));
        network.attach(A, jumping);
        network.attach(B, receiver);
        jumping.jump(90 * MS);
        long startNs = network.nowNs();
        network.runFor(50 * MS);
        assertEquals(10 * MS, receiver.arrivals.getFirst().timeNs() - startNs);
    }

    @Test
    void aLateNodeMeetsItsDeadlinesWithinTheBound() {
        ScriptedNode sender = new ScriptedNode(B, 200, 8, network.nowNs() + MS, 10 * MS);
        UnpunctualNode late = new UnpunctualNode(sender, new SplittableRandom(1));
        late.late(5 * MS);
        network.attach(A, late);
        network.attach(B, receiver);
        long lastNs = network.nowNs() + MS - 10 * MS;
        network.runFor(4000 * MS);
        assertEquals(200, receiver.arrivals.size());
        long latest = 0;
        for (ScriptedNode.Arrival arrival : receiver.arrivals) {
            long lateNs = arrival.timeNs() - lastNs - 10 * MS;
            assertTrue(lateNs >= 0 && lateNs <= 5 * MS, lateNs + " ns late");
            latest = Math.max(latest, lateNs);
            lastNs = arrival.timeNs();
        }
        assertTrue(latest > 4 * MS);
    }
}
