package io.mpquic.quic.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.connection.CloseReason;
import io.mpquic.quic.connection.TransportSettings;
import io.mpquic.quic.wire.AckFrame;
import io.mpquic.quic.wire.ConnectionId;
import io.mpquic.quic.wire.CryptoFrame;
import io.mpquic.quic.wire.EncryptionLevel;
import io.mpquic.quic.wire.PacketType;
import io.mpquic.quic.wire.PingFrame;
import io.mpquic.quic.wire.TransportError;
import io.mpquic.quic.wire.TransportException;
import io.mpquic.quic.wire.TransportParameters;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9287: the QUIC bit varies between two ends that have said so, and is 1 otherwise (RFC 9000 §17.2, §17.3.1). */
class QuicBitRulesTest {
    private static final int GREASE_QUIC_BIT = 0x2ab2;
    private static final int QUIC_BIT = 0x40;
    private static final TransportSettings PLAIN =
            Target.QUIET.toBuilder().greaseQuicBit(false).build();

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatThisEndTakesIsSaidInItsParameters(boolean peerIsClient) throws TransportException {
        assertTrue(saysSo(peer(peerIsClient, Target.QUIET)));
        assertTrue(!saysSo(peer(peerIsClient, PLAIN)));
    }

    private static boolean saysSo(RawPeer peer) throws TransportException {
        byte[] encoded = peer.handshake().peerParameters;
        assertNotNull(encoded);
        return TransportParameters.parse(encoded, peer.client).greaseQuicBit();
    }

