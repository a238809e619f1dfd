package io.mpquic.quic.conformance;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.crypto.RetryIntegrity;
import io.mpquic.quic.endpoint.RetryPolicy;
import io.mpquic.quic.wire.ConnectionCloseFrame;
import io.mpquic.quic.wire.ConnectionId;
import io.mpquic.quic.wire.CryptoFrame;
import io.mpquic.quic.wire.EncryptionLevel;
import io.mpquic.quic.wire.LongHeader;
import io.mpquic.quic.wire.MalformedPacketException;
import io.mpquic.quic.wire.NewTokenFrame;
import io.mpquic.quic.wire.TransportError;
import io.mpquic.quic.wire.TransportParameters;
import io.mpquic.quic.wire.WireReader;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

/** RFC 9000 §8.1: a server that has clients prove their address. */
class RetryServerRulesTest {
    private final Target server = Target.server(each -> each.retry(RetryPolicy.ALWAYS));

    /** A client, and the start of its ClientHello, which it has to send again. */
    private record Client(RawPeer peer, byte[] hello) {
        private static long next = 1;

        static Client of(Target server) {
            RawPeer peer = RawPeer.client(server);
            peer.destination = ConnectionId.ofLong(next++);
            peer.originalDestination = peer.destination;
            peer.prepare();
            byte[] hello = peer.nextCrypto(EncryptionLevel.INITIAL);
            return new Client(peer, hello);
        }

        byte[] first() {
            return peer.packet(EncryptionLevel.INITIAL)
                    .frames(new CryptoFrame(0, MemorySegment.ofArray(hello)))
                    .padTo(1200)
                    .build();
        }

        LongHeader.Retry retried() {
            peer.send(first());
            assertEquals(0, peer.target.endpoint.connections().size(), "a Retry costs no memory");
            return parsed(peer.unreadable.removeLast());
        }

        void goOnWith(LongHeader.Retry retry) {
            peer.token = retry.token();
            peer.destination = retry.scid();
            peer.installInitialKeys(retry.scid());
        }
    }

    static LongHeader.Retry parsed(byte[] datagram) {
        try {
            return assertInstanceOf(LongHeader.Retry.class, LongHeader.parse(WireReader.of(datagram)));
        } catch (MalformedPacketException e) {
            throw new AssertionError(e);
        }
    }

    private static TransportParameters parametersOf(RawPeer peer) throws Exception {
        return TransportParameters.parse(peer.peerParameters, true);
    }

    @Requirement("9000-17.2.5.1-1")
    @Test
    void aClientWithoutATokenGetsARetryThatNoOneElseCouldHaveMade() {
        Client client = Client.of(server);
        client.peer.send(client.first());
        byte[] datagram = client.peer.unreadable.removeLast();
        LongHeader.Retry retry = parsed(datagram);
        assertEquals(client.peer.source, retry.dcid());
        assertNotEquals(client.peer.originalDestination, retry.scid(), "RFC 9000 §17.2.5.1");
        assertTrue(RetryIntegrity.verify(client.peer.originalDestination, datagram));
        assertTrue(datagram.length < 1200, "no amplification");
    }

    @Requirement("9000-7.3-1")
    @Test
    void withItsTokenTheHandshakeCompletesAndTheParametersTellAllIds() throws Exception {
        Client client = Client.of(server);
        LongHeader.Retry retry = client.retried();
        client.goOnWith(retry);
        client.peer.send(client.first());
        client.peer.handshake().assertAlive();
        assertEquals(client.peer.originalDestination, parametersOf(client.peer).originalDestinationConnectionId());
        assertEquals(retry.scid(), parametersOf(client.peer).retrySourceConnectionId());
    }

    @Test
    void aProvenAddressHasNoAmplificationLimit() {
        Client client = Client.of(server);
        client.goOnWith(client.retried());
        long before = server.bytesOut;
        client.peer.send(client.first());
        server.advanceMs(5_000); // probes, which a budget of three times 1200 bytes would soon end
        assertTrue(server.bytesOut - before > 3 * 1200, server.bytesOut - before + " bytes");
    }

