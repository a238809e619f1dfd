package io.mpquic.quic.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.connection.TransportSettings;
import io.mpquic.quic.wire.PingFrame;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9000 §17.4: the latency spin bit as an observer sees it: header protection leaves it open. */
class SpinBitRulesTest {
    private static final int SPIN = 0x20;
    /** Not one of the 16th that stays out of it. */
    private static final long SPINNING_SEED = 13;

    private static final TransportSettings SPINNING =
            Target.QUIET.toBuilder().spinBit(true).build();

    @Requirement("9000-17.4-2")
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whenItIsOnAServerRepeatsTheBitAndAClientTurnsItOver(boolean peerIsClient) {
        RawPeer peer = peerIsClient
                ? RawPeer.client(Target.server(SPINNING, SPINNING_SEED))
                : RawPeer.server(Target.client(SPINNING, SPINNING_SEED));
        peer.handshake();
        assertEquals(peerIsClient ? 0 : SPIN, answerTo(peer, 0));
        assertEquals(peerIsClient ? SPIN : 0, answerTo(peer, SPIN));
        assertEquals(peerIsClient ? 0 : SPIN, answerTo(peer, 0));
    }

    @Requirement({"9000-17.4-2", "9000-17.4-4"})
    // RFC 9000 §17.4: a bit that comes means nothing then, and the one that is sent is the same for all packets to an
    // ID.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whenItIsOffTheBitOfThePeerHasNoEffect(boolean peerIsClient) {
        RawPeer peer = RawPeer.connected(peerIsClient);
        int bit = answerTo(peer, 0);
        assertEquals(bit, answerTo(peer, SPIN));
        assertEquals(bit, answerTo(peer, 0));
    }

    private static int answerTo(RawPeer peer, int spin) {
        peer.received.clear();
        byte[] packet = peer.oneRtt(PingFrame.INSTANCE).spin(spin != 0).build();
        peer.send(packet).advanceMs(30).acknowledgeAll();
        assertTrue(!peer.received.isEmpty(), "no answer");
        return peer.received.getLast().datagram().bytes()[0] & SPIN;
    }
}
