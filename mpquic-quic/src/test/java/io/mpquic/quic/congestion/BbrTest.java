package io.mpquic.quic.congestion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.wire.TransportException;
import org.junit.jupiter.api.Test;

/** BBR on paths that change, that mark, and under applications that pause. */
class BbrTest {
    private static final int MDS = 1200;
    private static final long MS = 1_000_000;

    private static void assertUses(double least, Bottleneck link, double seconds) throws TransportException {
        link.measureFromHere();
        link.runSeconds(seconds);
        assertTrue(link.utilisation() >= least, "uses " + link.utilisation());
    }

    @Test
    void aRouteThatBecomesFiveTimesAsLongIsFullAgainAfterTwoLooks() throws TransportException {
        Bottleneck link = new Bottleneck(50, 20, 4, 0, 1);
        link.add(CongestionAlgorithm.BBR);
        link.runSeconds(20);
        link.reroute(50, 100);
        link.runSeconds(15);
        assertUses(0.95, link, 10);
        assertTrue(link.queueDelayMs(0.5) < 5, "median queue delay " + link.queueDelayMs(0.5));
    }

    @Test
    void aRouteThatBecomesShorterKeepsNoQueue() throws TransportException {
        Bottleneck link = new Bottleneck(50, 100, 1, 0, 1);
        link.add(CongestionAlgorithm.BBR);
        link.runSeconds(20);
        link.reroute(50, 20);
        link.runSeconds(5);
        assertUses(0.95, link, 10);
        assertTrue(link.queueDelayMs(0.95) < 10, "queue delay " + link.queueDelayMs(0.95));
    }

    @Test
    void aLinkThatBecomesSlowerHasAShortQueueAgainAfterTwoCycles() throws TransportException {
        Bottleneck link = new Bottleneck(50, 40, 2, 0, 1);
        link.add(CongestionAlgorithm.BBR);
        link.runSeconds(20);
        link.reroute(5, 40);
        link.runSeconds(12);
        assertUses(0.9, link, 10);
        assertTrue(link.queueDelayMs(0.95) < 60, "queue delay " + link.queueDelayMs(0.95));
    }

    @Test
    void aLinkThatBecomesTenTimesAsFastIsFullWithinFiveSeconds() throws TransportException {
        Bottleneck link = new Bottleneck(5, 40, 20, 0, 1);
        link.add(CongestionAlgorithm.BBR);
        link.runSeconds(20);
        link.reroute(50, 40);
        link.runSeconds(5);
        assertUses(0.95, link, 5);
    }

    @Test
    void aSecondFlowGetsItsShareOfAShortQueueThoughTheFirstOneHoldsAllOfIt() throws TransportException {
        // What holds back the probes of the second one is the bound that its own startup has set among the first one's
        // packets: it has to rise.
        double fairness = 0;
        for (int i = 0; i < 4; i++) {
            Bottleneck link = new Bottleneck(50, 50, 0.5, 0, 1);
            link.add(CongestionAlgorithm.BBR);
            link.runSeconds(10 + 0.77 * i);
            link.add(CongestionAlgorithm.BBR);
            link.runSeconds(30);
            link.measureFromHere();
            link.runSeconds(20);
            fairness += link.fairness() / 4;
        }
        assertTrue(fairness > 0.93, "fairness " + fairness);
    }

    @Test
    void twoFlowsLetTheMarksOfARouterKeepTheQueueShort() throws TransportException {
        // RFC 9002 §7.1, RFC 3168 §5: the queue has room for 160 ms; the router marks from 8 ms on, and drops nothing.
        Bottleneck link = new Bottleneck(20, 40, 4, 0, 1);
        link.markFrom(0.05);
        link.add(CongestionAlgorithm.BBR);
        link.runSeconds(10);
        link.add(CongestionAlgorithm.BBR);
        link.runSeconds(20);
        assertUses(0.85, link, 20);
        assertTrue(link.queueDelayMs(0.5) < 8, "median queue delay " + link.queueDelayMs(0.5));
        assertTrue(link.fairness() > 0.9, "fairness " + link.fairness());
    }

    @Test
    void afterIdlenessItGoesOnAtOnceInsteadOfLookingForTheShortestRoundTrip() throws TransportException {
        Bottleneck link = new Bottleneck(50, 40, 2, 0, 1);
        Bottleneck.Flow flow = link.add(CongestionAlgorithm.BBR);
        link.runSeconds(12);
        flow.offer(0);
        link.runSeconds(7);
        flow.offer(Long.MAX_VALUE);
        assertUses(0.94, link, 1);
    }

    @Test
    void lightUseIsNotTakenForTheRateOfThePath() throws TransportException {
        Bottleneck link = new Bottleneck(100, 100, 2, 0, 1);
        Bottleneck.Flow flow = link.add(CongestionAlgorithm.BBR);
        for (int i = 0; i < 40; i++) {
            flow.offer(40 * MDS);
            link.runSeconds(0.5);
        }
        flow.offer(Long.MAX_VALUE);
        // As fast as at the start of a connection, which fills this path within a second.
        link.runSeconds(1);
        assertUses(0.95, link, 2);
    }

    @Test
    void aWindowThatLosesAPacketByChanceIsNoCongestionHoweverSmallItIs() throws TransportException {
        // 40 packets in flight: two percent is less than one.
        Bottleneck link = new Bottleneck(10, 40, 1, 0.01, 1);
        link.add(CongestionAlgorithm.BBR);
        link.runSeconds(5);
        assertUses(0.93, link, 20);
    }

    @Test
    void itBeginsWithTheInitialWindowPacedOverARoundTrip() {
        Bbr bbr = new Bbr(MDS);
        assertEquals(12_000, bbr.windowBytes());
        assertTrue(bbr.inSlowStart());
        assertEquals(2.77 * 0.99 * 120_000, bbr.pacingBytesPerSecond(100 * MS), 1);
        bbr.onMaxDatagramSize(1400);
        assertEquals(14_000, bbr.windowBytes());
        assertEquals(1400, bbr.maxDatagramBytes());
    }

    @Test
    void persistentCongestionLeavesFourDatagramsAndAnotherPathStartsAnew() {
        Bbr bbr = new Bbr(MDS);
        bbr.onPacketSent(MDS, MDS, MS);
        bbr.onPacketAcked(MDS, MS, 50 * MS, false);
        bbr.onAckProcessed(0, 50 * MS);
        bbr.onPersistentCongestion(60 * MS);
        assertEquals(4 * MDS, bbr.windowBytes());
        bbr.reset();
        assertEquals(10 * MDS, bbr.windowBytes());
        assertTrue(bbr.inSlowStart());
        assertEquals(2.77 * 0.99 * 120_000, bbr.pacingBytesPerSecond(100 * MS), 1, "the old rate is forgotten");
    }

    @Test
    void aMarkEndsStartup() {
        Bbr bbr = new Bbr(MDS);
        for (long round = 1; round <= 3; round++) {
            bbr.onPacketSent(MDS, MDS, 100 * round * MS);
            if (round == 3) {
                bbr.onCongestionExperienced(100 * round * MS, (100 * round + 50) * MS);
            }
            bbr.onPacketAcked(MDS, 100 * round * MS, (100 * round + 50) * MS, true);
            bbr.onAckProcessed(0, (100 * round + 50) * MS);
            assertEquals(round < 3, bbr.inSlowStart());
        }
    }
}
