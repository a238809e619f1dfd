package io.mpquic.quic.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.endpoint.RetryPolicy;
import io.mpquic.quic.wire.ConnectionId;
import io.mpquic.quic.wire.CryptoFrame;
import io.mpquic.quic.wire.EncryptionLevel;
import io.mpquic.quic.wire.LongHeader;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** First packets without end, from clients that do not exist. */
class InitialFloodTest {
    /** What one thread can bear beside its session, and what the memory can. */
    private static final int AT_ONCE = 50;

    private static final int PLACES = 128;

    private final Target server = Target.server(each -> each.retry(RetryPolicy.NEVER));
    private final SplittableRandom random = new SplittableRandom(7);

    private RawPeer stranger() {
        RawPeer peer = RawPeer.client(server);
        byte[] id = new byte[8];
        random.nextBytes(id);
        peer.destination = new ConnectionId(id);
        peer.originalDestination = peer.destination;
        random.nextBytes(id);
        peer.source = new ConnectionId(id);
        return peer;
    }

    private byte[] firstPacket() {
        RawPeer peer = stranger().prepare();
        byte[] hello = peer.nextCrypto(EncryptionLevel.INITIAL);
        return peer.packet(EncryptionLevel.INITIAL)
                .frames(new CryptoFrame(0, MemorySegment.ofArray(hello)))
                .padTo(1200)
                .build();
    }

    @Test
    void clientsThatNeverAnswerDoNotKeepAnHonestOneOut() {
        for (int i = 0; i < 2 * PLACES; i++) {
            server.deliver(firstPacket(), Target.STRANGER);
            server.advanceMs(25);
            assertTrue(server.endpoint.connections().size() <= PLACES);
        }
        server.outbox.clear();
        stranger().handshake().assertAlive();
    }

    @Test
    void aFloodBeginsSoManyHandshakesAndNoMore() {
        for (int i = 0; i < 2 * AT_ONCE; i++) {
            server.deliver(firstPacket(), Target.STRANGER);
        }
        assertEquals(AT_ONCE, server.endpoint.connections().size());
        server.advanceMs(100); // at 50 a second
        for (int i = 0; i < AT_ONCE; i++) {
            server.deliver(firstPacket(), Target.STRANGER);
        }
        assertEquals(AT_ONCE + 5, server.endpoint.connections().size());
    }

    @Test
    void packetsThatAreNotAuthenticCountAsWell() {
        byte[] forged = firstPacket();
        forged[1100] ^= 1;
        for (int i = 0; i < AT_ONCE; i++) {
            server.deliver(forged.clone(), Target.STRANGER);
        }
        assertEquals(0, server.endpoint.connections().size());
        server.deliver(firstPacket(), Target.STRANGER);
        assertEquals(0, server.endpoint.connections().size(), "no time for it");
    }

    @Test
    void anEstablishedSessionStaysThroughoutAFlood() {
        RawPeer session = stranger().handshake();
        for (int i = 0; i < 2 * PLACES; i++) {
            server.deliver(firstPacket(), Target.STRANGER);
            server.advanceMs(25);
        }
        assertTrue(server.endpoint.connections().getFirst().isEstablished());
        server.outbox.clear();
        session.assertAlive();
    }

    @Test
    void handshakesThatFailedTakeNoMorePlacesThanOthers() {
        for (int i = 0; i < 2 * PLACES; i++) {
            RawPeer peer = stranger();
            peer.alpn = "another";
            peer.prepare().sendHandshakeDataOf(EncryptionLevel.INITIAL);
            server.advanceMs(20); // each lingers for three seconds, to repeat its close
            assertTrue(server.endpoint.connections().size() <= PLACES);
        }
        server.events.clear();
        stranger().handshake().assertAlive();
    }

    /**
     * A flood from forged addresses, twenty thousand packets a second: an honest client is asked for its address, proves it,
     * and has its connection.
     */
    @Test
    void whileForgedAddressesFloodTheServerAnHonestClientIsServedAtOnce() {
        Target careful = Target.server(each -> each.retry(RetryPolicy.WHEN_BUSY));
        RawPeer forger = RawPeer.client(careful).prepare();
        byte[] hello = forger.nextCrypto(EncryptionLevel.INITIAL);
        for (int i = 0; i < 20_000; i++) {
            byte[] id = new byte[8];
            random.nextBytes(id);
            forger.installInitialKeys(new ConnectionId(id));
            byte[] packet = forger.packet(EncryptionLevel.INITIAL)
                    .destination(new ConnectionId(id))
                    .frames(new CryptoFrame(0, MemorySegment.ofArray(hello)))
                    .padTo(1200)
                    .build();
            careful.deliver(packet, new InetSocketAddress("203.0.113." + i % 250, 1000 + i));
            careful.advance(50_000);
        }
        assertTrue(careful.endpoint.connections().size() <= AT_ONCE, "only those before it was busy");
        careful.outbox.clear();

        RawPeer honest = RawPeer.client(careful).prepare();
        byte[] first = honest.nextCrypto(EncryptionLevel.INITIAL);
        CryptoFrame crypto = new CryptoFrame(0, MemorySegment.ofArray(first));
        honest.send(honest.packet(EncryptionLevel.INITIAL).frames(crypto).padTo(1200));
        LongHeader.Retry retry = RetryServerRulesTest.parsed(honest.unreadable.removeLast());
        honest.token = retry.token();
        honest.destination = retry.scid();
        honest.installInitialKeys(retry.scid());
        honest.send(honest.packet(EncryptionLevel.INITIAL).frames(crypto).padTo(1200));
        honest.tryHandshake();
        assertTrue(honest.tlsComplete);
    }

    @Test
    void aServerThatIsNotBusyAsksNobody() {
        Target idle = Target.server();
        for (int i = 0; i < 60; i++) {
            idle.advanceMs(100);
            idle.outbox.clear();
            RawPeer peer = RawPeer.client(idle);
            peer.destination = ConnectionId.ofLong(i);
            peer.originalDestination = peer.destination;
            peer.handshake();
        }
        assertEquals(60, idle.endpoint.connections().size());
    }
}
