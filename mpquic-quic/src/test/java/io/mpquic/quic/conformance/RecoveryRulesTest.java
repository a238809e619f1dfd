package io.mpquic.quic.conformance;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9002 §6.2, §7: probes go out whatever the congestion window says. */
class RecoveryRulesTest {
    @Requirement({"9002-6.2.4-1", "9002-6.2.4-2", "9002-7.5-1"})
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void eachProbeTimeoutSendsAckElicitingPacketsWhateverTheWindow(boolean peerIsClient) {
        RawPeer peer = withFullWindow(peerIsClient);
        for (int timeout = 0; timeout < 3; timeout++) {
            peer.received.clear();
            for (int ms = 0; ms < 20_000 && peer.received.isEmpty(); ms++) {
                peer.advanceMs(1);
            }
            assertFalse(peer.received.isEmpty(), "no probe");
            assertTrue(peer.received.stream().allMatch(RawPacket::isAckEliciting));
        }
    }

    @Requirement("9002-7.5-2")
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void probesCountAsInFlight(boolean peerIsClient) {
        RawPeer peer = withFullWindow(peerIsClient);
        long before = peer.target.connection().statistics().bytesInFlight();
        peer.received.clear();
        peer.advanceMs(5_000);
        long probes = peer.received.stream().mapToLong(RawPacket::bytes).sum();
        long after = peer.target.connection().statistics().bytesInFlight();
        assertTrue(probes > 0 && after == before + probes, before + " + " + probes + " bytes, but " + after);
    }

    /** A peer that acknowledges nothing, and whose target would send more than the window allows. */
    static RawPeer withFullWindow(boolean peerIsClient) {
        RawPeer peer = RawPeer.connected(peerIsClient);
        for (int i = 0; i < 100; i++) {
            peer.target.connection().offerDatagram(new byte[1_000]);
            peer.target.flush();
        }
        peer.advanceMs(20);
        return peer;
    }
}
