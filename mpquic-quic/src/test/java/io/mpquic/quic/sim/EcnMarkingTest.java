package io.mpquic.quic.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

class EcnMarkingTest {
    private static final InetSocketAddress A = new InetSocketAddress("192.0.2.1", 1111);
    private static final InetSocketAddress B = new InetSocketAddress("198.51.100.2", 4433);
    private static final long MS = 1_000_000;

    private SimulatedNetwork network = new SimulatedNetwork(42);
    private ScriptedNode receiver = ScriptedNode.silent(A);

    @Test
    void marksAreSetAtTheAskedShareAndOnlyOnWhatCanBeMarked() {
        LinkConditions marking = LinkConditions.builder().ecn(0.3, false).build();
        sendMarked(marking, 2);
        assertEquals(
                300, receiver.arrivals.stream().filter(each -> each.ecn() == 3).count(), 60);
        assertEquals(
                1000 - network.statistics(A, B).marked(),
                receiver.arrivals.stream().filter(each -> each.ecn() == 2).count());
        setUp();
        sendMarked(marking, 0);
        assertTrue(receiver.arrivals.stream().allMatch(each -> each.ecn() == 0));
    }

    @Test
    void aBleachingPathClearsEveryMark() {
        sendMarked(LinkConditions.builder().ecn(1, true).build(), 2);
        assertTrue(receiver.arrivals.stream().allMatch(each -> each.ecn() == 0));
        assertEquals(1000, network.statistics(A, B).bleached());
    }

    @Test
    void aQueueAboveItsThresholdMarks() {
        Bottleneck marking = new Bottleneck(8_000_000, 100_000, Integer.MAX_VALUE, 3000);
        network.link(A, B, LinkConditions.builder().bottleneck(marking).build());
        sendBurst(10);
        // Datagrams find 0, 1000, 2000, 3000, 4000 ... bytes before them.
        assertEquals(
                List.of(2, 2, 2, 2, 3, 3, 3, 3, 3, 3),
                receiver.arrivals.stream().map(ScriptedNode.Arrival::ecn).toList());
    }

    private void sendMarked(LinkConditions conditions, int ecn) {
        network.link(A, B, conditions);
        ScriptedNode sender = new ScriptedNode(B, 1000, 8, network.nowNs(), MS);
        sender.ecn = ecn;
        network.attach(A, sender);
        network.attach(B, receiver);
        network.runFor(2000 * MS);
    }

    private void sendBurst(int count) {
        ScriptedNode sender = new ScriptedNode(B, count, 1000, network.nowNs(), 0);
        sender.ecn = 2;
        network.attach(A, sender);
        network.attach(B, receiver);
        network.runFor(1000 * MS);
    }

    private void setUp() {
        network = new SimulatedNetwork(43);
        receiver = ScriptedNode.silent(A);
    }
}
