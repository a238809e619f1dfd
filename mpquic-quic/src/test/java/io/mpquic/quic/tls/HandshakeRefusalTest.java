package io.mpquic.quic.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.conformance.Requirement;
import io.mpquic.quic.crypto.CipherSuite;
import io.mpquic.quic.wire.EncryptionLevel;
import io.mpquic.quic.wire.TransportError;
import io.mpquic.quic.wire.TransportException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Handshakes that fail, and the error codes that they fail with. */
class HandshakeRefusalTest {
    private static final int CRYPTO_FRAME = 0x06;

    private static HandshakePair pair(TlsClientConfig.Builder client, TlsServerConfig.Builder server) {
        return new HandshakePair(client.build(), server.build());
    }

    private static HandshakePair pair() {
        return pair(HandshakeTest.client(), HandshakeTest.server());
    }

    private static void assertFailure(long code, String words, @Nullable TransportException failure) {
        assertNotNull(failure, "no failure");
        assertEquals(code, failure.errorCode(), failure.getMessage());
        assertEquals(CRYPTO_FRAME, failure.frameType());
        assertTrue(failure.reason().contains(words), failure.reason());
    }

    @Test
    void withoutACommonApplicationProtocolTheServerRefuses() {
        HandshakePair pair =
                pair(HandshakeTest.client().alpn("h3"), HandshakeTest.server()).run();
        assertFailure(0x178, "none of the application protocols [mpquic]", pair.server.failure);
        assertFalse(pair.client.isComplete());
    }

    @Requirement("9001-8.1-1")
    @Test
    void aClientWithoutApplicationProtocolsIsRefused() {
        HandshakePair pair = pair().over((fromClient, level, data) -> level == EncryptionLevel.INITIAL && fromClient
                        ? Messages.edit(
                                data, Messages.CLIENT_HELLO, list -> list.removeIf(e -> e.type() == Messages.ALPN))
                        : data)
                .run();
        assertFailure(0x178, "none of the application protocols", pair.server.failure);
    }

    @Requirement("9001-8.1-3")
    @Test
    void aServerThatChoosesNoApplicationProtocolIsRefused() {
        HandshakePair pair = editServer(list -> list.removeIf(e -> e.type() == Messages.ALPN));
        assertFailure(0x178, "the server chose none", pair.client.failure);
    }

    @Requirement("9001-8.1-6")
    @Test
    void aServerThatChoosesAProtocolThatWasNotOfferedIsRefused() {
        HandshakePair pair = editServer(list -> {
            list.removeIf(e -> e.type() == Messages.ALPN);
            list.add(new Messages.Extension(Messages.ALPN, new byte[] {0, 3, 2, 'h', '3'}));
        });
        assertFailure(0x100 + 47, "not offered", pair.client.failure);
    }

    @Test
    void aClientWithoutTransportParametersIsRefused() {
        HandshakePair pair = pair().over((fromClient, level, data) -> level == EncryptionLevel.INITIAL && fromClient
                        ? Messages.edit(
                                data,
                                Messages.CLIENT_HELLO,
                                list -> list.removeIf(e -> e.type() == Messages.TRANSPORT_PARAMETERS))
                        : data)
                .run();
        assertFailure(0x16d, "no quic_transport_parameters", pair.server.failure);
    }

    @Test
    void aServerWithoutTransportParametersIsRefused() {
        HandshakePair pair = editServer(list -> list.removeIf(e -> e.type() == Messages.TRANSPORT_PARAMETERS));
        assertFailure(0x16d, "no quic_transport_parameters", pair.client.failure);
    }

    @Test
    void aServerThatAnswersWhatWasNotAskedIsRefused() {
        HandshakePair pair = editServer(list -> list.add(new Messages.Extension(0x1234, new byte[0])));
        assertFailure(0x100 + 110, "unsupported_extension", pair.client.failure);
    }

    private static HandshakePair editServer(Messages.ExtensionEdit edit) {
        return pair().over((fromClient, level, data) -> level == EncryptionLevel.HANDSHAKE && !fromClient
                        ? Messages.edit(data, Messages.ENCRYPTED_EXTENSIONS, edit)
                        : data)
                .run();
    }

