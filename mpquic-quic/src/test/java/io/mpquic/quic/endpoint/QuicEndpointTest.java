package io.mpquic.quic.endpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.connection.CloseReason;
import io.mpquic.quic.connection.QuicEvent;
import io.mpquic.quic.connection.TransportSettings;
import io.mpquic.quic.sim.LinkConditions;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class QuicEndpointTest {
    private static final LinkConditions LINK =
            LinkConditions.builder().delayMs(10).build();
    private static final long RTT_NS = TimeUnit.MILLISECONDS.toNanos(20);

    @Test
    void aHandshakeOverACleanPathTakesOneRoundTrip() {
        SimulatedPair pair = new SimulatedPair(1, LINK);
        pair.connect();
        QuicEvent.HandshakeCompleted done =
                pair.client.eventsOf(QuicEvent.HandshakeCompleted.class).getFirst();
        assertEquals("mpquic-ip", done.alpn());
        assertEquals(RTT_NS, done.handshakeNs());
        assertEquals(SimulatedPair.IDENTITY.chain(), done.peerChain());
    }

    @Test
    void datagramsOfEverySizeUpToTheMaximumArriveBothWays() {
        SimulatedPair pair = new SimulatedPair(2, LINK);
        pair.connect();
        pair.network.runFor(10 * RTT_NS);
        int max = pair.connection.maxDatagramBytes();
        for (int size = 0; size <= max; size++) {
            assertTrue(pair.connection.offerDatagram(new byte[size]));
            assertTrue(pair.server.accepted.offerDatagram(new byte[size]));
            if (size % 100 == 0) {
                pair.network.runFor(5 * RTT_NS);
            }
        }
        pair.network.runFor(TimeUnit.SECONDS.toNanos(2));
        assertEquals(max + 1, pair.server.datagrams.size());
        assertEquals(max + 1, pair.client.datagrams.size());
        for (int size = 0; size <= max; size++) {
            assertArrayEquals(new byte[size], pair.server.datagrams.get(size));
        }
        assertFalse(pair.connection.offerDatagram(new byte[max + 1]));
    }

    @Test
    void thePathMtuIsTheLinksWithinTwoRoundTripsOfTheHandshake() {
        SimulatedPair pair = new SimulatedPair(3, LINK);
        pair.connect();
        pair.network.runFor(2 * RTT_NS);
        assertTrue(pair.connection.isPathMtuSettled());
        assertEquals(1472, pair.connection.statistics().udpPayloadBytes());
        QuicEvent.MaxDatagramChanged last =
                pair.client.eventsOf(QuicEvent.MaxDatagramChanged.class).getLast();
        assertEquals(new QuicEvent.MaxDatagramChanged(pair.connection.maxDatagramBytes(), true), last);
        // 1472 less short header with an 8-byte ID (13), frame type, tag
        assertEquals(1442, pair.connection.maxDatagramBytes());
    }

    @Test
    void aPathThatCarriesLessThanTheLinkIsFoundOut() {
        SimulatedPair pair = new SimulatedPair(
                4, LinkConditions.builder().delayMs(10).maxDatagramBytes(1400).build());
        pair.connect();
        pair.network.runFor(TimeUnit.SECONDS.toNanos(5));
        assertTrue(pair.connection.isPathMtuSettled());
        int found = pair.connection.statistics().udpPayloadBytes();
        assertTrue(found > 1370 && found <= 1400, "found " + found);
    }

    @Test
    void theKeepAliveHoldsAnIdleConnectionForHours() {
        SimulatedPair pair = new SimulatedPair(5, LINK);
        pair.connect();
        pair.network.runFor(TimeUnit.HOURS.toNanos(3));
        assertTrue(pair.connection.isEstablished());
        assertTrue(pair.server.accepted.isEstablished());
    }

    @Test
    void withoutKeepAliveAnIdleConnectionEndsOnBothSidesAfterTheIdleTimeout() {
        TransportSettings settings = TransportSettings.builder().keepAliveNs(0).build();
        SimulatedPair pair = new SimulatedPair(6, LINK, settings, settings);
        pair.connect();
        pair.network.runFor(TimeUnit.SECONDS.toNanos(59));
        assertTrue(pair.connection.isEstablished());
        pair.network.runFor(TimeUnit.SECONDS.toNanos(10));
        assertEquals(CloseReason.Kind.IDLE_TIMEOUT, closeOf(pair.client).kind());
        assertEquals(CloseReason.Kind.IDLE_TIMEOUT, closeOf(pair.server).kind());
        assertTrue(pair.server.endpoint.connections().isEmpty());
    }

    @Test
    void aCloseReachesThePeerWithItsCodeAndReason() {
        SimulatedPair pair = new SimulatedPair(7, LINK);
        pair.connect();
        pair.network.runFor(RTT_NS);
        pair.server.accepted.close(42, "replaced", pair.network.nowNs());
        pair.network.runFor(RTT_NS);
        assertEquals(new CloseReason(CloseReason.Kind.PEER, true, 42, "replaced"), closeOf(pair.client));
        assertEquals(CloseReason.Kind.LOCAL, closeOf(pair.server).kind());
        pair.network.runFor(TimeUnit.SECONDS.toNanos(2));
        assertTrue(pair.client.endpoint.connections().isEmpty());
        assertTrue(pair.server.endpoint.connections().isEmpty());
    }

    @Test
    void aRestartedServerWithTheSameResetKeyEndsTheOldConnectionAtOnce() {
        SimulatedPair pair = new SimulatedPair(8, LINK);
        pair.connect();
        pair.network.runFor(10 * RTT_NS);
        pair.server.endpoint = SimulatedPair.newServer(new SplittableRandom(99), TransportSettings.defaults()).endpoint;
        assertTrue(pair.connection.offerDatagram(new byte[100]));
        pair.network.runFor(2 * RTT_NS);
        assertEquals(CloseReason.Kind.STATELESS_RESET, closeOf(pair.client).kind());
    }

    @Test
    void aSilentPeerIsNoticedByTheTimeItOwesAnAnswer() {
        SimulatedPair pair = new SimulatedPair(9, LINK);
        pair.connect();
        pair.network.runFor(10 * RTT_NS);
        assertEquals(0, pair.connection.unansweredNs(pair.network.nowNs()));
        pair.network.dropIf(SimulatedPair.SERVER, SimulatedPair.CLIENT, (index, datagram, nowNs) -> true);
        assertTrue(pair.connection.offerDatagram(new byte[100]));
        pair.network.runFor(TimeUnit.SECONDS.toNanos(2));
        assertEquals(TimeUnit.SECONDS.toNanos(2), pair.connection.unansweredNs(pair.network.nowNs()));
    }

    @Test
    void aHandshakeWithoutAnswerEndsInTime() {
        SimulatedPair pair = new SimulatedPair(10, LINK);
        pair.network.dropIf(SimulatedPair.SERVER, SimulatedPair.CLIENT, (index, datagram, nowNs) -> true);
        pair.connection = pair.client.endpoint.connect(SimulatedPair.SERVER, pair.network.nowNs());
        pair.network.runFor(TimeUnit.SECONDS.toNanos(11));
        assertEquals(CloseReason.Kind.HANDSHAKE_TIMEOUT, closeOf(pair.client).kind());
        pair.network.runFor(TimeUnit.SECONDS.toNanos(11));
        assertTrue(pair.server.endpoint.connections().isEmpty(), "the server forgets it too");
    }

    @Test
    void aServerSendsAtMostThreeTimesWhatAnUnprovenClientSent() {
        SimulatedPair pair = new SimulatedPair(11, LINK);
        long[] bytes = new long[2];
        pair.network.dropIf(SimulatedPair.SERVER, SimulatedPair.CLIENT, (index, datagram, nowNs) -> {
            bytes[1] += datagram.length;
            return true; // the client never answers: it may not exist
        });
        pair.network.dropIf(SimulatedPair.CLIENT, SimulatedPair.SERVER, (index, datagram, nowNs) -> {
            bytes[0] += datagram.length;
            return bytes[0] > 3 * 1200;
        });
        pair.connection = pair.client.endpoint.connect(SimulatedPair.SERVER, pair.network.nowNs());
        pair.network.runFor(TimeUnit.SECONDS.toNanos(9));
        assertTrue(bytes[1] > 0);
        assertTrue(bytes[1] <= 3 * 3 * 1200, bytes[1] + " bytes");
    }

    private static CloseReason closeOf(SimulatedPair.Side side) {
        return side.eventsOf(QuicEvent.Closed.class).getFirst().reason();
    }
}