    @Requirement("9000-8.1.3-7")
    @Test
    void aTokenFromAnotherAddressIsRefusedWithInvalidToken() {
        Client client = Client.of(server);
        client.goOnWith(client.retried());
        server.deliver(client.first(), new InetSocketAddress(Target.PEER.getAddress(), 4711));
        client.peer.readOutbox();
        assertInvalidToken(client.peer);
    }

    @Test
    void aTokenThatIsTooOldIsRefusedWithInvalidToken() {
        Client client = Client.of(server);
        client.goOnWith(client.retried());
        server.advanceMs(10_001);
        client.peer.send(client.first());
        assertInvalidToken(client.peer);
    }

    @Test
    void aTokenWithAnotherConnectionIdIsRefusedWithInvalidToken() {
        Client client = Client.of(server);
        client.peer.token = client.retried().token();
        client.peer.send(client.first());
        assertInvalidToken(client.peer);
    }

    private static void assertInvalidToken(RawPeer peer) {
        assertEquals(0, peer.target.endpoint.connections().size());
        assertEquals(1, peer.received.size());
        ConnectionCloseFrame close =
                peer.received.getFirst().all(ConnectionCloseFrame.class).getFirst();
        assertEquals(TransportError.INVALID_TOKEN, close.errorCode());
        assertFalse(close.application());
    }

    @Requirement("9000-8.1.4-4")
    @Test
    void anUnknownTokenIsAsGoodAsNone() {
        Client client = Client.of(server);
        client.peer.token = new byte[] {1, 2, 3};
        client.goOnWith(client.retried());
        client.peer.send(client.first());
        client.peer.handshake().assertAlive();
    }

    @Requirement({"9000-8.1.3-7", "9000-8.1.4-5"})
    @Test
    void aTokenOfTheConnectionBeforeSavesTheRetryOnce() throws Exception {
        byte[] token = tokenOfAFirstConnection();
        Client again = Client.of(server);
        again.peer.token = token;
        again.peer.send(again.first());
        again.peer.handshake().assertAlive();
        assertNull(parametersOf(again.peer).retrySourceConnectionId());

        Client third = Client.of(server);
        third.peer.token = token;
        third.peer.send(third.first());
        assertArrayEquals(
                third.peer.source.bytes(),
                parsed(third.peer.unreadable.removeLast()).dcid().bytes());
    }

    @Test
    void withAKeyThatLastsATokenOfTheProcessBeforeSavesTheRetry() throws Exception {
        byte[] key = new byte[32];
        Target before = Target.server(each -> each.retry(RetryPolicy.ALWAYS).tokenKey(key, 0));
        Target after = Target.server(each -> each.retry(RetryPolicy.ALWAYS).tokenKey(key, 60_000_000_000L));
        Client again = Client.of(after);
        again.peer.token = tokenOfAFirstConnection(before);
        again.peer.send(again.first());
        again.peer.handshake().assertAlive();
        assertNull(parametersOf(again.peer).retrySourceConnectionId());
    }

    @Test
    void aServerThatIsToldSoGivesNoTokens() {
        Target silent = Target.server(each -> each.newTokens(false));
        RawPeer peer = RawPeer.client(silent).handshake();
        peer.advanceMs(1_000);
        assertEquals(List.of(), peer.frames(NewTokenFrame.class));
        peer.assertAlive();
    }

    private byte[] tokenOfAFirstConnection() {
        return tokenOfAFirstConnection(server);
    }

    private static byte[] tokenOfAFirstConnection(Target server) {
        Client client = Client.of(server);
        client.goOnWith(client.retried());
        client.peer.send(client.first());
        client.peer.tryHandshake().advanceMs(30);
        NewTokenFrame frame = client.peer.received.stream()
                .flatMap(packet -> packet.all(NewTokenFrame.class).stream())
                .findFirst()
                .orElseThrow();
        client.peer.settle();
        server.connection().close(0, "", server.nowNs);
        server.advanceMs(10_000);
        server.outbox.clear();
        server.events.clear();
        return frame.token();
    }

    @Test
    void aRepeatedFirstPacketGetsAnotherRetryAndNoMemory() {
        Client client = Client.of(server);
        for (int i = 0; i < 10; i++) {
            client.retried();
        }
        assertEquals(0, server.endpoint.connections().size());
    }
}