    @Test
    void withoutACommonCipherSuiteTheServerRefuses() {
        HandshakePair pair = pair(
                        HandshakeTest.client().cipherSuites(CipherSuite.TLS_AES_128_GCM_SHA256),
                        HandshakeTest.server().cipherSuites(CipherSuite.TLS_AES_256_GCM_SHA384))
                .run();
        assertFailure(0x100 + 40, "handshake_failure", pair.server.failure);
    }

    @Test
    void withoutACommonGroupTheServerRefuses() {
        HandshakePair pair = pair(
                        HandshakeTest.client().groups(KeyExchangeGroup.SECP256R1),
                        HandshakeTest.server().groups(KeyExchangeGroup.X25519))
                .run();
        assertFailure(0x100 + 40, "handshake_failure", pair.server.failure);
    }

    @Requirement("9001-4.2-2")
    @Test
    void aClientThatOffersOnlyOlderVersionsIsRefused() {
        HandshakePair pair = pair().over((fromClient, level, data) -> level == EncryptionLevel.INITIAL && fromClient
                        ? Messages.edit(data, Messages.CLIENT_HELLO, list -> list.removeIf(e -> e.type() == 43))
                        : data)
                .run();
        assertFailure(0x100 + 70, "protocol_version", pair.server.failure);
    }

    @Test
    void aClientInCompatibilityModeIsRefused() {
        HandshakePair pair = pair().over((fromClient, level, data) -> {
                    if (!fromClient || level != EncryptionLevel.INITIAL) {
                        return data;
                    }
                    byte[] body = Arrays.copyOfRange(data, 4, data.length);
                    byte[] changed = Messages.concat(
                            Arrays.copyOf(body, 34), new byte[] {1, 7}, Arrays.copyOfRange(body, 35, body.length));
                    return Messages.message(Messages.CLIENT_HELLO, changed);
                })
                .run();
        assertFailure(TransportError.PROTOCOL_VIOLATION, "legacy session ID", pair.server.failure);
    }

    @Test
    void aChangedFinishedIsRefusedByBothEnds() {
        for (boolean clientsOne : new boolean[] {true, false}) {
            HandshakePair pair = pair().over((fromClient, level, data) -> {
                        if (level == EncryptionLevel.HANDSHAKE && fromClient == clientsOne) {
                            data[data.length - 1] ^= 1;
                        }
                        return data;
                    })
                    .run();
            assertFailure(0x100 + 51, "decrypt_error", clientsOne ? pair.server.failure : pair.client.failure);
        }
    }

    // --- client certificates

    @Test
    void aClientWithoutACertificateIsRefusedWhenOneIsRequired() {
        HandshakePair pair = pair(
                        HandshakeTest.client(), HandshakeTest.server().clientTrust(HandshakeTest.AUTHORITY.anchors()))
                .run();
        assertFailure(0x100 + 116, "one is required", pair.server.failure);
        assertFalse(pair.server.isComplete());
        assertTrue(pair.client.isComplete(), "in TLS 1.3 the client learns of it only afterwards");
    }

    @Test
    void aClientOfAnotherAuthorityIsRefused() {
        Identity stranger = new TestAuthority("other").issue("client.example");
        HandshakePair pair = pair(
                        HandshakeTest.client().identity(stranger),
                        HandshakeTest.server().clientTrust(HandshakeTest.AUTHORITY.anchors()))
                .run();
        assertFailure(0x100 + 48, "not trusted", pair.server.failure);
        assertFalse(pair.server.isComplete());
    }

    @Test
    void aStolenCertificateWithoutItsKeyIsRefused() {
        // The chain of one identity, the signature of another.
        HandshakePair honest = pair(
                        HandshakeTest.client().identity(HandshakeTest.CLIENT),
                        HandshakeTest.server().clientTrust(HandshakeTest.AUTHORITY.anchors()))
                .run();
        byte[] stolen = Messages.split(
                        honest.client.all(TlsEvent.HandshakeData.class).get(1).data())
                .get(0);
        HandshakePair pair = pair(
                        HandshakeTest.client().identity(Identity.selfSigned("thief.example")),
                        HandshakeTest.server().clientTrust(HandshakeTest.AUTHORITY.anchors()))
                .over((fromClient, level, data) -> {
                    if (!fromClient || level != EncryptionLevel.HANDSHAKE) {
                        return data;
                    }
                    List<byte[]> own = Messages.split(data);
                    return Messages.concat(stolen, own.get(1), own.get(2));
                })
                .run();
        assertFailure(0x100 + 51, "decrypt_error", pair.server.failure);
    }

