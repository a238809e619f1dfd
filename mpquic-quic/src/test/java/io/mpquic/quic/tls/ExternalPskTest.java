package io.mpquic.quic.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.crypto.CipherSuite;
import io.mpquic.quic.wire.EncryptionLevel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Keys that both ends were given before (RFC 8446 §4.2.11). */
class ExternalPskTest {
    private static final long HANDSHAKE_FAILURE = 0x128;
    private static final long DECRYPT_ERROR = 0x133;

    private static ExternalPsk psk(String identity, int fill) {
        byte[] key = new byte[32];
        Arrays.fill(key, (byte) fill);
        return new ExternalPsk(identity.getBytes(StandardCharsets.US_ASCII), key);
    }

    /** A client without certificates. */
    private static TlsClientConfig.Builder client() {
        return TlsClientConfig.builder().alpn("mpquic").clock(HandshakeTest.CLOCK);
    }

    /** A server without certificates. */
    private static TlsServerConfig.Builder server() {
        return TlsServerConfig.builder().alpn("mpquic").clock(HandshakeTest.CLOCK);
    }

    @Test
    void bothEndsProveThemselvesByTheKeyAlone() {
        HandshakePair pair = new HandshakePair(
                        client().externalPsk(psk("site-2", 2)).build(),
                        server().externalPsk(psk("site-1", 1))
                                .externalPsk(psk("site-2", 2))
                                .build())
                .run();
        HandshakeTest.assertComplete(pair);
        TlsEvent.HandshakeComplete complete = pair.server.only(TlsEvent.HandshakeComplete.class);
        assertEquals(List.of(), complete.peerChain());
        assertFalse(complete.resumed());
    }

    @Test
    void itWorksAcrossAHelloRetryRequest() {
        HandshakePair pair = new HandshakePair(
                        client().externalPsk(psk("site-1", 1))
                                .groups(KeyExchangeGroup.X25519, KeyExchangeGroup.SECP256R1)
                                .build(),
                        server().externalPsk(psk("site-1", 1))
                                .groups(KeyExchangeGroup.SECP256R1)
                                .build())
                .run();
        HandshakeTest.assertComplete(pair);
    }

    @Test
    void anotherKeyOfTheSameNameIsADecryptError() {
        HandshakePair pair = new HandshakePair(
                        client().externalPsk(psk("site-1", 1)).build(),
                        server().externalPsk(psk("site-1", 9)).build())
                .run();
        assertNotNull(pair.server.failure);
        assertEquals(DECRYPT_ERROR, pair.server.failure.errorCode());
        assertFalse(pair.client.isComplete());
    }

    @Test
    void aServerWithoutCertificatesRefusesAKeyThatItDoesNotKnow() {
        HandshakePair pair = new HandshakePair(
                        client().externalPsk(psk("site-7", 1)).build(),
                        server().externalPsk(psk("site-1", 1)).build())
                .run();
        assertNotNull(pair.server.failure);
        assertEquals(HANDSHAKE_FAILURE, pair.server.failure.errorCode());
    }

    @Test
    void aClientThatTrustsTheKeyOnlyRefusesAServerWithACertificate() {
        HandshakePair pair = new HandshakePair(
                        client().externalPsk(psk("site-1", 1)).build(),
                        HandshakeTest.server().build())
                .run();
        assertNotNull(pair.client.failure);
        assertEquals(HANDSHAKE_FAILURE, pair.client.failure.errorCode());
        assertTrue(pair.client.all(TlsEvent.SecretsAvailable.class).stream()
                .noneMatch(secrets -> secrets.level() == EncryptionLevel.ONE_RTT));
    }

    @Test
    void aClientWithTrustAnchorsFallsBackToCertificates() {
        HandshakePair pair = new HandshakePair(
                        HandshakeTest.client().externalPsk(psk("site-1", 1)).build(),
                        HandshakeTest.server().build())
                .run();
        HandshakeTest.assertComplete(pair);
        assertEquals(
                HandshakeTest.SERVER.chain(),
                pair.client.only(TlsEvent.HandshakeComplete.class).peerChain());
    }

    @Test
    void aServerThatRequiresCertificatesLetsInWhoHasTheKey() {
        TlsServerConfig server = HandshakeTest.server()
                .clientTrust(HandshakeTest.AUTHORITY.anchors())
                .externalPsk(psk("site-1", 1))
                .build();
        HandshakeTest.assertComplete(
                new HandshakePair(client().externalPsk(psk("site-1", 1)).build(), server).run());
        HandshakePair without = new HandshakePair(HandshakeTest.client().build(), server).run();
        assertNotNull(without.server.failure, "and nobody else");
    }

    /** A key can be taken away from a server, and a ticket would outlive it. */
    @Test
    void whoCameWithAKeyGetsNoTicket() {
        SessionStore none = new SessionStore() {
            @Override
            public void put(String key, Session session) {
                throw new AssertionError("a session was kept");
            }

            @Override
            public @Nullable Session take(String key) {
                return null;
            }
        };
        HandshakePair pair = new HandshakePair(
                        client().serverName("tunnel.example")
                                .externalPsk(psk("site-1", 1))
                                .sessions(none)
                                .build(),
                        server().externalPsk(psk("site-1", 1))
                                .resumption(Duration.ofHours(1))
                                .build())
                .run();
        HandshakeTest.assertComplete(pair);
        assertNull(pair.client.failure);
    }

    @Test
    void weakKeysAndSuitesThatDoNotFitAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> new ExternalPsk(new byte[1], new byte[15]));
        assertThrows(IllegalArgumentException.class, () -> new ExternalPsk(new byte[0], new byte[16]));
        assertThrows(
                IllegalArgumentException.class,
                () -> client().externalPsk(psk("site-1", 1))
                        .cipherSuites(CipherSuite.TLS_AES_256_GCM_SHA384)
                        .build());
        assertThrows(IllegalArgumentException.class, () -> server().build());
        assertThrows(IllegalArgumentException.class, () -> client().build());
    }

    @Test
    void aKeyIsNotPrinted() {
        assertFalse(psk("site-1", 1).toString().contains("0101"));
    }
}
