package io.mpquic.quic.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SimulatedNetworkTest {
    private static final InetSocketAddress A = new InetSocketAddress("192.0.2.1", 1111);
    private static final InetSocketAddress B = new InetSocketAddress("198.51.100.2", 4433);
    private static final InetSocketAddress ELSEWHERE = new InetSocketAddress("203.0.113.3", 9999);
    private static final long MS = 1_000_000;

    private SimulatedNetwork network = new SimulatedNetwork(42);
    private ScriptedNode receiver = ScriptedNode.silent(A);
    private long startNs;

    @Test
    void datagramsArriveAfterTheDelayAndInOrder() {
        send(LinkConditions.builder().delayMs(20).build(), 10, 100, MS);
        assertEquals(IntStream.range(0, 10).boxed().toList(), receiver.numbers());
        for (int i = 0; i < 10; i++) {
            assertEquals(startNs + (20 + i) * MS, receiver.arrivals.get(i).timeNs());
        }
        assertEquals(A, receiver.arrivals.getFirst().from());
        assertEquals(100, receiver.arrivals.getFirst().lengthBytes());
    }

    @Test
    void jitterStaysWithinItsBoundsAndKeepsTheOrder() {
        send(LinkConditions.builder().delayMs(20).jitterMs(10).build(), 1000, 100, MS);
        assertEquals(IntStream.range(0, 1000).boxed().toList(), receiver.numbers());
        HashSet<Long> delays = new HashSet<>();
        for (ScriptedNode.Arrival arrival : receiver.arrivals) {
            long delayNs = arrival.timeNs() - startNs - arrival.number() * MS;
            assertTrue(delayNs >= 20 * MS && delayNs <= 30 * MS, "delay of " + delayNs + " ns");
            delays.add(delayNs);
        }
        assertTrue(delays.size() > 100);
    }

    @Test
    void theSameSeedGivesTheSameCourseAndAnotherSeedAnother() {
        LinkConditions rough = rough();
        long first = traceOf(1, rough);
        assertEquals(first, traceOf(1, rough));
        assertNotEquals(first, traceOf(2, rough));
    }

    @Test
    void theShareOfLostDatagramsIsNearTheProbability() {
        send(LinkConditions.builder().loss(0.3).build(), 20_000, 8, MS);
        assertEquals(0.3, lossShare(), 0.02, network.toString());
    }

    @Test
    void burstsHaveTheLossAndTheLengthThatWereAskedFor() {
        send(LinkConditions.builder().loss(LossModel.bursts(0.1, 5)).build(), 50_000, 8, MS);
        assertEquals(0.1, lossShare(), 0.02, network.toString());
        long bursts = 0;
        int expected = 0;
        for (int number : receiver.numbers()) {
            bursts += number > expected ? 1 : 0;
            expected = number + 1;
        }
        double meanBurst = (double) network.statistics(A, B).lost() / bursts;
        assertEquals(5, meanBurst, 0.7, network.toString());
    }

    @Test
    void heldBackDatagramsAreOvertakenByLaterOnes() {
        send(LinkConditions.builder().delayMs(5).reorder(0.1, 3).build(), 1000, 8, MS);
        List<Integer> numbers = receiver.numbers();
        assertEquals(1000, new HashSet<>(numbers).size());
        assertNotEquals(numbers.stream().sorted().toList(), numbers);
        long reordered = network.statistics(A, B).reordered();
        assertTrue(reordered > 50 && reordered < 150, reordered + " reordered, " + network);
    }

    @Test
    void doubledDatagramsArriveTwice() {
        send(LinkConditions.builder().duplicate(0.2).build(), 1000, 8, MS);
        long duplicated = network.statistics(A, B).duplicated();
        assertTrue(duplicated > 120 && duplicated < 280, duplicated + " duplicated, " + network);
        assertEquals(1000 + duplicated, receiver.arrivals.size());
        assertEquals(1000, new HashSet<>(receiver.numbers()).size());
    }

    @Test
    void damagedDatagramsDifferInOneToThreeBits() {
        send(LinkConditions.builder().corrupt(1).build(), 200, 4, MS);
        HashSet<Integer> flips = new HashSet<>();
        for (int i = 0; i < 200; i++) {
            flips.add(Integer.bitCount(receiver.numbers().get(i) ^ i));
        }
        assertEquals(new HashSet<>(List.of(1, 2, 3)), flips);
    }

    @Test
    void theBottleneckSpacesDatagramsByTheirTransmissionTime() {
        // 1000 bytes at 8 Mbit/s take 1 ms.
        send(LinkConditions.builder().rate(8_000_000, 1_000_000).delayMs(10).build(), 100, 1000, 0);
        for (int i = 0; i < 100; i++) {
            assertEquals(startNs + (10 + i + 1) * MS, receiver.arrivals.get(i).timeNs());
        }
    }

    @Test
    void theBottleneckDropsWhatItsQueueCannotHold() {
        send(LinkConditions.builder().rate(8_000_000, 10_000).build(), 100, 1000, 0);
        assertEquals(IntStream.range(0, 10).boxed().toList(), receiver.numbers());
        assertEquals(90, network.statistics(A, B).queueDropped());
    }

    @Test
    void theBottleneckCarriesItsRateUnderOverload() {
        // Twice the rate for two seconds: one second's worth arrives a second.
        send(LinkConditions.builder().rate(8_000_000, 10_000).build(), 4000, 1000, MS / 2);
        assertEquals(2000, receiver.arrivals.size(), 15);
    }

    @Test
    void datagramsAboveTheMaximumVanish() {
        send(LinkConditions.builder().maxDatagramBytes(1200).build(), 3, 1201, MS);
        assertEquals(0, receiver.arrivals.size());
        assertEquals(3, network.statistics(A, B).tooLarge());
    }

    @Test
    void datagramsOfTheMaximumPass() {
        send(LinkConditions.builder().maxDatagramBytes(1200).build(), 3, 1200, MS);
        assertEquals(3, receiver.arrivals.size());
    }

    @Test
    void aBlackHoleSwallowsWhatIsSentWhileItLasts() {
        long nowNs = network.nowNs();
        send(LinkConditions.builder().blackHole(nowNs + 3 * MS, nowNs + 6 * MS).build(), 10, 8, MS);
        assertEquals(List.of(0, 1, 2, 6, 7, 8, 9), receiver.numbers());
    }

    @Test
    void aTestCanChooseWhichDatagramsAreDropped() {
        network.dropIf(A, B, (index, datagram, nowNs) -> index == 1 || index == 2);
        send(LinkConditions.perfect(), 5, 8, MS);
        assertEquals(List.of(0, 3, 4), receiver.numbers());
        assertEquals(2, network.statistics(A, B).filtered());
    }

    @Test
    void afterRebindingTheSenderIsSeenUnderTheNewAddressAndTheOldOneIsDead() {
        network.at(network.nowNs() + 2 * MS + 1, () -> network.rebind(A, ELSEWHERE));
        send(LinkConditions.perfect(), 4, 8, MS);
        assertEquals(
                List.of(A, A, A, ELSEWHERE),
                receiver.arrivals.stream().map(ScriptedNode.Arrival::from).toList());

        network.inject(B, A, new byte[8]);
        network.runFor(MS);
        assertEquals(1, network.unroutable());
        network.inject(B, ELSEWHERE, new byte[8]);
        network.runFor(MS);
        assertEquals(1, network.unroutable());
    }

    @Test
    void injectedDatagramsShowTheAddressThatTheAttackerChose() {
        network.attach(B, receiver);
        network.inject(ELSEWHERE, B, new byte[] {7, 0, 0, 0});
        network.runFor(MS);
        assertEquals(ELSEWHERE, receiver.arrivals.getFirst().from());
        assertEquals(4, receiver.arrivals.getFirst().lengthBytes());
    }

    @Test
    void conditionsCanChangeOnTheWay() {
        network.at(
                network.nowNs() + 5 * MS,
                () -> network.link(A, B, LinkConditions.builder().loss(1).build()));
        send(LinkConditions.perfect(), 10, 8, MS);
        assertEquals(List.of(0, 1, 2, 3, 4), receiver.numbers());
    }

    @Test
    void trafficOnOneLinkDoesNotChangeWhatAnotherDoes() {
        long alone = traceOf(7, rough());
        network = new SimulatedNetwork(7);
        network.statistics(B, A);
        network.link(ELSEWHERE, B, rough());
        receiver = ScriptedNode.silent(A);
        send(rough(), 500, 100, MS);
        assertEquals(alone, network.traceHash());
    }

    @Test
    void aConditionThatNeverHoldsFailsWithTheSeed() {
        network = new SimulatedNetwork(0xabcdef);
        AssertionError failure =
                assertThrows(AssertionError.class, () -> network.runUntil("the impossible", () -> false, MS));
        assertTrue(failure.getMessage().contains("0xabcdef"), failure.getMessage());
        assertTrue(failure.getMessage().contains("the impossible"), failure.getMessage());
    }

    @Test
    void anExceptionOutOfANodeFailsWithTheSeed() {
        network = new SimulatedNetwork(0xabcdef);
        network.attach(A, new ScriptedNode(B, 1, 8, network.nowNs() + MS, 0) {
            @Override
            public void onTimeout(long nowNs) {
                throw new IllegalStateException("broken");
            }
        });
        AssertionError failure = assertThrows(AssertionError.class, () -> network.runFor(2 * MS));
        assertTrue(failure.getMessage().contains("0xabcdef"), failure.getMessage());
        assertEquals("broken", failure.getCause().getMessage());
    }

    @Test
    void aNodeThatDoesNotMoveItsDeadlineFailsInsteadOfHanging() {
        network.attach(A, new ScriptedNode(B, 1, 8, network.nowNs() + MS, 0) {
            @Override
            public void onTimeout(long nowNs) {}
        });
        AssertionError failure = assertThrows(AssertionError.class, () -> network.runFor(2 * MS));
        assertTrue(failure.getMessage().contains("time stands still"), failure.getMessage());
    }

    @Test
    void aReceivedDatagramIsOverwrittenAfterTheCall() {
        MemorySegment[] kept = new MemorySegment[1];
        network.attach(B, new ScriptedNode(A, 0, 0, 0, 0) {
            @Override
            public void receive(MemorySegment datagram, InetSocketAddress from, int ecn, long nowNs) {
                kept[0] = datagram;
            }
        });
        network.inject(A, B, new byte[8]);
        network.runFor(MS);
        assertNotEquals(-1, kept[0].mismatch(MemorySegment.ofArray(new byte[8])));
    }

    @Test
    void theBottleneckAlsoCountsDatagrams() {
        Bottleneck tenDatagrams = new Bottleneck(8_000_000, 1_000_000, 10, Integer.MAX_VALUE);
        send(LinkConditions.builder().bottleneck(tenDatagrams).build(), 100, 100, 0);
        assertEquals(IntStream.range(0, 10).boxed().toList(), receiver.numbers());
        assertEquals(90, network.statistics(A, B).queueDropped());
    }

    @Test
    void aRateThatChangesHoldsForWhatIsSentFromThenOn() {
        LinkConditions slow = LinkConditions.builder().rate(800_000, 1_000_000).build();
        network.at(network.nowNs() + 5 * MS, () -> network.link(A, B, slow));
        // 1000 bytes take 1 ms at first, and 10 ms later.
        send(LinkConditions.builder().rate(8_000_000, 1_000_000).build(), 10, 1000, MS);
        List<Long> arrivalsMs = receiver.arrivals.stream()
                .map(arrival -> (arrival.timeNs() - startNs) / MS)
                .toList();
        assertEquals(List.of(1L, 2L, 3L, 4L, 5L, 15L, 25L, 35L, 45L, 55L), arrivalsMs);
    }

    @Test
    void aLowerMaximumHoldsForWhatIsSentFromThenOn() {
        network.at(
                network.nowNs() + 5 * MS,
                () -> network.link(
                        A, B, LinkConditions.builder().maxDatagramBytes(999).build()));
        send(LinkConditions.builder().maxDatagramBytes(1000).build(), 10, 1000, MS);
        assertEquals(List.of(0, 1, 2, 3, 4), receiver.numbers());
    }

    @Test
    void aLateCopyComesAfterItsDelay() {
        send(LinkConditions.builder().duplicate(1, 50).build(), 1, 8, MS);
        assertEquals(
                List.of(0L, 50L),
                receiver.arrivals.stream()
                        .map(arrival -> (arrival.timeNs() - startNs) / MS)
                        .toList());
    }

    @Test
    void truncatedDatagramsAreBeginningsAndLongerOnesHaveATail() {
        send(LinkConditions.builder().damage(new Damage(0, 0.5, 0.5)).build(), 400, 100, MS);
        int shorter = 0;
        int longer = 0;
        for (ScriptedNode.Arrival arrival : receiver.arrivals) {
            int length = arrival.lengthBytes();
            assertTrue(length != 100 && length >= 1 && length <= 164, "length of " + length);
            shorter += length < 100 ? 1 : 0;
            longer += length > 100 ? 1 : 0;
            assertTrue(length < 4 || arrival.number() < 400, "the beginning is as it was");
        }
        assertEquals(200, shorter, 50);
        assertEquals(200, longer, 50);
        assertEquals(400, network.statistics(A, B).corrupted());
    }

    @Test
    void aCheckRunsAfterEachStepAndItsFailureNamesTheSeed() {
        network = new SimulatedNetwork(0xabcdef);
        network.afterEachStep(() -> assertTrue(receiver.arrivals.size() < 3, "three came"));
        AssertionError failure = assertThrows(AssertionError.class, () -> send(LinkConditions.perfect(), 5, 8, MS));
        assertTrue(failure.getMessage().contains("0xabcdef"), failure.getMessage());
        assertEquals(3, receiver.arrivals.size());
    }

    private static LinkConditions rough() {
        return LinkConditions.builder()
                .delayMs(10)
                .jitterMs(5)
                .loss(LossModel.bursts(0.1, 3))
                .reorder(0.05, 4)
                .duplicate(0.05)
                .damage(new Damage(0.03, 0.01, 0.01))
                .ecn(0.1, false)
                .rate(10_000_000, 50_000)
                .build();
    }

    /** Sends {@code count} datagrams from A to B, evenly spaced, and waits for the last. */
    private void send(LinkConditions conditions, int count, int lengthBytes, long intervalNs) {
        startNs = network.nowNs();
        network.link(A, B, conditions);
        network.attach(A, new ScriptedNode(B, count, lengthBytes, startNs, intervalNs));
        network.attach(B, receiver);
        network.runFor(count * intervalNs + 1_000 * MS);
    }

    private long traceOf(long seed, LinkConditions conditions) {
        network = new SimulatedNetwork(seed);
        receiver = ScriptedNode.silent(A);
        send(conditions, 500, 100, MS);
        return network.traceHash();
    }

    private double lossShare() {
        LinkStatistics statistics = network.statistics(A, B);
        assertEquals(statistics.sent() - statistics.lost(), receiver.arrivals.size());
        return (double) statistics.lost() / statistics.sent();
    }
}