    // --- messages that QUIC does not have, or not here

    @ParameterizedTest
    @CsvSource({"24, KeyUpdate", "5, EndOfEarlyData", "13, CertificateRequest", "1, ClientHello", "99, type 99"})
    void messagesWithoutAPlaceAfterTheHandshakeAreRefusedByTheirTypeAlone(int type, String name) {
        HandshakePair pair = pair().run();
        for (HandshakePair.End end : List.of(pair.client, pair.server)) {
            assertFailure(
                    // RFC 9001 §4.4: a client takes a CertificateRequest for an error of QUIC's own
                    type == 13 && end == pair.client ? TransportError.PROTOCOL_VIOLATION : 0x10a,
                    name,
                    assertThrows(
                            TransportException.class,
                            () -> end.engine.receive(EncryptionLevel.ONE_RTT, new byte[] {(byte) type})));
        }
    }

    @Test
    void keyUpdateAndEndOfEarlyDataAreRefusedDuringTheHandshake() {
        for (int type : new int[] {24, 5}) {
            HandshakePair pair = pair().over(
                            (fromClient, level, data) -> fromClient && level == EncryptionLevel.HANDSHAKE
                                    ? Messages.concat(Messages.message(type, (byte) 0), data)
                                    : data)
                    .run();
            assertFailure(0x10a, "from a client at HANDSHAKE level", pair.server.failure);
        }
    }

    private static final byte[] TICKET =
            Messages.message(4, new byte[] {0, 0, 1, 0, 1, 2, 3, 4, 1, 9, 0, 2, 7, 7, 0, 0});

    @Requirement("9001-9.2-2")
    @Test
    void aClientIgnoresSessionTickets() throws Exception {
        HandshakePair pair = pair().run();
        byte[] twoTickets = Messages.concat(
                TICKET,
                // early_data with the only value that it may have in QUIC
                Messages.message(
                        4, new byte[] {0, 0, 1, 0, 1, 2, 3, 4, 0, 0, 1, 7, 0, 8, 0, 42, 0, 4, -1, -1, -1, -1}));
        for (byte oneByte : twoTickets) {
            pair.client.engine.receive(EncryptionLevel.ONE_RTT, new byte[] {oneByte});
        }
        assertNull(pair.client.engine.poll());
    }

