package io.mpquic.quic.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.conformance.Requirement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PathMtuDiscoveryTest {
    private static final long SECOND_NS = 1_000_000_000;

    private final PathMtuDiscovery discovery = new PathMtuDiscovery(1472);
    private final SimulatedPath path = new SimulatedPath(discovery, 1472, 0, 0);

    @Test
    void beforeTheStart1200BytesAreAssumedAndNothingIsProbed() {
        assertEquals(1200, discovery.currentBytes());
        assertEquals(0, discovery.nextProbeBytes());
        assertFalse(discovery.settled());
        assertEquals(Long.MAX_VALUE, discovery.nextRaiseNs());
    }

    @Test
    void allCandidatesGoOutAtOnceTheLargestFirst() {
        discovery.start();
        List<Integer> sizes = new ArrayList<>();
        while (discovery.nextProbeBytes() != 0) {
            sizes.add(discovery.nextProbeBytes());
            discovery.onProbeSent(discovery.nextProbeBytes());
        }
        assertEquals(List.of(1472, 1452, 1432, 1392, 1372, 1352, 1280), sizes);
    }

    @Test
    void anAcknowledgedProbeCountsAtOnce() {
        discovery.start();
        discovery.onProbeSent(1472);
        discovery.onProbeSent(1452);
        discovery.onProbeAcked(1452);
        assertEquals(1452, discovery.currentBytes());
        assertFalse(discovery.settled());
        discovery.onProbeAcked(1472);
        assertEquals(1472, discovery.currentBytes());
        assertTrue(discovery.settled());
        assertEquals(0, discovery.nextProbeBytes());
    }

    @ParameterizedTest
    @ValueSource(ints = {1472, 1464, 1452, 1444, 1432, 1412, 1392, 1372, 1352, 1280})
    void theSizesOfUsualLinksAreFoundExactlyInTwoRounds(int pathBytes) {
        path.mtuBytes(pathBytes);
        discovery.start();
        assertTrue(path.run() <= 2);
        assertEquals(pathBytes, discovery.currentBytes());
    }

    // RFC 9000 §14.3: nothing is known of it, neither what fits nor what does not.
    @Test
    void anotherPathIsDiscoveredAnewAndIsNotSettledBefore() {
        discovery.start();
        path.run();
        assertTrue(discovery.settled());
        path.mtuBytes(1352);
        discovery.onPathChanged();
        assertFalse(discovery.settled());
        assertEquals(1200, discovery.currentBytes());
        path.run();
        assertTrue(discovery.settled());
        assertEquals(1352, discovery.currentBytes());
    }

    @Test
    void aPathThatShrinksStaysSettledSoThatSendersAreTold() {
        discovery.start();
        path.run();
        discovery.onBlackHole();
        assertTrue(discovery.settled());
    }

    @Test
    void aPathOf1200BytesEndsAt1200() {
        path.mtuBytes(1200);
        discovery.start();
        assertTrue(path.run() <= 2);
        assertTrue(discovery.settled());
        assertEquals(1200, discovery.currentBytes());
    }

    @Test
    void aLinkThatCarriesNoMoreThan1200IsSettledAtOnce() {
        PathMtuDiscovery small = new PathMtuDiscovery(1200);
        small.start();
        assertTrue(small.settled());
        assertEquals(0, small.nextProbeBytes());
        assertEquals(Long.MAX_VALUE, small.nextRaiseNs());
    }

    @Test
    void aProbeThatTheSocketRefusesIsNotTriedAgain() {
        discovery.start();
        assertEquals(1472, discovery.nextProbeBytes());
        discovery.onProbeRefused(1472);
        assertEquals(1452, discovery.nextProbeBytes());
        path.mtuBytes(1452);
        path.run();
        assertTrue(discovery.settled());
        assertEquals(1452, discovery.currentBytes());
    }

    @Test
    void aRefusedPacketOfTheCurrentSizeMeansThatTheLinkHasShrunk() {
        discovery.start();
        path.run();
        discovery.onProbeRefused(1472);
        assertEquals(1200, discovery.currentBytes());
        path.mtuBytes(1280);
        path.run();
        assertEquals(1280, discovery.currentBytes());
    }

    @Requirement("9000-14.2.1-1")
    @Test
    void aRefusalOf1200BytesChangesNothing() {
        discovery.onProbeRefused(1200);
        assertEquals(1200, discovery.currentBytes());
        assertEquals(0, discovery.nextProbeBytes());
        discovery.start();
        discovery.onProbeRefused(1200);
        assertEquals(1472, discovery.nextProbeBytes());
    }

    @Test
    void thePeersLimitIsKept() {
        discovery.limitTo(1300);
        discovery.start();
        assertEquals(1300, discovery.nextProbeBytes());
        path.run();
        assertEquals(1300, discovery.currentBytes());
    }

    @Test
    void aSizeIsRaisedAgainAfterTenMinutes() {
        path.mtuBytes(1392);
        discovery.start();
        path.run();
        assertEquals(Long.MIN_VALUE, discovery.nextRaiseNs());
        discovery.onTimer(5 * SECOND_NS);
        assertEquals(605 * SECOND_NS, discovery.nextRaiseNs());
        discovery.onTimer(604 * SECOND_NS);
        assertEquals(0, discovery.nextProbeBytes());
        path.mtuBytes(1452);
        discovery.onTimer(605 * SECOND_NS);
        assertTrue(discovery.settled());
        path.run();
        assertEquals(1452, discovery.currentBytes());
        discovery.onTimer(606 * SECOND_NS);
        assertEquals(1206 * SECOND_NS, discovery.nextRaiseNs());
    }

    @Test
    void atTheMaximumNothingIsRaised() {
        discovery.start();
        path.run();
        assertEquals(Long.MAX_VALUE, discovery.nextRaiseNs());
        discovery.onTimer(SECOND_NS);
        assertEquals(0, discovery.nextProbeBytes());
    }

    @Test
    void aLostProbeThatArrivesLateStillCounts() {
        path.mtuBytes(1392);
        discovery.start();
        path.run();
        discovery.onProbeAcked(1432);
        assertEquals(1432, discovery.currentBytes());
    }

    @Test
    void oneLossyBurstIsNoBlackHole() {
        discovery.start();
        path.run();
        for (int i = 0; i < 1000; i++) {
            assertFalse(discovery.onPacketLost(1472, i, 100_000));
            discovery.onPacketAcked(100);
        }
        assertEquals(1472, discovery.currentBytes());
    }

    @Test
    void randomLossIsNoBlackHoleAsLongAsFullPacketsArrive() {
        discovery.start();
        path.run();
        for (long nowNs = 0; nowNs < 1000; nowNs++) {
            assertFalse(discovery.onPacketLost(1472, nowNs * 10, nowNs * 10 + 5));
            discovery.onPacketAcked(100);
            if (nowNs % 5 == 4) {
                discovery.onPacketAcked(1472);
            }
        }
        assertEquals(1472, discovery.currentBytes());
    }

    @Test
    void anOutageIsNoBlackHole() {
        discovery.start();
        path.run();
        for (long nowNs = 0; nowNs < 1000; nowNs++) {
            assertFalse(discovery.onPacketLost(1472, nowNs * 10, nowNs * 10 + 5));
        }
    }

    @Test
    void lossOfSmallPacketsIsNoBlackHole() {
        discovery.start();
        path.run();
        for (long nowNs = 0; nowNs < 1000; nowNs++) {
            assertFalse(discovery.onPacketLost(1200, nowNs * 10, nowNs * 10 + 5));
            discovery.onPacketAcked(100);
        }
    }

    @Test
    void losingAllFullPacketsInSeveralEventsWhileSmallOnesArriveIsABlackHole() {
        discovery.start();
        path.run();
        boolean found = false;
        int losses = 0;
        for (long event = 0; event < 6; event++) {
            assertFalse(found);
            found = discovery.onPacketLost(1472, event * 1000, event * 1000 + 500);
            losses++;
            discovery.onPacketAcked(100);
        }
        assertTrue(found);
        assertEquals(6, losses);
        assertEquals(1200, discovery.currentBytes());
        assertTrue(discovery.settled());
        path.mtuBytes(1392);
        path.run();
        assertEquals(1392, discovery.currentBytes());
    }

    @Test
    void onAnotherPathTheSizeIsFoundAnewAndProbesOfTheOldOneAreNotAwaited() {
        discovery.start();
        discovery.onProbeSent(1472);
        discovery.onProbeSent(1452);
        discovery.onProbeAcked(1452);
        discovery.onProbeSent(1472);
        discovery.onPathChanged();
        assertEquals(1200, discovery.currentBytes());
        path.mtuBytes(1352);
        path.run();
        assertTrue(discovery.settled());
        assertEquals(1352, discovery.currentBytes());
        discovery.onPathChanged();
        assertEquals(1200, discovery.currentBytes());
        path.mtuBytes(1472);
        path.run();
        assertEquals(1472, discovery.currentBytes());
    }

    @Test
    void aProbeThatArrivesRefutesABlackHole() {
        discovery.start();
        path.run();
        for (long event = 0; event < 5; event++) {
            assertFalse(discovery.onPacketLost(1472, event * 1000, event * 1000 + 500));
            discovery.onPacketAcked(100);
        }
        // It was taken for lost, and comes late.
        discovery.onProbeAcked(1472);
        assertFalse(discovery.onPacketLost(1472, 10_000, 10_500));
    }

    @Test
    void fullPacketsThatWereUnderWayDoNotFindTheSameBlackHoleAgain() {
        discovery.start();
        path.run();
        boolean found = false;
        for (long event = 0; event < 6; event++) {
            found = discovery.onPacketLost(1472, event * 1000, event * 1000 + 500);
            discovery.onPacketAcked(100);
        }
        assertTrue(found);
        assertFalse(discovery.onPacketLost(1472, 100_000, 100_500));
    }

    @Test
    void aPathThatChangesBeforeTheStartStartsNothing() {
        discovery.onPathChanged();
        assertEquals(0, discovery.nextProbeBytes());
        assertFalse(discovery.settled());
    }

    @Test
    void whatWasLostOnTheOldPathIsNoBlackHoleOnTheNewOne() {
        discovery.start();
        path.run();
        for (long event = 0; event < 5; event++) {
            assertFalse(discovery.onPacketLost(1472, event * 1000, event * 1000 + 500));
            discovery.onPacketAcked(100);
        }
        discovery.onPathChanged();
        path.run();
        assertFalse(discovery.onPacketLost(1472, 10_000, 10_500));
        assertEquals(1472, discovery.currentBytes());
    }

    @Requirement("9000-14-1")
    @Test
    void aMaximumBelow1200IsRefused() {
        assertEquals(1200, new PathMtuDiscovery(1200).currentBytes());
        assertEquals(1200, new PathMtuDiscovery(65527).currentBytes());
        assertThrows(IllegalArgumentException.class, () -> new PathMtuDiscovery(1199));
        assertThrows(IllegalArgumentException.class, () -> new PathMtuDiscovery(65528));
    }
}
