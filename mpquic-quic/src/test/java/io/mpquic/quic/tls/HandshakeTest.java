package io.mpquic.quic.tls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.conformance.Requirement;
import io.mpquic.quic.crypto.CipherSuite;
import io.mpquic.quic.wire.EncryptionLevel;
import java.security.KeyPair;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Handshakes that succeed. */
class HandshakeTest {
    static final TestAuthority AUTHORITY = new TestAuthority("authority");
    static final Identity SERVER = AUTHORITY.issue("tunnel.example");
    static final Identity CLIENT = AUTHORITY.issue("client.example");
    static final InstantSource CLOCK = InstantSource.fixed(TestAuthority.NOW);

    static TlsClientConfig.Builder client() {
        return TlsClientConfig.builder()
                .alpn("mpquic")
                .serverName("tunnel.example")
                .trust(AUTHORITY.anchors())
                .clock(CLOCK);
    }

    static TlsServerConfig.Builder server() {
        return TlsServerConfig.builder().alpn("mpquic").identity(SERVER).clock(CLOCK);
    }

    static Stream<Arguments> suitesAndGroups() {
        return Stream.of(CipherSuite.values())
                .flatMap(suite -> Stream.of(KeyExchangeGroup.values()).map(group -> Arguments.of(suite, group)));
    }

    @Requirement("9000-7-1")
    @ParameterizedTest
    @MethodSource("suitesAndGroups")
    void everySuiteWorksWithEveryGroup(CipherSuite suite, KeyExchangeGroup group) {
        HandshakePair pair =
                new HandshakePair(client().cipherSuites(suite).groups(group).build(), server().build()).run();
        assertComplete(pair);
        assertEquals(suite, pair.client.only(TlsEvent.HandshakeComplete.class).suite());
        assertEquals(suite, pair.server.only(TlsEvent.HandshakeComplete.class).suite());
        for (EncryptionLevel level : List.of(EncryptionLevel.HANDSHAKE, EncryptionLevel.ONE_RTT)) {
            assertEquals(suite.hashBytes(), pair.client.secrets(level).readSecret().length);
        }
    }

    static void assertComplete(HandshakePair pair) {
        assertNull(pair.client.failure);
        assertNull(pair.server.failure);
        assertTrue(pair.isComplete());
        for (EncryptionLevel level : List.of(EncryptionLevel.HANDSHAKE, EncryptionLevel.ONE_RTT)) {
            assertArrayEquals(
                    pair.client.secrets(level).readSecret(),
                    pair.server.secrets(level).writeSecret());
            assertArrayEquals(
                    pair.client.secrets(level).writeSecret(),
                    pair.server.secrets(level).readSecret());
            assertFalse(java.util.Arrays.equals(
                    pair.client.secrets(level).writeSecret(),
                    pair.client.secrets(level).readSecret()));
        }
        assertArrayEquals(
                HandshakePair.SERVER_PARAMETERS,
                pair.client.only(TlsEvent.PeerTransportParameters.class).encoded());
        assertArrayEquals(
                HandshakePair.CLIENT_PARAMETERS,
                pair.server.only(TlsEvent.PeerTransportParameters.class).encoded());
        assertEquals(
                "mpquic", pair.client.only(TlsEvent.HandshakeComplete.class).alpn());
        assertEquals(
                "mpquic", pair.server.only(TlsEvent.HandshakeComplete.class).alpn());
    }

    private static List<String> story(HandshakePair.End end) {
        List<String> story = new ArrayList<>();
        for (TlsEvent event : end.events) {
            story.add(
                    switch (event) {
                        case TlsEvent.HandshakeData data -> "data " + data.level();
                        case TlsEvent.SecretsAvailable secrets -> "secrets " + secrets.level();
                        case TlsEvent.EarlySecret early -> "early secret";
                        case TlsEvent.EarlyDataDecided decided -> "early data decided";
                        case TlsEvent.PeerTransportParameters parameters -> "parameters";
                        case TlsEvent.HandshakeComplete complete -> "complete";
                    });
        }
        return story;
    }