    @Test
    void aServerIgnoresNothing() {
        HandshakePair pair = pair().run();
        assertFailure(
                0x10a,
                "NewSessionTicket from a client",
                assertThrows(
                        TransportException.class, () -> pair.server.engine.receive(EncryptionLevel.ONE_RTT, TICKET)));
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 12, 13, 15, 17, 19})
    void aTicketThatIsCutShortIsRefused(int bytes) {
        HandshakePair pair = pair().run();
        byte[] cut = Messages.message(4, Arrays.copyOfRange(TICKET, 4, bytes));
        assertFailure(
                0x100 + 50,
                "NewSessionTicket",
                assertThrows(TransportException.class, () -> pair.client.engine.receive(EncryptionLevel.ONE_RTT, cut)));
    }

    @Requirement("9001-4.6.1-2")
    @Test
    void aTicketWithAnotherLimitOfEarlyDataIsRefused() {
        HandshakePair pair = pair().run();
        byte[] ticket =
                Messages.message(4, new byte[] {0, 0, 1, 0, 1, 2, 3, 4, 0, 0, 1, 7, 0, 8, 0, 42, 0, 4, 0, 0, 64, 0});
        assertFailure(
                TransportError.PROTOCOL_VIOLATION,
                "early data",
                assertThrows(
                        TransportException.class, () -> pair.client.engine.receive(EncryptionLevel.ONE_RTT, ticket)));
    }

    // --- levels

    @Requirement("9001-4.1.3-3")
    @Test
    void whatFollowsTheLastMessageOfALevelIsRefused() {
        record Case(boolean fromClient, EncryptionLevel level) {}
        for (Case c : List.of(
                new Case(true, EncryptionLevel.INITIAL),
                new Case(false, EncryptionLevel.INITIAL),
                new Case(true, EncryptionLevel.HANDSHAKE),
                new Case(false, EncryptionLevel.HANDSHAKE))) {
            HandshakePair pair = pair().over(
                            (fromClient, level, data) -> fromClient == c.fromClient() && level == c.level()
                                    ? Messages.concat(data, new byte[] {20})
                                    : data)
                    .run();
            assertFailure(
                    TransportError.PROTOCOL_VIOLATION,
                    "more CRYPTO data at " + c.level(),
                    c.fromClient() ? pair.server.failure : pair.client.failure);
        }
    }

    @Requirement("9001-4.1.3-3")
    @Test
    void aMessageThatStraddlesTwoLevelsIsRefused() throws Exception {
        HandshakePair pair = pair().over(
                        (fromClient, level, data) -> level == EncryptionLevel.HANDSHAKE ? new byte[0] : data)
                .run();
        byte[] flight = pair.server.all(TlsEvent.HandshakeData.class).get(1).data();
        pair.client.engine.receive(EncryptionLevel.HANDSHAKE, Arrays.copyOf(flight, flight.length - 10));
        byte[] rest = Arrays.copyOfRange(flight, flight.length - 10, flight.length);
        assertFailure(
                TransportError.PROTOCOL_VIOLATION,
                "at ONE_RTT level while HANDSHAKE is in use",
                assertThrows(
                        TransportException.class, () -> pair.client.engine.receive(EncryptionLevel.ONE_RTT, rest)));
    }

    @Requirement("9001-4.1.3-2")
    @Test
    void newDataAtAnOldLevelIsRefused() {
        HandshakePair pair = pair().run();
        for (HandshakePair.End end : List.of(pair.client, pair.server)) {
            for (EncryptionLevel level : List.of(EncryptionLevel.INITIAL, EncryptionLevel.HANDSHAKE)) {
                assertFailure(
                        TransportError.PROTOCOL_VIOLATION,
                        "at ",
                        assertThrows(TransportException.class, () -> end.engine.receive(level, new byte[] {20, 0})));
            }
        }
    }

    @Requirement("9001-8.3-2")
    @Test
    void earlyDataNeverCarriesHandshakeMessages() throws Exception {
        TlsEngine engine = HandshakeTest.server().build().newEngine();
        engine.start(HandshakePair.SERVER_PARAMETERS);
        assertFailure(
                TransportError.PROTOCOL_VIOLATION,
                "ZERO_RTT",
                assertThrows(
                        TransportException.class,
                        () -> engine.receive(EncryptionLevel.ZERO_RTT, new byte[] {Messages.CLIENT_HELLO})));
    }

    // --- size

    @Test
    void anOversizeMessageIsRefusedByItsHeader() throws Exception {
        TlsEngine engine = HandshakeTest.server().build().newEngine();
        engine.start(HandshakePair.SERVER_PARAMETERS);
        engine.receive(EncryptionLevel.INITIAL, new byte[] {Messages.CLIENT_HELLO, 0, 0x40});
        assertFailure(
                0x100 + 47,
                "ClientHello of 16385 bytes",
                assertThrows(
                        TransportException.class, () -> engine.receive(EncryptionLevel.INITIAL, new byte[] {0x01})));
    }

    @Test
    void theFirstFailureIsFinal() throws Exception {
        TlsEngine engine = HandshakeTest.server().build().newEngine();
        engine.start(HandshakePair.SERVER_PARAMETERS);
        TransportException first =
                assertThrows(TransportException.class, () -> engine.receive(EncryptionLevel.INITIAL, new byte[] {24}));
        TransportException second = assertThrows(
                TransportException.class,
                () -> engine.receive(EncryptionLevel.INITIAL, new byte[] {Messages.CLIENT_HELLO}));
        assertSame(first, second);
    }
}
