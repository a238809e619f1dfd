package io.mpquic.quic.tls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.crypto.CipherSuite;
import io.mpquic.quic.wire.EncryptionLevel;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Sessions that are resumed (RFC 8446 §2.2), and those that must not be. */
class ResumptionTest {
    private static final Duration LIFETIME = Duration.ofHours(2);

    private Instant now = TestAuthority.NOW;
    private final InstantSource clock = () -> now;
    private final Spy store = new Spy();

    /** A store that shows what it holds. */
    private static final class Spy implements SessionStore {
        final List<String> keys = new ArrayList<>();

        @Nullable Session held;

        @Override
        public void put(String key, Session session) {
            keys.add(key);
            held = session;
        }

        @Override
        public @Nullable Session take(String key) {
            Session taken = held;
            held = null;
            return taken;
        }
    }

    private TlsClientConfig.Builder client() {
        return HandshakeTest.client().clock(clock).sessions(store);
    }

    private TlsServerConfig.Builder server() {
        return HandshakeTest.server().clock(clock).resumption(LIFETIME);
    }

    private static HandshakePair run(TlsClientConfig client, TlsServerConfig server) {
        HandshakePair pair = new HandshakePair(client, server).run();
        assertNull(pair.client.failure);
        assertNull(pair.server.failure);
        assertTrue(pair.isComplete());
        return pair;
    }

    private static boolean resumed(HandshakePair pair) {
        boolean resumed = pair.client.only(TlsEvent.HandshakeComplete.class).resumed();
        assertEquals(resumed, pair.server.only(TlsEvent.HandshakeComplete.class).resumed());
        return resumed;
    }

    @ParameterizedTest
    @EnumSource(CipherSuite.class)
    void aSessionIsResumedWithEverySuite(CipherSuite suite) {
        TlsClientConfig client = client().cipherSuites(suite).build();
        TlsServerConfig server = server().build();
        HandshakePair first = run(client, server);
        assertFalse(resumed(first));
        assertNotNull(store.held);
        for (int i = 0; i < 3; i++) {
            HandshakePair next = run(client, server);
            assertTrue(resumed(next));
            HandshakeTest.assertComplete(next);
            assertEquals(
                    HandshakeTest.SERVER.chain(),
                    next.client.only(TlsEvent.HandshakeComplete.class).peerChain());
            assertTrue(bytes(next) < bytes(first), "no certificate is sent again");
        }
    }

    private static int bytes(HandshakePair pair) {
        return pair.server.all(TlsEvent.HandshakeData.class).stream()
                .filter(data -> data.level() == EncryptionLevel.HANDSHAKE)
                .mapToInt(data -> data.data().length)
                .sum();
    }

    @Test
    void aSessionIsResumedAcrossAHelloRetryRequest() {
        TlsClientConfig client = client().groups(KeyExchangeGroup.X25519, KeyExchangeGroup.SECP256R1)
                .build();
        TlsServerConfig server = server().groups(KeyExchangeGroup.SECP256R1).build();
        assertFalse(resumed(run(client, server)));
        HandshakePair second = run(client, server);
        assertTrue(resumed(second));
        HandshakeTest.assertComplete(second);
    }

    @Test
    void byDefaultNothingIsResumed() {
        TlsServerConfig plainServer = HandshakeTest.server().clock(clock).build();
        assertFalse(resumed(run(client().build(), plainServer)));
        assertNull(store.held);
        HandshakePair plainClient = run(HandshakeTest.client().build(), server().build());
        assertTrue(plainClient.server.all(TlsEvent.HandshakeData.class).stream()
                .noneMatch(data -> data.level() == EncryptionLevel.ONE_RTT));
    }

    @Test
    void aTicketIsUsedOnce() {
        TlsServerConfig server = server().build();
        run(client().build(), server);
        Session session = store.held;
        assertNotNull(session);
        run(client().build(), server);
        assertTrue(store.held != session);
    }

