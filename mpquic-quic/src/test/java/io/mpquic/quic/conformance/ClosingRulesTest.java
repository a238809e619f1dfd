package io.mpquic.quic.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
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
<<<<<<< HEAD

    // ---- idle timeout

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
        Target target = Target.server(Target.QUIET.withIdleTimeoutNs(0));
        peer = RawPeer.client(target);
        peer.parameters = plain -> plain.remove(RawParameters.MAX_IDLE_TIMEOUT);
        peer.handshake();
        peer.advanceMs(TimeUnit.DAYS.toMillis(30)).assertAlive();
    }

    /** RFC 9000 §10.1: or a short timeout would leave no time for a lost packet. */
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
        Target target = Target.server(
                TransportSettings.defaults().withMaxUdpPayloadBytes(1200).withKeepAliveNs(15_000_000_000L));
        RawPeer peer = RawPeer.client(target).handshake();
        for (int i = 0; i < 20; i++) {
            peer.advanceMs(16_000);
            assertTrue(peer.frames(PingFrame.class).size() >= 1);
            peer.acknowledgeAll().received.clear();
        }
        assertNull(peer.target.closeReason());
    }

    // ---- stateless reset

    @Test
    void aServerAnswersAPacketOfNoConnectionWithAResetThatIsShorter() {
        for (int length : new int[] {22, 23, 42, 43, 44, 1200}) {
            RawPeer peer = RawPeer.of(true);
            byte[] packet = new byte[length];
            Arrays.fill(packet, (byte) 0x55);
            peer.send(packet);
            byte[] reset = peer.unreadable.getFirst();
            assertTrue(reset.length < length && reset.length >= 21, reset.length + " bytes for " + length);
            assertEquals(0x40, reset[0] & 0xc0, "it looks like a short header");
        }
    }

    @Test
    void aPacketThatCouldBeAResetItselfIsNotAnswered() {
        for (int length = 0; length <= 21; length++) {
            RawPeer peer = RawPeer.of(true);
            byte[] packet = new byte[length];
            Arrays.fill(packet, (byte) 0x55);
            peer.send(packet);
            assertEquals(0, peer.target.bytesOut);
        }
    }

    @Test
    void aLongHeaderOfNoConnectionIsNotAnswered() {
        RawPeer peer = RawPeer.of(true);
        byte[] packet = new byte[1200];
        Arrays.fill(packet, (byte) 0xe5);
        System.arraycopy(RawBytes.hex("e3 00000001 08 0102030405060708 00 40ff"), 0, packet, 0, 17);
        peer.send(packet);
        assertEquals(0, peer.target.bytesOut);
    }

    @Test
    void resetsAreLimitedInNumber() {
        RawPeer peer = RawPeer.of(true);
        byte[] packet = new byte[100];
        for (int i = 0; i < 1_000; i++) {
            Arrays.fill(packet, (byte) (i & 0x3f | 0x40));
            peer.send(packet);
        }
        assertTrue(peer.unreadable.size() <= 200, peer.unreadable.size() + " resets");
    }

    @Test
    void aStatelessResetWithTheTokenOfTheHandshakeEndsAClientInSilence() {
        RawPeer peer = RawPeer.connected(false);
        peer.target.connection().offerDatagram(new byte[10]);
        peer.send(reset(RawPeer.RESET_TOKEN));
        assertEquals(CloseReason.Kind.STATELESS_RESET, peer.target.closeReason().kind());
        peer.received.clear();
        peer.send(peer.oneRtt(PingFrame.INSTANCE)).advanceMs(10_000);
        assertEquals(0, peer.received.size());
        assertEquals(0, peer.target.endpoint.connections().size());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aStatelessResetForALaterConnectionIdCountsToo(boolean peerIsClient) {
        RawPeer peer = RawPeer.connected(peerIsClient);
        peer.send(peer.oneRtt().payload(FrameRulesTest.newConnectionId(1, 1)));
        byte[] token = new byte[16];
        token[0] = 1;
        peer.send(reset(token));
        assertEquals(CloseReason.Kind.STATELESS_RESET, peer.target.closeReason().kind());
    }

    /** RFC 9000 §10.3.1: the token of an ID that was retired, of another one, or from elsewhere, resets nothing. */
    @Test
    void otherTokensResetNothing() {
        RawPeer peer = RawPeer.connected(false);
        byte[] wrong = RawPeer.RESET_TOKEN.clone();
        wrong[15] ^= 1;
        peer.send(reset(wrong)).assertAlive();
        peer.target.deliver(reset(RawPeer.RESET_TOKEN), Target.STRANGER);
        peer.assertAlive();
        peer.send(peer.oneRtt().payload(FrameRulesTest.newConnectionId(1, 1))).settle();
        peer.send(reset(RawPeer.RESET_TOKEN)).assertAlive();
    }

    @Test
    void tokensAreDifferentForEachConnectionId() {
        RawPeer peer = RawPeer.of(true);
        peer.tryHandshake().advanceMs(30);
        long different = peer.frames(NewConnectionIdFrame.class).stream()
                .map(NewConnectionIdFrame::token)
                .distinct()
                .count();
        long ids = peer.frames(NewConnectionIdFrame.class).stream()
                .map(NewConnectionIdFrame::id)
                .distinct()
                .count();
        assertTrue(ids >= 3);
        assertEquals(ids, different);
    }

    /** RFC 9000 §10.3: the answer to a forgotten connection is the token that the client was given. */
    @Test
    void aForgottenConnectionIsResetWithTheTokenThatWasGiven() {
        RawPeer peer = RawPeer.of(true);
        peer.tryHandshake().advanceMs(30);
        NewConnectionIdFrame given = peer.frames(NewConnectionIdFrame.class).getFirst();
        peer.settle();
        peer.send(peer.oneRtt().payload(RawBytes.hex("1d 00 00"))).advanceMs(10_000);
        assertEquals(0, peer.target.endpoint.connections().size());
        peer.destination = given.id();
        peer.send(peer.oneRtt().payload(new byte[30]));
        byte[] reset = peer.unreadable.getFirst();
        assertEquals(
                given.token(),
                io.mpquic.quic.wire.StatelessResetToken.of(Arrays.copyOfRange(reset, reset.length - 16, reset.length)));
        assertFalse(peer.destination.equals(ConnectionId.EMPTY));
    }

    private static byte[] reset(byte[] token) {
        byte[] packet = new byte[40];
        Arrays.fill(packet, (byte) 0x47);
        System.arraycopy(token, 0, packet, packet.length - token.length, token.length);
        return packet;
    }

    private static long idleMs(boolean peerIsClient, long oursMs, long theirsMs) {
        TransportSettings settings = Target.QUIET.withIdleTimeoutNs(TimeUnit.MILLISECONDS.toNanos(oursMs));
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
=======
>>>>>>> refs/heads/rfctests
}
