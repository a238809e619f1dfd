package io.mpquic.quic.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.wire.PingFrame;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9000 §13.2.4: an endpoint that only receives sends nothing that its peer would have to acknowledge. */
class OneWayTrafficTest {
    @Requirement("9000-13.2.1-5")
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whoOnlyAcknowledgesAsksForAnAcknowledgementNowAndThen(boolean peerIsClient) {
        RawPeer peer = RawPeer.connected(peerIsClient);
        int pings = 0;
        for (int i = 0; i < 5_000; i++) {
            peer.send(peer.oneRtt(PingFrame.INSTANCE));
            if (!peer.frames(PingFrame.class).isEmpty()) {
                pings++;
                peer.received.clear();
                peer.acknowledgeAll();
            }
        }
        assertTrue(pings >= 2 && pings <= 5, pings + " PINGs among 2500 acknowledgements");
        assertEquals(null, peer.target.closeReason());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aPeerThatNeverAcknowledgesIsNotAskedAtEachPacket(boolean peerIsClient) {
        RawPeer peer = RawPeer.connected(peerIsClient);
        for (int i = 0; i < 5_000; i++) {
            peer.send(peer.oneRtt(PingFrame.INSTANCE));
        }
        assertTrue(
                peer.frames(PingFrame.class).size() <= 2,
                peer.frames(PingFrame.class).size() + " PINGs");
    }
}