    @Test
    void aServersCertificateThatHasExpiredIsNotResumed() {
        TlsServerConfig server = server().resumption(Duration.ofDays(7)).build();
        run(client().build(), server);
        now = HandshakeTest.SERVER.chain().get(0).getNotAfter().toInstant().plusSeconds(1);
        HandshakePair pair = new HandshakePair(client().build(), server).run();
        assertNotNull(pair.client.failure, "as without a session");
    }

    @Test
    void aServerThatIsNoLongerTrustedIsNotResumed() {
        TlsServerConfig server = server().build();
        run(client().build(), server);
        TestAuthority other = new TestAuthority("other");
        HandshakePair pair = new HandshakePair(client().trust(other.anchors()).build(), server).run();
        assertNotNull(pair.client.failure);
    }

    @Test
    void aClientsCertificateIsCarriedByItsTicket() {
        TlsClientConfig client = client().identity(HandshakeTest.CLIENT).build();
        TlsServerConfig server =
                server().clientTrust(HandshakeTest.AUTHORITY.anchors()).build();
        run(client, server);
        HandshakePair second = run(client, server);
        assertTrue(resumed(second));
        assertEquals(
                HandshakeTest.CLIENT.chain(),
                second.server.only(TlsEvent.HandshakeComplete.class).peerChain());
    }

    @Test
    void aClientWhoseAuthorityIsNoLongerTrustedIsNotResumed() {
        byte[] key = new byte[32];
        TlsClientConfig client = client().identity(HandshakeTest.CLIENT).build();
        run(
                client,
                server().ticketKey(key)
                        .clientTrust(HandshakeTest.AUTHORITY.anchors())
                        .build());
        TlsServerConfig stricter = server().ticketKey(key)
                .clientTrust(new TestAuthority("other").anchors())
                .build();
        HandshakePair pair = new HandshakePair(client, stricter).run();
        assertNotNull(pair.server.failure);
        assertTrue(pair.server.all(TlsEvent.HandshakeComplete.class).isEmpty());
    }

    @Test
    void aSessionWithoutAClientsCertificateDoesNotGetPastAServerThatWantsOne() {
        byte[] key = new byte[32];
        run(client().build(), server().ticketKey(key).build());
        TlsServerConfig stricter = server().ticketKey(key)
                .clientTrust(HandshakeTest.AUTHORITY.anchors())
                .build();
        HandshakePair pair = new HandshakePair(client().build(), stricter).run();
        assertNotNull(pair.server.failure, "a certificate is required");
    }

    @Test
    void anotherApplicationProtocolMeansAWholeHandshake() {
        byte[] key = new byte[32];
        run(client().build(), server().ticketKey(key).build());
        TlsServerConfig other = server().ticketKey(key).alpn("other", "mpquic").build();
        assertFalse(resumed(run(client().alpn("mpquic", "other").build(), other)));
    }

    @Test
    void aSuiteWithAnotherHashMeansAWholeHandshake() {
        TlsServerConfig server = server().build();
        run(client().cipherSuites(CipherSuite.TLS_AES_128_GCM_SHA256).build(), server);
        TlsClientConfig other = client().cipherSuites(
                        CipherSuite.TLS_AES_256_GCM_SHA384, CipherSuite.TLS_AES_128_GCM_SHA256)
                .build();
        assertFalse(resumed(run(other, server)));
    }

    @Test
    void anotherSuiteWithTheSameHashResumes() {
        TlsServerConfig server = server().build();
        run(client().cipherSuites(CipherSuite.TLS_AES_128_GCM_SHA256).build(), server);
        TlsClientConfig other =
                client().cipherSuites(CipherSuite.TLS_CHACHA20_POLY1305_SHA256).build();
        assertTrue(resumed(run(other, server)));
    }

    @Test
    void anotherNameMeansAWholeHandshake() {
        TlsServerConfig server = server().build();
        run(client().build(), server);
        TlsClientConfig other = TlsClientConfig.builder()
                .alpn("mpquic")
                .serverName("other.example")
                .insecure()
                .clock(clock)
                .sessions(store)
                .build();
        assertFalse(resumed(run(other, server)));
    }