    // RFC 9287 §3: whoever sends the parameter takes packets of every kind with and without the bit.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void packetsWithoutTheBitAreTakenWhereThatWasSaid(boolean peerIsClient) {
        assertEquals(1, acknowledgedWithoutTheBit(atHandshake(peerIsClient, Target.QUIET), EncryptionLevel.HANDSHAKE));
        assertEquals(
                1, acknowledgedWithoutTheBit(peer(peerIsClient, Target.QUIET).handshake(), EncryptionLevel.ONE_RTT));
    }

    @Requirement({"9000-17.2-1", "9000-17.3.1-1"})
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void packetsWithoutTheBitAreDroppedWhereItWasNot(boolean peerIsClient) {
        assertEquals(0, acknowledgedWithoutTheBit(atHandshake(peerIsClient, PLAIN), EncryptionLevel.HANDSHAKE));
        RawPeer peer = peer(peerIsClient, PLAIN).handshake();
        assertEquals(0, acknowledgedWithoutTheBit(peer, EncryptionLevel.ONE_RTT));
        peer.assertAlive();
    }

    private static int acknowledgedWithoutTheBit(RawPeer peer, EncryptionLevel level) {
        peer.received.clear();
        long number = peer.peekNumber(level);
        peer.send(peer.packet(level).frames(PingFrame.INSTANCE).withoutFixedBit());
        peer.advanceMs(30);
        return (int) peer.frames(AckFrame.class).stream()
                .filter(ack -> ack.ranges().contains(number))
                .limit(1)
                .count();
    }

    // RFC 9287 §3.1: a client that has a token of NEW_TOKEN may begin without the bit.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aFirstPacketWithoutTheBitOpensAConnectionOnlyWhereThatWasSaid(boolean takesAny) {
        RawPeer peer = peer(true, takesAny ? Target.QUIET : PLAIN).prepare();
        sendHello(peer, true);
        assertEquals(takesAny, !peer.received.isEmpty());
    }

    // RFC 9287 §3.1: in packets of every kind that follow the peer's parameters, and at random.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theBitVariesTowardsAPeerThatTakesBoth(boolean peerIsClient) {
        RawPeer peer = peer(peerIsClient, Target.QUIET);
        peer.parameters = plain -> plain.add(GREASE_QUIC_BIT, new byte[0]);
        peer.handshake();
        int cleared = clearedOf200(peer);
        assertTrue(cleared > 50 && cleared < 150, cleared + " of 200");
    }

    @Test
    void aServerVariesItInItsHandshakePacketsAndAClientBeginsWithTheBit() {
        boolean inLongHeaders = false;
        for (long seed = 1; seed < 20 && !inLongHeaders; seed++) {
            RawPeer peer = RawPeer.client(Target.server(Target.QUIET, seed));
            peer.parameters = plain -> plain.add(GREASE_QUIC_BIT, new byte[0]);
            peer.tryHandshake();
            inLongHeaders = peer.received.stream()
                    .anyMatch(packet -> packet.type() != PacketType.ONE_RTT
                            && (packet.datagram().bytes()[0] & QUIC_BIT) == 0);
        }
        assertTrue(inLongHeaders);
        for (Target.Sent sent : Target.client().outbox) {
            assertEquals(QUIC_BIT, sent.bytes()[0] & QUIC_BIT, "nobody knows yet what the server takes");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theBitIsOneTowardsAPeerThatSaysNothing(boolean peerIsClient) {
        assertEquals(0, clearedOf200(peer(peerIsClient, Target.QUIET).handshake()));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theBitIsOneWhereVaryingItIsSwitchedOff(boolean peerIsClient) {
        RawPeer peer = peer(peerIsClient, PLAIN);
        peer.parameters = plain -> plain.add(GREASE_QUIC_BIT, new byte[0]);
        assertEquals(0, clearedOf200(peer.handshake()));
    }

    private static int clearedOf200(RawPeer peer) {
        peer.received.clear();
        while (peer.received.size() < 200) {
            assertTrue(peer.target.connection().offerDatagram(new byte[10]));
            peer.advanceMs(5).acknowledgeAll();
        }
        List<RawPacket> first = peer.received.subList(0, 200);
        return (int) first.stream()
                .filter(packet -> (packet.datagram().bytes()[0] & QUIC_BIT) == 0)
                .count();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theParameterHasNoValue(boolean peerIsClient) {
        RawPeer peer = peer(peerIsClient, Target.QUIET);
        peer.parameters = plain -> plain.add(GREASE_QUIC_BIT, new byte[1]);
        peer.tryHandshake();
        peer.assertClosedWith(TransportError.TRANSPORT_PARAMETER_ERROR);
    }

    // RFC 9000 §10.3.1: whatever its first bits are.
    @Test
    void aStatelessResetWithoutTheBitEndsTheConnection() {
        RawPeer peer = peer(false, Target.QUIET).handshake();
        byte[] reset = RawBytes.join(RawBytes.hex("00" + "77".repeat(30)), RawPeer.RESET_TOKEN);
        peer.send(reset);
        CloseReason reason = peer.target.closeReason();
        assertNotNull(reason);
        assertEquals(CloseReason.Kind.STATELESS_RESET, reason.kind());
    }

    // RFC 9287 §3.1: who has lost all state does not know what the peer takes.
    @Test
    void aStatelessResetHasTheBitAlsoWhereThePacketThatBringsItAboutHasNot() {
        RawPeer peer = peer(true, Target.QUIET).handshake();
        peer.unreadable.clear();
        peer.send(peer.oneRtt(PingFrame.INSTANCE)
                .padTo(100)
                .destination(new ConnectionId(RawBytes.hex("0102030405060708")))
                .withoutFixedBit());
        assertEquals(1, peer.unreadable.size());
        assertEquals(QUIC_BIT, peer.unreadable.getFirst()[0] & 0xc0);
    }

    private static RawPeer peer(boolean client, TransportSettings settings) {
        return client ? RawPeer.client(Target.server(settings)) : RawPeer.server(Target.client(settings));
    }

    /** A peer whose target has Handshake keys, and no more. */
    private static RawPeer atHandshake(boolean client, TransportSettings settings) {
        RawPeer peer = peer(client, settings).prepare();
        sendHello(peer, false);
        return peer;
    }

    private static void sendHello(RawPeer peer, boolean withoutBit) {
        byte[] hello = peer.nextCrypto(EncryptionLevel.INITIAL);
        PacketDraft draft = peer.packet(EncryptionLevel.INITIAL)
                .frames(new CryptoFrame(0, MemorySegment.ofArray(hello)))
                .padTo(1200);
        peer.send(withoutBit ? draft.withoutFixedBit() : draft);
    }
}
