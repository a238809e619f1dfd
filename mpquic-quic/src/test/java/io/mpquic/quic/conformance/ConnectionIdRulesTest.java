package io.mpquic.quic.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.connection.QuicConnection;
import io.mpquic.quic.wire.ConnectionId;
import io.mpquic.quic.wire.EncryptionLevel;
import io.mpquic.quic.wire.NewConnectionIdFrame;
import io.mpquic.quic.wire.PathChallengeFrame;
import io.mpquic.quic.wire.PathResponseFrame;
import io.mpquic.quic.wire.PingFrame;
import io.mpquic.quic.wire.RetireConnectionIdFrame;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9000 §5.1, §8.2, §19.15, §19.16: the IDs of a connection over its life, and questions to paths. */
class ConnectionIdRulesTest {
    // RFC 9000 §5.1.2, §9.5: the next ID on the same path, and the one before is given back.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void onRequestAnotherIdIsUsedAndTheOneBeforeRetired(boolean peerIsClient) {
        RawPeer peer = RawPeer.connected(peerIsClient);
        peer.send(peer.oneRtt().payload(FrameRulesTest.newConnectionId(1, 0))).settle();
        QuicConnection connection = peer.target.connection();
        assertTrue(connection.rotateConnectionId(peer.target.nowNs));
        assertTrue(connection.offerDatagram(new byte[10]));
        peer.advanceMs(10);
        assertEquals(List.of(new RetireConnectionIdFrame(0)), peer.frames(RetireConnectionIdFrame.class));
        assertTrue(peer.received.stream()
                .allMatch(packet -> packet.destination().equals(new ConnectionId(RawBytes.hex("5a01020304050601")))));
        assertEquals(0, connection.statistics().migrations());
        assertFalse(connection.rotateConnectionId(peer.target.nowNs), "there is no other to spare");
        peer.acknowledgeAll();
        peer.assertAlive();
    }

    @Test
    void beforeTheHandshakeIsConfirmedAndAfterTheEndNoIdIsChanged() {
        RawPeer peer = RawPeer.of(false);
        QuicConnection connection = peer.target.connection();
        assertFalse(connection.rotateConnectionId(peer.target.nowNs));
        peer.handshake();
        peer.send(peer.oneRtt().payload(FrameRulesTest.newConnectionId(1, 0))).settle();
        connection.close(0, "", peer.target.nowNs);
        assertFalse(connection.rotateConnectionId(peer.target.nowNs));
    }

    @Requirement({"9000-5.1-1", "9000-5.1-2", "9000-5.1.1-1"})
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void issuedConnectionIdsAreUnrelatedAndNeverRepeated(boolean peerIsClient) {
        RawPeer peer = RawPeer.of(peerIsClient).tryHandshake();
        peer.advanceMs(30);
        for (int sequence = 1; sequence <= 20; sequence++) {
            peer.send(peer.oneRtt(new RetireConnectionIdFrame(sequence))).acknowledgeAll();
        }
        List<NewConnectionIdFrame> issued = peer.frames(NewConnectionIdFrame.class).stream()
                .distinct() // one that was lost comes again
                .toList();
        assertTrue(issued.size() > 20, issued.size() + " IDs");
        Set<Object> parts = new HashSet<>();
        for (int i = 0; i < issued.size(); i++) {
            assertEquals(i + 1, issued.get(i).sequence());
            byte[] id = issued.get(i).id().bytes();
            assertTrue(parts.add(issued.get(i).id()));
            for (int at = 0; at + 4 <= id.length; at += 4) {
                assertTrue(parts.add(at + Arrays.toString(Arrays.copyOfRange(id, at, at + 4))), "IDs share bytes");
            }
        }
    }

    @Requirement("9000-5.1.2-1")
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aFullSetOfConnectionIdsCanBeReplacedInOneFrame(boolean peerIsClient) {
        RawPeer peer = RawPeer.connected(peerIsClient);
        for (int sequence = 1; sequence <= 3; sequence++) {
            peer.send(peer.oneRtt().payload(FrameRulesTest.newConnectionId(sequence, 0)));
        }
        peer.send(peer.oneRtt().payload(FrameRulesTest.newConnectionId(4, 4))).advanceMs(30);
        assertEquals(
                Set.of(0L, 1L, 2L, 3L),
                new HashSet<>(peer.frames(RetireConnectionIdFrame.class).stream()
                        .map(RetireConnectionIdFrame::sequence)
                        .toList()));
        peer.assertAlive();
    }

    @Requirement("9000-5.1.2-2")
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aRetirementThatIsLostIsRepeated(boolean peerIsClient) {
        RawPeer peer = RawPeer.connected(peerIsClient);
        peer.send(peer.oneRtt().payload(FrameRulesTest.newConnectionId(1, 1))).advanceMs(30);
        peer.received.clear();
        peer.advanceMs(3_000);
        assertTrue(peer.frames(RetireConnectionIdFrame.class).contains(new RetireConnectionIdFrame(0)));
    }

    @Requirement("9000-19.15-7")
    @Test
    void aSmallerRetirePriorToChangesNothing() {
        RawPeer peer = RawPeer.connected(true);
        peer.send(peer.oneRtt().payload(FrameRulesTest.newConnectionId(3, 3))).settle();
        peer.send(peer.oneRtt().payload(FrameRulesTest.newConnectionId(4, 1))).advanceMs(30);
        assertEquals(0, peer.frames(RetireConnectionIdFrame.class).size());
        peer.assertAlive();
    }

    @Requirement("9000-19.16-2")
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void noPacketRetiresTheIdThatItIsSentTo(boolean peerIsClient) {
        RawPeer peer = RawPeer.connected(peerIsClient);
        ConnectionId retired = peer.source;
        peer.send(peer.oneRtt().payload(FrameRulesTest.newConnectionId(1, 1))).advanceMs(3_000);
        assertFalse(peer.frames(RetireConnectionIdFrame.class).isEmpty());
        peer.received.forEach(packet -> assertNotEquals(retired, packet.destination()));
    }

    @Requirement("9000-8.2.1-1")
    @Test
    void noTwoPathChallengesAreAlike() {
        RawPeer peer = RawPeer.connected(true);
        peer.target.deliver(peer.oneRtt(PingFrame.INSTANCE).padTo(1200).build(), Target.STRANGER);
        peer.readOutbox();
        peer.advanceMs(10_000);
        List<PathChallengeFrame> challenges = peer.frames(PathChallengeFrame.class);
        assertTrue(challenges.size() > 1);
        assertEquals(challenges.size(), new HashSet<>(challenges).size());
    }

    /** RFC 9000 §8.2.1, §8.2.2: it is neither too small to be answered, nor held back. */
    @Requirement({"9000-8.2.1-4", "9000-8.2.2-2", "9000-14-4"})
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aPathChallengeInASmallDatagramIsAnswered(boolean peerIsClient) {
        RawPeer peer = RawPeer.connected(peerIsClient);
        peer.send(peer.packet(EncryptionLevel.ONE_RTT).payload(RawBytes.hex("1a 0011223344556677")));
        assertEquals(1, peer.frames(PathResponseFrame.class).size());
    }
}
