package io.mpquic.quic.tls;

import static io.mpquic.quic.crypto.CipherSuite.TLS_AES_128_GCM_SHA256;
import static io.mpquic.quic.crypto.CipherSuite.TLS_AES_256_GCM_SHA384;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/**
 * A HelloRetryRequest settles the hash, and with it which of the offered keys can still be taken (RFC 8446 §4.1.4): the
 * second ClientHello leaves the others out.
 */
class PskAfterRetryTest {
    private static final byte[] IDENTITY = {7, 7, 7};

    private final SessionStore store = SessionStore.inMemory(1);
    private Instant now = TestAuthority.NOW;

    /** A client that keeps sessions, and knows more groups than the servers to come. */
    private TlsClientConfig.Builder client() {
        return HandshakeTest.client()
                .clock(() -> now)
                .sessions(store)
                .groups(KeyExchangeGroup.X25519, KeyExchangeGroup.SECP256R1)
                .cipherSuites(TLS_AES_256_GCM_SHA384, TLS_AES_128_GCM_SHA256);
    }

    private TlsServerConfig.Builder server() {
        return HandshakeTest.server().clock(() -> now).resumption(Duration.ofHours(1));
    }

    /** A server that asks for another group, and has one hash only: not that of the session. */
    private TlsServerConfig.Builder asking() {
        return server().groups(KeyExchangeGroup.SECP256R1).cipherSuites(TLS_AES_128_GCM_SHA256);
    }

    private void obtainSession() {
        HandshakePair first = new HandshakePair(client().build(), server().build()).run();
        HandshakeTest.assertComplete(first);
        assertEquals(
                TLS_AES_256_GCM_SHA384,
                first.client.only(TlsEvent.HandshakeComplete.class).suite());
        now = now.plusSeconds(60);
    }

    private static TlsEvent.HandshakeComplete complete(HandshakePair pair) {
        HandshakeTest.assertComplete(pair);
        assertEquals(3, pair.client.all(TlsEvent.HandshakeData.class).size(), "two ClientHellos and a Finished");
        return pair.client.only(TlsEvent.HandshakeComplete.class);
    }

    @Test
    void aSessionWithAnotherHashIsDroppedAndTheServerShowsItsCertificate() {
        obtainSession();
        TlsEvent.HandshakeComplete complete = complete(new HandshakePair(client().build(), asking().build()).run());
        assertFalse(complete.resumed());
        assertFalse(complete.peerChain().isEmpty());
    }

    @Test
    void whereTheSessionIsDroppedAnExternalKeyIsOfferedStill() {
        obtainSession();
        ExternalPsk key = new ExternalPsk(IDENTITY, new byte[32]);
        HandshakePair second = new HandshakePair(
                        client().externalPsk(key).build(),
                        asking().externalPsk(key).build())
                .run();
        TlsEvent.HandshakeComplete complete = complete(second);
        assertFalse(complete.resumed());
        assertTrue(complete.peerChain().isEmpty(), "the key stands for the server");
    }
}
