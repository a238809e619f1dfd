package io.mpquic.quic.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.wire.ConnectionId;
import io.mpquic.quic.wire.CryptoFrame;
import io.mpquic.quic.wire.EncryptionLevel;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** First packets without end, from clients that do not exist. */
class InitialFloodTest {
    /** What one thread can bear beside its session, and what the memory can. */
    private static final int AT_ONCE = 50;

    private static final int PLACES = 128;

    private final Target server = Target.server();
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
}
