package io.mpquic.quic.conformance;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.endpoint.RetryPolicy;
import io.mpquic.quic.wire.ConnectionId;
import io.mpquic.quic.wire.CryptoFrame;
import io.mpquic.quic.wire.EncryptionLevel;
import io.mpquic.quic.wire.LongHeader;
import io.mpquic.quic.wire.MalformedPacketException;
import io.mpquic.quic.wire.NewTokenFrame;
import io.mpquic.quic.wire.WireReader;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** RFC 9000 §8.1.3: the tokens that a server gives and a client brings back. */
class TokenRulesTest {
    private static final byte[] TOKEN = RawBytes.hex("aabbccddeeff");

    @Requirement("9000-8.1.3-1")
    @Test
    void aTokenIsInEachInitialPacketOfTheNextConnection() {
        RawPeer peer = givenAToken();
        List<byte[]> tokens = tokensOfAConnectionTo(peer, Target.PEER);
        assertTrue(tokens.size() > 2, tokens.size() + " Initial packets");
        tokens.forEach(token -> assertArrayEquals(TOKEN, token));
    }

    @Requirement("9000-8.1.3-5")
    @Test
    void aTokenIsForItsServerAlone() {
        RawPeer peer = givenAToken();
        tokensOfAConnectionTo(peer, Target.STRANGER).forEach(token -> assertEquals(0, token.length));
    }

    /** RFC 9000 §8.1.3: it was for the attempt that it was given in. */
    @Requirement({"9000-8.1.3-2", "9000-8.1.3-6"})
    @Test
    void aTokenOfARetryIsForItsConnectionAlone() {
        RawPeer peer = RetryRulesTest.retrying().prepare();
        RetryRulesTest.retryAccepted(peer, "a token");
        peer.handshake();
        tokensOfAConnectionTo(peer, Target.PEER).forEach(token -> assertEquals(0, token.length));
    }

    @Requirement({"9000-8.1.3-3", "9000-8.1.3-4"})
    @Test
    void tokensOfAServerAreUniqueAndHaveNothingInCommon() {
        Target server = Target.server();
        Set<String> parts = new HashSet<>();
        for (int i = 0; i < 20; i++) {
            RawPeer peer = RawPeer.client(server);
            peer.destination = ConnectionId.ofLong(i);
            peer.originalDestination = peer.destination;
            peer.tryHandshake().advanceMs(30);
            byte[] token = peer.frames(NewTokenFrame.class).getFirst().token();
            for (int at = 1; at + 4 <= token.length; at++) {
                assertTrue(parts.add(at + Arrays.toString(Arrays.copyOfRange(token, at, at + 4))), "bytes from " + at);
            }
            peer.settle();
            server.connection().close(0, "", server.nowNs);
            server.advanceMs(10_000);
            server.outbox.clear();
            server.events.clear();
        }
    }

    /** RFC 9000 §17.2.5.1 */
    @Requirement("9000-17.2.5.1-4")
    @Test
    void aDatagramGetsOneRetryAtMost() {
        RawPeer peer = RawPeer.client(Target.server(each -> each.retry(RetryPolicy.ALWAYS)));
        peer.prepare();
        byte[] hello = peer.nextCrypto(EncryptionLevel.INITIAL);
        byte[] first = peer.packet(EncryptionLevel.INITIAL)
                .frames(new CryptoFrame(0, MemorySegment.ofArray(hello)))
                .padTo(1200)
                .build();
        peer.send(RawBytes.join(first, first));
        assertEquals(1, peer.unreadable.size());
    }

    private static RawPeer givenAToken() {
        RawPeer peer = RawPeer.connected(false);
        peer.send(peer.oneRtt().payload(RawBytes.hex("07 06")).payload(TOKEN));
        peer.assertAlive();
        return peer;
    }

    /** The tokens of the Initial packets that the client sends when nobody answers. */
    private static List<byte[]> tokensOfAConnectionTo(RawPeer peer, InetSocketAddress server) {
        Target client = peer.target;
        client.connection().close(0, "", client.nowNs);
        client.advanceMs(10_000);
        client.outbox.clear();
        client.endpoint.connect(server, client.nowNs);
        client.advanceMs(3_000);
        return client.outbox.stream().map(TokenRulesTest::tokenOf).toList();
    }

    private static byte[] tokenOf(Target.Sent sent) {
        try {
            return ((LongHeader.Initial) LongHeader.parse(WireReader.of(sent.bytes()))).token();
        } catch (MalformedPacketException e) {
            throw new AssertionError(e);
        }
    }
}