    @Test
    void aServerWithANewCertificateShowsIt() {
        byte[] key = new byte[32];
        run(client().build(), server().ticketKey(key).build());
        Identity renewed = HandshakeTest.AUTHORITY.issue("tunnel.example");
        HandshakePair pair =
                run(client().build(), server().ticketKey(key).identity(renewed).build());
        assertFalse(resumed(pair));
        assertEquals(
                renewed.chain(),
                pair.client.only(TlsEvent.HandshakeComplete.class).peerChain());
    }

    @Test
    void aSessionEndsWithItsLifetimeHoweverOftenItIsResumed() {
        TlsServerConfig server = server().build();
        run(client().build(), server);
        now = now.plus(LIFETIME.dividedBy(2));
        assertTrue(resumed(run(client().build(), server)));
        now = now.plus(LIFETIME.dividedBy(2)).minusSeconds(1);
        Session almostOver = store.held;
        assertNotNull(almostOver);
        assertTrue(resumed(run(client().build(), server)));
        now = now.plusSeconds(1);
        assertFalse(resumed(run(client().build(), server)), "a lifetime after the certificates were shown");
    }

    @Test
    void anotherServersTicketOrAForgedOneMeansAWholeHandshake() {
        run(client().build(), server().build());
        assertFalse(resumed(run(client().build(), server().build())), "another server has other keys");
        Session session = store.held;
        assertNotNull(session);
        for (int i = 0; i < session.ticket().length; i += 7) {
            byte[] forged = session.ticket().clone();
            forged[i] ^= 1;
            store.held = new Session(
                    forged,
                    session.psk(),
                    session.suite(),
                    0,
                    now,
                    session.expiry(),
                    session.alpn(),
                    session.serverChain(),
                    null);
            assertFalse(resumed(run(client().build(), server().build())));
        }
    }

    /** RFC 8446 §4.2.11.2: who has the ticket and not the key cannot make its binder. */
    @Test
    void aTicketWithoutItsKeyIsADecryptError() {
        TlsServerConfig server = server().build();
        run(client().build(), server);
        Session session = store.held;
        assertNotNull(session);
        store.held = new Session(
                session.ticket(),
                new byte[32],
                session.suite(),
                0,
                now,
                session.expiry(),
                session.alpn(),
                session.serverChain(),
                null);
        HandshakePair pair = new HandshakePair(client().build(), server).run();
        assertNotNull(pair.server.failure);
        assertEquals(0x133, pair.server.failure.errorCode());
    }

    @Test
    void keysThatWereNotGivenRotate() {
        TicketKeys keys = new TicketKeys(null, new SecureRandom(), clock, LIFETIME);
        byte[] content = {1, 2, 3};
        byte[] ticket = keys.seal(content);
        assertArrayEquals(content, keys.open(ticket));
        now = now.plus(LIFETIME);
        byte[] later = keys.seal(content);
        assertArrayEquals(content, keys.open(ticket), "kept for one lifetime more");
        now = now.plus(LIFETIME);
        assertNull(keys.open(ticket));
        assertArrayEquals(content, keys.open(later));
    }

    @Test
    void aStoreIsBoundedAndForgetsTheOldest() {
        SessionStore bounded = SessionStore.inMemory(2);
        run(client().build(), server().build());
        Session session = store.held;
        assertNotNull(session);
        for (String key : List.of("a", "b", "a", "c")) {
            bounded.put(key, session);
        }
        assertNull(bounded.take("b"));
        assertNotNull(bounded.take("a"));
        assertNotNull(bounded.take("c"));
        assertNull(bounded.take("c"));
    }

    @Test
    void sessionsOfDifferentClientsAreKeptApart() {
        TlsServerConfig server =
                server().clientTrust(HandshakeTest.AUTHORITY.anchors()).build();
        run(client().identity(HandshakeTest.CLIENT).build(), server);
        run(client().identity(HandshakeTest.AUTHORITY.issue("other.example")).build(), server);
        assertEquals(2, store.keys.stream().distinct().count());
        assertThrows(
                IllegalArgumentException.class,
                () -> HandshakeTest.server().ticketKey(new byte[32]).build());
    }
}
