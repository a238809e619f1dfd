package io.mpquic.quic.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.connection.CloseReason;
import io.mpquic.quic.connection.TransportSettings;
import io.mpquic.quic.wire.PingFrame;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9000 §10.1: idle timeout and keep-alive. */
class IdleTimeoutRulesTest {
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theShorterIdleTimeoutOfBothCounts(boolean peerIsClient) {
        assertEquals(20_000, idleMs(peerIsClient, 60_000, 20_000), 200);
        assertEquals(30_000, idleMs(peerIsClient, 30_000, 60_000), 200);
        assertEquals(30_000, idleMs(peerIsClient, 30_000, 0), 200);
        assertEquals(20_000, idleMs(peerIsClient, 0, 20_000), 200);
    }

    @Test
    void withoutIdleTimeoutsTheConnectionStays() {
        RawPeer peer = RawPeer.of(true);
        Target target = Target.server(Target.QUIET.toBuilder().idleTimeoutNs(0).build());
        peer = RawPeer.client(target);
        peer.parameters = plain -> plain.remove(RawParameters.MAX_IDLE_TIMEOUT);
        peer.handshake();
        peer.advanceMs(TimeUnit.DAYS.toMillis(30)).assertAlive();
    }

    /** RFC 9000 §10.1: or a short timeout would leave no time for a lost packet. */
    @Requirement("9000-10.1-1")
    @Test
    void anIdleTimeoutIsAtLeastThreeProbeTimeouts() {
        RawPeer peer = RawPeer.of(true);
        peer.parameters = plain -> plain.setInteger(RawParameters.MAX_IDLE_TIMEOUT, 1);
        peer.tryHandshake();
        assertNull(peer.target.closeReason());
        long ptoMs = 25; // at least the peer's max_ack_delay
        peer.advanceMs(3 * ptoMs);
        assertNull(peer.target.closeReason());
        peer.advanceMs(10_000);
        assertEquals(CloseReason.Kind.IDLE_TIMEOUT, peer.target.closeReason().kind());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void everyPacketOfThePeerRestartsTheIdleTimeoutAndForgedOnesDoNot(boolean peerIsClient) {
        RawPeer peer = RawPeer.connected(peerIsClient);
        peer.advanceMs(50_000);
        peer.send(peer.oneRtt().payload(new byte[3]));
        peer.advanceMs(50_000);
        assertNull(peer.target.closeReason());
        byte[] forged = peer.oneRtt(PingFrame.INSTANCE).build();
        forged[forged.length - 1] ^= 1;
        peer.send(forged).advanceMs(11_000);
        assertEquals(CloseReason.Kind.IDLE_TIMEOUT, peer.target.closeReason().kind());
    }

    /** RFC 9000 §10.1: else an endpoint that retransmits would never notice that nobody is there. */
    @Test
    void onlyTheFirstUnansweredPacketRestartsTheIdleTimeout() {
        RawPeer peer = RawPeer.connected(true);
        peer.advanceMs(40_000);
        assertTrue(peer.target.connection().offerDatagram(new byte[10]));
        peer.advanceMs(59_000);
        assertNull(peer.target.closeReason(), "the first one does");
        peer.advanceMs(3_000);
        assertNotNull(peer.target.closeReason(), "its probes do not");
    }

    @Test
    void anIdleTimeoutIsSilent() {
        RawPeer peer = RawPeer.connected(true);
        peer.advanceMs(100_000);
        assertEquals(0, peer.received.size());
        assertEquals(0, peer.target.endpoint.connections().size());
    }

    @Test
    void aKeepAliveThatIsAnsweredHoldsTheConnection() {
        Target target = Target.server(TransportSettings.builder()
                .maxUdpPayloadBytes(1200)
                .keepAliveNs(15_000_000_000L)
                .build());
        RawPeer peer = RawPeer.client(target).handshake();
        for (int i = 0; i < 20; i++) {
            peer.advanceMs(16_000);
            assertTrue(peer.frames(PingFrame.class).size() >= 1);
            peer.acknowledgeAll().received.clear();
        }
        assertNull(peer.target.closeReason());
    }

    private static long idleMs(boolean peerIsClient, long oursMs, long theirsMs) {
        TransportSettings settings = Target.QUIET.toBuilder()
                .idleTimeoutNs(TimeUnit.MILLISECONDS.toNanos(oursMs))
                .build();
        RawPeer peer = peerIsClient ? RawPeer.client(Target.server(settings)) : RawPeer.server(Target.client(settings));
        peer.parameters = plain -> plain.setInteger(RawParameters.MAX_IDLE_TIMEOUT, theirsMs);
        peer.handshake();
        peer.send(peer.oneRtt().payload(new byte[3])); // elicits nothing: the time counts from here
        long startNs = peer.target.nowNs;
        while (peer.target.closeReason() == null) {
            peer.advanceMs(100);
            assertTrue(peer.target.nowNs - startNs < TimeUnit.MINUTES.toNanos(5), "it never comes");
        }
        return TimeUnit.NANOSECONDS.toMillis(peer.target.nowNs - startNs);
    }
}
