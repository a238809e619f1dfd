package io.mpquic.quic.endpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.conformance.Requirement;
import io.mpquic.quic.sim.LinkConditions;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PathMigrationTest {
    private static final LinkConditions LINK =
            LinkConditions.builder().delayMs(10).build();
    private static final long RTT_NS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final InetSocketAddress NEW_PORT = new InetSocketAddress("192.0.2.1", 50_000);
    private static final InetSocketAddress NEW_HOST = new InetSocketAddress("198.51.100.9", 50_000);

    @Requirement("9000-9-4")
    @Test
    void aServerFollowsAClientWhoseNatTookAnotherPort() {
        follow(NEW_PORT);
    }

    @Requirement({"9000-9-3", "9000-9.3-1"})
    @Test
    void aServerFollowsAClientThatComesFromAnotherAddress() {
        follow(NEW_HOST);
    }

    private static void follow(InetSocketAddress visible) {
        SimulatedPair pair = established();
        pair.network.rebind(SimulatedPair.CLIENT, visible);
        assertTrue(pair.connection.offerDatagram(new byte[10]));
        pair.network.runFor(5 * RTT_NS);
        assertEquals(visible, pair.server.accepted.remoteAddress());
        assertEquals(1, pair.server.accepted.statistics().migrations());

        for (int i = 0; i < 100; i++) {
            assertTrue(pair.server.accepted.offerDatagram(new byte[1000]));
        }
        pair.network.runFor(TimeUnit.SECONDS.toNanos(2));
        assertEquals(100, pair.client.datagrams.size(), "the proven address has no amplification limit");
    }

    @Test
    void aPacketThatAnAttackerSendsOnFromElsewhereDoesNotMoveTheConnectionForLong() {
        SimulatedPair pair = established();
        List<byte[]> caught = new ArrayList<>();
        pair.network.dropIf(SimulatedPair.CLIENT, SimulatedPair.SERVER, (index, datagram, nowNs) -> {
            if (caught.isEmpty()) {
                caught.add(datagram.clone());
                return true;
            }
            return false;
        });
        assertTrue(pair.connection.offerDatagram(new byte[10]));
        pair.network.runFor(RTT_NS / 4);
        pair.network.inject(NEW_HOST, SimulatedPair.SERVER, caught.getFirst());
        pair.network.runFor(RTT_NS);
        assertEquals(1, pair.server.datagrams.size(), "it is authentic");
        // The client's own next packet is newer, and comes from where the client is.
        assertTrue(pair.connection.offerDatagram(new byte[10]));
        pair.network.runFor(TimeUnit.SECONDS.toNanos(3));
        assertEquals(SimulatedPair.CLIENT, pair.server.accepted.remoteAddress());
        assertTrue(pair.server.accepted.offerDatagram(new byte[10]));
        pair.network.runFor(5 * RTT_NS);
        assertEquals(1, pair.client.datagrams.size());
    }

    /** RFC 9000 §9.3: or else one stray copy a round trip would hold the session down to three times what it receives. */
    @Requirement("9000-9-4")
    @Test
    void theAddressThatWasProvenBeforeNeedsNoSecondProofWhenTheClientIsBack() {
        SimulatedPair pair = established();
        List<byte[]> caught = new ArrayList<>();
        pair.network.dropIf(SimulatedPair.CLIENT, SimulatedPair.SERVER, (index, datagram, nowNs) -> {
            boolean first = caught.isEmpty();
            if (first) {
                caught.add(datagram.clone());
            }
            return first;
        });
        assertTrue(pair.connection.offerDatagram(new byte[10]));
        pair.network.runFor(RTT_NS / 4);
        pair.network.inject(NEW_HOST, SimulatedPair.SERVER, caught.getFirst());
        pair.network.runFor(RTT_NS / 4);
        assertEquals(NEW_HOST, pair.server.accepted.remoteAddress());
        assertTrue(pair.connection.offerDatagram(new byte[10]));
        pair.network.runFor(RTT_NS / 2);
        assertEquals(SimulatedPair.CLIENT, pair.server.accepted.remoteAddress());
        for (int i = 0; i < 5; i++) {
            assertTrue(pair.server.accepted.offerDatagram(new byte[1000]));
        }
        pair.network.runFor(RTT_NS / 2 + RTT_NS / 4); // too short for a challenge and its answer
        assertEquals(5, pair.client.datagrams.size());
    }

    @Requirement("9000-9.3.2-1")
    @Test
    void withoutAnAnswerFromTheNewAddressTheServerGoesBackToTheProvenOne() {
        SimulatedPair pair = established();
        List<byte[]> caught = new ArrayList<>();
        pair.network.dropIf(SimulatedPair.CLIENT, SimulatedPair.SERVER, (index, datagram, nowNs) -> {
            caught.add(datagram.clone());
            return true;
        });
        assertTrue(pair.connection.offerDatagram(new byte[10]));
        pair.network.runFor(RTT_NS / 4);
        pair.network.inject(NEW_HOST, SimulatedPair.SERVER, caught.getFirst());
        pair.network.runFor(RTT_NS);
        assertEquals(NEW_HOST, pair.server.accepted.remoteAddress());
        pair.network.runFor(TimeUnit.SECONDS.toNanos(3));
        assertEquals(SimulatedPair.CLIENT, pair.server.accepted.remoteAddress());
    }

    @Test
    void aPathThatComesBackAfterALongTimeAnswersWithinARoundTripWhenItIsAsked() {
        SimulatedPair pair = established();
        boolean[] away = {true};
        pair.network.dropIf(SimulatedPair.CLIENT, SimulatedPair.SERVER, (index, datagram, nowNs) -> away[0]);
        // Enough to fill the window, and then some: what is lost must not hold the question back.
        for (int i = 0; i < 60; i++) {
            pair.connection.offerDatagram(new byte[1000]);
        }
        pair.network.runFor(TimeUnit.SECONDS.toNanos(20));
        away[0] = false;
        long question = pair.connection.probePath(pair.network.nowNs());
        pair.network.runFor(RTT_NS / 2);
        assertFalse(pair.connection.isPathAnswered(question));
        pair.network.runFor(RTT_NS);
        assertTrue(pair.connection.isPathAnswered(question));
    }

    @Test
    void anotherAddressIsMadeKnownAtOnceByAskingThePath() {
        SimulatedPair pair = established();
        pair.network.rebind(SimulatedPair.CLIENT, NEW_HOST);
        long question = pair.connection.probePath(pair.network.nowNs());
        pair.network.runFor(2 * RTT_NS);
        assertTrue(pair.connection.isPathAnswered(question));
        assertEquals(NEW_HOST, pair.server.accepted.remoteAddress());
    }

    @Test
    void aQuestionThatIsLostIsRepeatedAsOftenAsOnAFreshPath() {
        SimulatedPair pair = established();
        int[] asked = {0};
        pair.network.dropIf(SimulatedPair.CLIENT, SimulatedPair.SERVER, (index, datagram, nowNs) -> {
            asked[0]++;
            return true;
        });
        long question = pair.connection.probePath(pair.network.nowNs());
        pair.network.runFor(TimeUnit.SECONDS.toNanos(1));
        assertFalse(pair.connection.isPathAnswered(question));
        assertTrue(asked[0] >= 6, asked[0] + " packets in a second");
    }

    // RFC 9000 §9.2: the socket has another address, and the client says so by all that it sends.
    @Test
    void aClientThatMigratesIsFollowedAndBothEndsGoOn() {
        SimulatedPair pair = established();
        pair.network.rebind(SimulatedPair.CLIENT, NEW_HOST);
        assertTrue(pair.connection.migrate(pair.network.nowNs()));
        pair.network.runFor(10 * RTT_NS);
        assertEquals(NEW_HOST, pair.server.accepted.remoteAddress());
        for (int i = 0; i < 100; i++) {
            assertTrue(pair.server.accepted.offerDatagram(new byte[1000]));
            assertTrue(pair.connection.offerDatagram(new byte[1000]));
        }
        pair.network.runFor(TimeUnit.SECONDS.toNanos(5));
        assertEquals(100, pair.client.datagrams.size());
        assertEquals(100, pair.server.datagrams.size());
        assertEquals(0, pair.connection.statistics().packetsLost());
    }

    @Requirement({"9000-9.4-1", "9000-9.4-2"})
    // RFC 9000 §9.4: what was learnt on the old path is void once the new one is proven, and not before.
    @Test
    void aNewHostStartsWithAFreshWindowAndANewPortDoesNot() {
        for (InetSocketAddress visible : List.of(NEW_HOST, NEW_PORT)) {
            SimulatedPair pair = established();
            for (int i = 0; i < 400; i++) {
                pair.server.accepted.offerDatagram(new byte[1000]);
                pair.network.runFor(RTT_NS / 40);
            }
            pair.network.runFor(5 * RTT_NS);
            long grown = pair.server.accepted.statistics().congestionWindowBytes();
            pair.network.rebind(SimulatedPair.CLIENT, visible);
            pair.connection.probePath(pair.network.nowNs());
            pair.network.runFor(RTT_NS / 2 + RTT_NS / 4);
            assertEquals(visible, pair.server.accepted.remoteAddress());
            assertEquals(grown, pair.server.accepted.statistics().congestionWindowBytes(), "not proven yet");
            pair.network.runFor(2 * RTT_NS);
            long after = pair.server.accepted.statistics().congestionWindowBytes();
            assertTrue(visible.equals(NEW_PORT) ? after >= grown : after < grown, grown + " then " + after);
        }
    }

    // RFC 9000 §9.3: the address that is proven now needs no Retry the next time, as the first one would not.
    @Test
    void aProvenNewHostIsGivenATokenOfItsOwnAndANewPortIsNot() {
        for (InetSocketAddress visible : List.of(NEW_HOST, NEW_PORT)) {
            SimulatedPair pair = new SimulatedPair(1, LINK, plain -> plain, plain -> plain.retry(RetryPolicy.ALWAYS));
            pair.connect();
            pair.network.runFor(10 * RTT_NS);
            pair.network.rebind(SimulatedPair.CLIENT, visible);
            assertTrue(pair.connection.offerDatagram(new byte[10]));
            pair.network.runFor(10 * RTT_NS);
            assertEquals(visible, pair.server.accepted.remoteAddress());
            int[] seen = {0};
            int[] retries = {0};
            pair.network.dropIf(SimulatedPair.SERVER, SimulatedPair.CLIENT, (index, datagram, nowNs) -> {
                seen[0]++;
                retries[0] += (datagram[0] & 0xf0) == 0xf0 ? 1 : 0;
                return false;
            });
            pair.connect();
            assertTrue(seen[0] > 0);
            assertEquals(0, retries[0], "the token proves " + visible);
        }
    }

    @Test
    void connectionIdsAreChangedOnRequestAsOftenAsTheServerHasGivenNewOnes() {
        SimulatedPair pair = established();
        for (int i = 1; i <= 20; i++) {
            assertTrue(pair.connection.rotateConnectionId(pair.network.nowNs()));
            assertTrue(pair.connection.offerDatagram(new byte[100]));
            assertTrue(pair.server.accepted.offerDatagram(new byte[100]));
            pair.network.runFor(3 * RTT_NS);
            assertEquals(i, pair.server.datagrams.size());
            assertEquals(i, pair.client.datagrams.size());
        }
        assertEquals(0, pair.connection.statistics().packetsLost());
        assertEquals(0, pair.server.accepted.statistics().migrations());
    }

    // RFC 9000 §9: as long as the handshake runs nobody is followed, but the first packet behind it moves the server.
    @Test
    void aNatThatTakesAnotherPortJustBeforeTheHandshakeIsCompleteIsFollowed() {
        SimulatedPair pair = new SimulatedPair(1, LINK);
        boolean[] lost = {true};
        // All that the client says once it has its keys, its Finished first of all.
        pair.network.dropIf(
                SimulatedPair.CLIENT,
                SimulatedPair.SERVER,
                (index, datagram, nowNs) -> lost[0] && pair.connection.isEstablished());
        pair.connection = pair.client.endpoint.connect(SimulatedPair.SERVER, pair.network.nowNs());
        pair.network.runUntil("the client is done", () -> pair.connection.isEstablished(), TimeUnit.SECONDS.toNanos(3));
        pair.network.runFor(RTT_NS);
        assertNull(pair.server.accepted);
        lost[0] = false;
        pair.network.rebind(SimulatedPair.CLIENT, NEW_PORT);
        pair.network.runUntil("the server has it", () -> pair.server.accepted != null, TimeUnit.SECONDS.toNanos(3));
        pair.network.runFor(10 * RTT_NS);
        assertEquals(NEW_PORT, pair.server.accepted.remoteAddress());
        assertTrue(pair.server.accepted.offerDatagram(new byte[10]));
        pair.network.runFor(5 * RTT_NS);
        assertEquals(1, pair.client.datagrams.size());
    }

    @Test
    void beforeTheHandshakeThereIsNoPathToAsk() {
        SimulatedPair pair = new SimulatedPair(1, LINK);
        pair.connection = pair.client.endpoint.connect(SimulatedPair.SERVER, pair.network.nowNs());
        assertThrows(IllegalStateException.class, () -> pair.connection.probePath(pair.network.nowNs()));
    }

    private static SimulatedPair established() {
        SimulatedPair pair = new SimulatedPair(1, LINK);
        pair.connect();
        pair.network.runFor(10 * RTT_NS);
        return pair;
    }
}