    @Test
    void theServerHasItsOneRttSecretsRightAfterItsFinished() throws Exception {
        TlsEngine clientEngine = client().build().newEngine();
        clientEngine.start(HandshakePair.CLIENT_PARAMETERS);
        HandshakePair.End serverEnd = new HandshakePair.End(server().build().newEngine());
        serverEnd.engine.start(HandshakePair.SERVER_PARAMETERS);
        assertNull(serverEnd.engine.poll());
        if (clientEngine.poll() instanceof TlsEvent.HandshakeData(EncryptionLevel level, byte[] clientHello)) {
            serverEnd.engine.receive(level, clientHello);
        }
        serverEnd.drain();
        assertEquals(
                List.of("parameters", "data INITIAL", "secrets HANDSHAKE", "data HANDSHAKE", "secrets ONE_RTT"),
                story(serverEnd));
        List<Integer> flight = Messages.types(
                serverEnd.all(TlsEvent.HandshakeData.class).get(1).data());
        assertEquals(20, flight.get(flight.size() - 1), "the flight ends with Finished");
    }

    @Test
    void theServerIsCompleteOnlyWithTheClientsFinished() {
        HandshakePair pair = new HandshakePair(client().build(), server().build())
                .over((fromClient, level, data) ->
                        fromClient && level == EncryptionLevel.HANDSHAKE ? new byte[0] : data)
                .run();
        assertTrue(pair.client.isComplete());
        assertFalse(pair.server.isComplete());
        assertNull(pair.server.failure);
    }

