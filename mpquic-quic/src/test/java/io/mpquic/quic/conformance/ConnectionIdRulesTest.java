package io.mpquic.quic.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.wire.NewConnectionIdFrame;
import io.mpquic.quic.wire.RetireConnectionIdFrame;
import io.mpquic.quic.wire.TransportError;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9000 §5.1, §10.3.1, §19.15, §19.16: connection IDs come, go, and are bounded. */
class ConnectionIdRulesTest {
    // RFC 9000 §19.15: the token belongs to the ID.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void oneConnectionIdWithTwoTokensIsAProtocolViolation(boolean peerIsClient) {
        RawPeer peer = RawPeer.connected(peerIsClient);
        byte[] frame = FrameRulesTest.newConnectionId(1, 0);
        peer.send(peer.oneRtt().payload(frame)).assertAlive();
        frame[frame.length - 1] ^= 1;
        peer.send(peer.oneRtt().payload(frame));
        peer.assertClosedWith(TransportError.PROTOCOL_VIOLATION);
    }

    // RFC 9000 §5.1.1: the limit counts what is left after the frame's own retirements.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anIdThatRetiresAnotherOneFitsTheLimitAndOneMoreDoesNot(boolean peerIsClient) {
        RawPeer peer = RawPeer.connected(peerIsClient);
        for (int sequence = 1; sequence <= 3; sequence++) {
            peer.send(peer.oneRtt().payload(FrameRulesTest.newConnectionId(sequence, 0)));
        }
        peer.send(peer.oneRtt().payload(FrameRulesTest.newConnectionId(4, 1))).assertAlive();
        peer.send(peer.oneRtt().payload(FrameRulesTest.newConnectionId(5, 1)));
        peer.assertClosedWith(TransportError.CONNECTION_ID_LIMIT_ERROR);
    }

    // RFC 9000 §5.1.2: retirements that wait for an acknowledgement are bounded.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aPeerThatHasIdsRetiredWithoutEndAndAcknowledgesNothingIsClosed(boolean peerIsClient) {
        RawPeer peer = RawPeer.connected(peerIsClient);
        for (int sequence = 1; sequence <= 40 && peer.target.closeReason() == null; sequence++) {
            peer.send(peer.oneRtt().payload(FrameRulesTest.newConnectionId(sequence, sequence)));
        }
        peer.assertClosedWith(TransportError.CONNECTION_ID_LIMIT_ERROR);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aPeerThatAcknowledgesMayHaveAsManyIdsRetiredAsItLikes(boolean peerIsClient) {
        RawPeer peer = RawPeer.connected(peerIsClient);
        for (int sequence = 1; sequence <= 40; sequence++) {
            peer.send(peer.oneRtt().payload(FrameRulesTest.newConnectionId(sequence, sequence)));
            peer.advanceMs(30).acknowledgeAll();
        }
        peer.assertAlive();
    }

    // RFC 9000 §5.1.2: who is given IDs as fast as it can name them would make this end remember without end.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aPeerThatRetiresIdsBeforeItHasThemGetsABoundedNumber(boolean peerIsClient) {
        RawPeer peer = RawPeer.connected(peerIsClient);
        for (int sequence = 1; sequence <= 100 && peer.target.closeReason() == null; sequence++) {
            peer.send(peer.oneRtt(new RetireConnectionIdFrame(sequence)));
        }
        // It runs out of IDs that were issued: naming one that was not is its fault.
        peer.assertClosedWith(TransportError.PROTOCOL_VIOLATION);
        long issued = peer.frames(NewConnectionIdFrame.class).stream()
                .map(NewConnectionIdFrame::sequence)
                .distinct()
                .count();
        assertTrue(issued <= 20, issued + " connection IDs");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void idsThatAreRetiredOneByOneAreReplacedForAsLongAsThePeerAcknowledges(boolean peerIsClient) {
        RawPeer peer = RawPeer.of(peerIsClient);
        peer.tryHandshake().advanceMs(30);
        peer.acknowledgeAll();
        for (int sequence = 1; sequence <= 50; sequence++) {
            peer.send(peer.oneRtt(new RetireConnectionIdFrame(sequence)));
            peer.advanceMs(30).acknowledgeAll();
        }
        assertEquals(
                53,
                peer.frames(NewConnectionIdFrame.class).stream()
                        .map(NewConnectionIdFrame::sequence)
                        .collect(Collectors.toSet())
                        .size());
        peer.assertAlive();
    }

    // RFC 9000 §10.3.1: a token counts once its ID is in use.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theTokenOfAnIdThatWasNeverUsedResetsNothing(boolean peerIsClient) {
        RawPeer peer = RawPeer.connected(peerIsClient);
        peer.send(peer.oneRtt().payload(FrameRulesTest.newConnectionId(1, 0)));
        byte[] token = new byte[16];
        token[0] = 1;
        peer.send(StatelessResetRulesTest.reset(token)).assertAlive();
    }
}
