package io.mpquic.quic.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.connection.CloseReason;
import io.mpquic.quic.wire.ConnectionCloseFrame;
import io.mpquic.quic.wire.EncryptionLevel;
import io.mpquic.quic.wire.PacketType;
import io.mpquic.quic.wire.PingFrame;
import io.mpquic.quic.wire.TransportError;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9000 §10.2: CONNECTION_CLOSE, the closing and the draining state. */
class ClosingRulesTest {
    @Requirement("9000-10.2.1-1")
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void inTheClosingStateTheCloseIsRepeatedEverMoreSeldom(boolean peerIsClient) {
        RawPeer peer = RawPeer.connected(peerIsClient);
        peer.target.connection().close(7, "bye", peer.target.nowNs);
        peer.advanceMs(0);
        assertEquals(1, peer.frames(ConnectionCloseFrame.class).size());
        assertEquals(
                ConnectionCloseFrame.application(7, "bye"),
                peer.frames(ConnectionCloseFrame.class).getFirst());
        for (int i = 0; i < 64; i++) {
            peer.send(peer.oneRtt(PingFrame.INSTANCE));
        }
        int repeats = peer.frames(ConnectionCloseFrame.class).size() - 1;
        assertTrue(repeats >= 1 && repeats <= 8, repeats + " repeats");
        peer.received.forEach(packet -> assertTrue(packet.has(ConnectionCloseFrame.class)));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aClosedConnectionIsForgottenAfterThreeProbeTimeouts(boolean peerIsClient) {
        RawPeer peer = RawPeer.connected(peerIsClient);
        peer.target.connection().close(7, "bye", peer.target.nowNs);
        peer.advanceMs(1);
        assertEquals(1, peer.target.endpoint.connections().size());
        peer.advanceMs(5_000);
        assertEquals(0, peer.target.endpoint.connections().size());
        assertEquals(Long.MAX_VALUE, peer.target.endpoint.nextTimeoutNs());
    }

    /** A peer that stood still before it acknowledged, or says it did, has not had a round trip of that length. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void howeverLongARoundTripSeemsToBeAClosedConnectionIsForgottenInHalfAMinute(boolean peerIsClient) {
        RawPeer peer = RawPeer.connected(peerIsClient);
        peer.acknowledgeAll();
        assertTrue(peer.target.connection().offerDatagram(new byte[10]));
        peer.advanceMs(29_000);
        peer.acknowledgeAll();
        assertTrue(peer.target.connection().statistics().smoothedRttNs() > 1_000_000_000L);
        peer.target.connection().close(7, "bye", peer.target.nowNs);
        peer.advanceMs(30_001);
        assertEquals(0, peer.target.endpoint.connections().size());
        assertEquals(Long.MAX_VALUE, peer.target.endpoint.nextTimeoutNs());
    }

    @Requirement({"9000-10.2.2-1", "9000-10.2.2-2"})
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void inTheDrainingStateNothingIsSent(boolean peerIsClient) {
        for (String hex : new String[] {"1c 0a 00 00", "1d 2a 03 616263", "1c ffffffffffffffff 4040 00"}) {
            RawPeer peer = RawPeer.connected(peerIsClient);
            peer.target.connection().offerDatagram(new byte[5000]);
            peer.send(peer.oneRtt(PingFrame.INSTANCE));
            peer.received.clear();
            peer.send(peer.oneRtt().payload(RawBytes.hex(hex)));
            peer.send(peer.oneRtt(PingFrame.INSTANCE)).send(peer.oneRtt(PingFrame.INSTANCE));
            peer.advanceMs(10_000);
            assertEquals(0, peer.received.size());
            assertEquals(CloseReason.Kind.PEER, peer.target.closeReason().kind());
            assertEquals(0, peer.target.endpoint.connections().size());
        }
    }

    @Test
    void framesBehindACloseChangeNothing() {
        RawPeer peer = RawPeer.connected(true);
        peer.send(peer.oneRtt().payload(RawBytes.hex("1d 2a 00 1e 3f")));
        assertEquals(new CloseReason(CloseReason.Kind.PEER, true, 42, ""), peer.target.closeReason());
        assertEquals(0, peer.received.size());
    }

    @Requirement({"9000-10.2.3-2", "9000-10.2.3-3", "9000-12.5-1"})
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theApplicationsCloseIsHiddenUntilOneRttKeysProtectIt(boolean peerIsClient) {
        RawPeer peer = FrameRulesTest.atLevel(peerIsClient, EncryptionLevel.HANDSHAKE);
        peer.received.clear();
        peer.target.connection().close(42, "secret", peer.target.nowNs);
        peer.advanceMs(0);
        boolean seen = false;
        for (RawPacket packet : peer.received) {
            for (ConnectionCloseFrame close : packet.all(ConnectionCloseFrame.class)) {
                if (packet.type() != PacketType.ONE_RTT) {
                    seen = true;
                    assertEquals(new ConnectionCloseFrame(TransportError.APPLICATION_ERROR, 0, "", false), close);
                }
            }
        }
        assertTrue(seen);
    }

    /** RFC 9000 §10.2.3: the peer may not have Handshake keys yet. */
    @Test
    void aServerThatClosesDuringTheHandshakeSaysSoAtEachLevelThatTheClientMayRead() {
        RawPeer peer = FrameRulesTest.atLevel(true, EncryptionLevel.HANDSHAKE);
        peer.received.clear();
        peer.target.connection().close(42, "secret", peer.target.nowNs);
        peer.advanceMs(0);
        assertTrue(peer.received.stream()
                .anyMatch(packet -> packet.type() == PacketType.INITIAL && packet.has(ConnectionCloseFrame.class)));
        assertTrue(peer.received.stream()
                .anyMatch(packet -> packet.type() == PacketType.HANDSHAKE && packet.has(ConnectionCloseFrame.class)));
    }

    @Test
    void aCloseInAnInitialPacketEndsTheHandshake() {
        RawPeer peer = RawPeer.of(false).prepare();
        peer.received.clear();
        peer.send(peer.packet(EncryptionLevel.INITIAL)
                .payload(RawBytes.hex("1c 02 00 00"))
                .padTo(1200));
        assertEquals(
                new CloseReason(CloseReason.Kind.PEER, false, TransportError.CONNECTION_REFUSED, ""),
                peer.target.closeReason());
        peer.advanceMs(5_000);
        assertEquals(0, peer.received.size());
    }

    @Requirement({"9000-10.2.1-1", "9000-10.2.1-2"})
    @Test
    void aClosingServerStaysWithinTheAmplificationLimit() {
        RawPeer peer = RawPeer.of(true);
        peer.alpn = "something-else";
        peer.tryHandshake();
        for (int i = 0; i < 64; i++) {
            peer.send(peer.packet(EncryptionLevel.INITIAL)
                    .frames(PingFrame.INSTANCE)
                    .padTo(40));
        }
        assertTrue(peer.target.bytesOut <= 3 * peer.target.bytesIn);
    }

    @Requirement("9000-10.2.3-1")
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void afterTheHandshakeACloseComesIn1RttPacketsOnly(boolean peerIsClient) {
        RawPeer peer = RawPeer.connected(peerIsClient);
        peer.target.connection().close(7, "bye", peer.target.nowNs);
        peer.advanceMs(100);
        assertFalse(peer.received.isEmpty());
        peer.received.forEach(packet -> assertEquals(PacketType.ONE_RTT, packet.type()));
        assertTrue(peer.unreadable.isEmpty());
    }

    @Requirement("9000-10.2.1-2")
    @Test
    void aClosingServerSendsAStrangerNoMoreThanThreeTimesWhatItGot() {
        RawPeer peer = RawPeer.connected(true);
        peer.target.connection().close(7, "bye".repeat(100), peer.target.nowNs);
        peer.advanceMs(1);
        long toStranger = 0;
        long fromStranger = 0;
        for (int i = 0; i < 64; i++) {
            byte[] packet = peer.oneRtt(PingFrame.INSTANCE).build();
            fromStranger += packet.length;
            peer.target.deliver(packet, Target.STRANGER);
            toStranger += peer.target.outbox.stream()
                    .filter(sent -> sent.to().equals(Target.STRANGER))
                    .mapToLong(sent -> sent.bytes().length)
                    .sum();
            peer.readOutbox();
            assertTrue(toStranger <= 3 * fromStranger, toStranger + " bytes for " + fromStranger);
        }
    }
}