    @Test
    void theClientHasItsOneRttSecretsOnceItsFinishedIsWritten() {
        HandshakePair pair = new HandshakePair(client().build(), server().build()).run();
        assertEquals(
                List.of(
                        "data INITIAL",
                        "secrets HANDSHAKE",
                        "parameters",
                        "data HANDSHAKE",
                        "secrets ONE_RTT",
                        "complete"),
                story(pair.client));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 100})
    void cryptoDataMayBeCutAnywhere(int chunkBytes) {
        assertComplete(new HandshakePair(
                        client().identity(CLIENT).build(),
                        server().clientTrust(AUTHORITY.anchors()).build())
                .inChunksOf(chunkBytes)
                .run());
    }

    @Test
    void bothEndsSeeTheOthersCertificatesWhenTheServerAsksForThem() {
        HandshakePair pair = new HandshakePair(
                        client().identity(CLIENT).build(),
                        server().clientTrust(AUTHORITY.anchors()).build())
                .run();
        assertComplete(pair);
        assertEquals(
                CLIENT.chain(),
                pair.server.only(TlsEvent.HandshakeComplete.class).peerChain());
        assertEquals(
                SERVER.chain(),
                pair.client.only(TlsEvent.HandshakeComplete.class).peerChain());
    }

    @Test
    void aClientKeepsItsCertificateToItselfWhenTheServerDoesNotAsk() {
        HandshakePair pair = new HandshakePair(client().identity(CLIENT).build(), server().build()).run();
        assertComplete(pair);
        assertEquals(
                List.of(), pair.server.only(TlsEvent.HandshakeComplete.class).peerChain());
    }

    @Test
    void aServerWithoutTheClientsFirstGroupAsksForAnotherKeyShare() {
        HandshakePair pair = new HandshakePair(
                        client().groups(KeyExchangeGroup.SECP384R1, KeyExchangeGroup.X25519)
                                .build(),
                        server().groups(KeyExchangeGroup.X25519).build())
                .run();
        assertComplete(pair);
        assertEquals(
                2,
                pair.client.all(TlsEvent.HandshakeData.class).stream()
                        .filter(data -> data.level() == EncryptionLevel.INITIAL)
                        .count());
    }

    @Test
    void aServerThatKnowsNoHybridTakesTheSecondKeyShare() {
        HandshakePair pair = new HandshakePair(
                        client().groups(KeyExchangeGroup.X25519MLKEM768, KeyExchangeGroup.X25519)
                                .build(),
                        server().groups(KeyExchangeGroup.X25519).build())
                .run();
        assertComplete(pair);
        assertEquals(1, pair.server.all(TlsEvent.PeerTransportParameters.class).size());
        assertEquals(2, pair.client.all(TlsEvent.HandshakeData.class).size());
    }

    static Stream<KeyPair> keys() {
        return Stream.of(
                TestAuthority.keyPair("EC", 256),
                TestAuthority.keyPair("EC", 384),
                TestAuthority.keyPair("Ed25519", 0),
                TestAuthority.keyPair("RSA", 2048));
    }

    @ParameterizedTest
    @MethodSource("keys")
    void everyKindOfKeySignsForBothRoles(KeyPair keys) {
        Identity identity = AUTHORITY.issue(
                new TestAuthority.Leaf().keys(keys).names("tunnel.example").commonName("any"));
        assertComplete(new HandshakePair(
                        client().identity(identity).build(),
                        server().identity(identity)
                                .clientTrust(AUTHORITY.anchors())
                                .build())
                .run());
    }

    @Requirement("9001-8.1-1")
    @Test
    void theServersOrderOfApplicationProtocolsDecides() {
        HandshakePair pair = new HandshakePair(
                        client().alpn("h3", "mpquic", "old").build(),
                        server().alpn("old", "mpquic").build())
                .run();
        assertEquals("old", pair.client.only(TlsEvent.HandshakeComplete.class).alpn());
        assertEquals("old", pair.server.only(TlsEvent.HandshakeComplete.class).alpn());
    }

    @Test
    void theClientsOrderOfCipherSuitesDecides() {
        HandshakePair pair = new HandshakePair(
                        client().cipherSuites(
                                        CipherSuite.TLS_CHACHA20_POLY1305_SHA256, CipherSuite.TLS_AES_128_GCM_SHA256)
                                .build(),
                        server().build())
                .run();
        assertEquals(
                CipherSuite.TLS_CHACHA20_POLY1305_SHA256,
                pair.server.only(TlsEvent.HandshakeComplete.class).suite());
    }

    @Test
    void aLongChainTravelsInOneFlight() {
        TestAuthority issuer = AUTHORITY;
        for (int i = 0; i < 4; i++) {
            issuer = issuer.intermediate("intermediate " + i);
        }
        // Padding makes the flight longer than one TLS record could be.
        Identity identity = issuer.issue(new TestAuthority.Leaf()
                .names("tunnel.example")
                .extension(
                        new org.bouncycastle.asn1.ASN1ObjectIdentifier("1.3.6.1.4.1.99999.1"),
                        false,
                        new org.bouncycastle.asn1.DEROctetString(new byte[40_000])));
        HandshakePair pair = new HandshakePair(
                        client().build(), server().identity(identity).build())
                .inChunksOf(1100)
                .run();
        assertComplete(pair);
        assertEquals(
                5,
                pair.client.only(TlsEvent.HandshakeComplete.class).peerChain().size());
    }

    @Test
    void anInsecureClientTakesAnyCertificate() {
        Identity unknown = Identity.selfSigned("elsewhere.example");
        TlsClientConfig config =
                TlsClientConfig.builder().alpn("mpquic").insecure().build();
        assertComplete(new HandshakePair(config, server().identity(unknown).build()).run());
    }

    @Test
    void anEngineStartsOnceAndBeforeItReceives() throws Exception {
        TlsEngine engine = client().build().newEngine();
        assertThrows(IllegalStateException.class, () -> engine.receive(EncryptionLevel.INITIAL, new byte[1]));
        engine.start(new byte[0]);
        assertThrows(IllegalStateException.class, () -> engine.start(new byte[0]));
    }
}
