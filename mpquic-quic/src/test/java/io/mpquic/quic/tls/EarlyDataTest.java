package io.mpquic.quic.tls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.conformance.Requirement;
import io.mpquic.quic.crypto.CipherSuite;
import io.mpquic.quic.wire.ConnectionId;
import io.mpquic.quic.wire.EncryptionLevel;
import io.mpquic.quic.wire.RememberedParameters;
import io.mpquic.quic.wire.TransportParameters;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Early data as TLS agrees on them (RFC 8446 §4.2.10, §8; RFC 9001 §4.6). */
class EarlyDataTest {
    private static final int EARLY_DATA = 42;

    private Instant now = TestAuthority.NOW;
    private final InstantSource clock = () -> now;
    private final Held store = new Held();
    private byte[] parameters = parameters(1000, 1200);

    /** A store that can be looked into, and filled again. */
    private static final class Held implements SessionStore {
        @Nullable Session session;

        @Override
        public void put(String key, Session fresh) {
            session = fresh;
        }

        @Override
        public @Nullable Session take(String key) {
            Session taken = session;
            session = null;
            return taken;
        }
    }

    private static byte[] parameters(long maxData, long maxDatagram) {
        return TransportParameters.builder()
                .originalDestinationConnectionId(new ConnectionId(new byte[8]))
                .initialSourceConnectionId(new ConnectionId(new byte[] {1}))
                .initialMaxData(maxData)
                .maxDatagramFrameSize(maxDatagram)
                .build()
                .encode();
    }

    private TlsClientConfig.Builder client() {
        return HandshakeTest.client().clock(clock).sessions(store).earlyData();
    }

    private TlsServerConfig.Builder server() {
        return HandshakeTest.server()
                .clock(clock)
                .resumption(Duration.ofHours(2))
                .earlyData();
    }

    private HandshakePair pair(TlsClientConfig client, TlsServerConfig server) {
        return new HandshakePair(client, server).serverParameters(parameters);
    }

    private HandshakePair run(TlsClientConfig client, TlsServerConfig server) {
        HandshakePair pair = pair(client, server).run();
        assertNull(pair.client.failure);
        assertNull(pair.server.failure);
        assertTrue(pair.isComplete());
        return pair;
    }

    /** What the client was told, null when it asked for nothing; both ends must be of one opinion. */
    private static @Nullable Boolean accepted(HandshakePair pair) {
        List<TlsEvent.EarlyDataDecided> decided = pair.client.all(TlsEvent.EarlyDataDecided.class);
        boolean serverReads = !pair.server.all(TlsEvent.EarlySecret.class).isEmpty();
        assertEquals(decided.size(), pair.client.all(TlsEvent.EarlySecret.class).size());
        if (decided.isEmpty()) {
            assertFalse(serverReads);
            return null;
        }
        assertEquals(1, decided.size());
        assertEquals(serverReads, decided.getFirst().accepted());
        return serverReads;
    }

    @ParameterizedTest
    @EnumSource(CipherSuite.class)
    void aResumedSessionCarriesEarlyDataWithEverySuite(CipherSuite suite) {
        TlsServerConfig server = server().build();
        TlsClientConfig client = client().cipherSuites(suite).build();
        assertNull(accepted(run(client, server)), "there is no session yet");
        for (int i = 0; i < 3; i++) {
            now = now.plusSeconds(60);
            HandshakePair pair = run(client, server);
            assertEquals(true, accepted(pair));
            TlsEvent.EarlySecret ofClient = pair.client.only(TlsEvent.EarlySecret.class);
            TlsEvent.EarlySecret ofServer = pair.server.only(TlsEvent.EarlySecret.class);
            assertArrayEquals(ofClient.secret(), ofServer.secret());
            assertEquals(suite, ofServer.suite());
            assertEquals(suite, ofClient.suite());
            RememberedParameters remembered = ofClient.parameters();
            assertNotNull(remembered);
            assertEquals(1000, remembered.values().initialMaxData());
            assertTrue(pair.client.only(TlsEvent.HandshakeComplete.class).resumed());
        }
    }

    @Requirement("9001-5.6-1")
    @Test
    void withoutBeingAskedForNeitherEndDealsInEarlyData() {
        TlsServerConfig willing = server().build();
        TlsClientConfig plain =
                HandshakeTest.client().clock(clock).sessions(store).build();
        run(plain, willing);
        HandshakePair second = run(plain, willing);
        assertTrue(second.client.only(TlsEvent.HandshakeComplete.class).resumed());
        assertNull(accepted(second));

        TlsServerConfig unwilling = HandshakeTest.server()
                .clock(clock)
                .resumption(Duration.ofHours(2))
                .build();
        run(client().build(), unwilling);
        assertNull(accepted(run(client().build(), unwilling)), "its ticket permits none");
    }

    @Requirement("9001-4.6.1-1")
    @Test
    void aTicketPermitsUnlimitedEarlyDataOrSaysNothing() throws Exception {
        TlsServerConfig plain = HandshakeTest.server()
                .clock(clock)
                .resumption(Duration.ofHours(2))
                .build();
        for (boolean early : new boolean[] {true, false}) {
            HandshakePair pair = run(client().build(), early ? server().build() : plain);
            byte[] message = pair.server.all(TlsEvent.HandshakeData.class).stream()
                    .filter(data -> data.level() == EncryptionLevel.ONE_RTT)
                    .findFirst()
                    .orElseThrow()
                    .data();
            assertEquals(early, SessionTicket.parse(message).earlyData());
            String end = HexFormat.of().formatHex(message, message.length - (early ? 10 : 2), message.length);
            assertEquals(early ? "0008002a0004ffffffff" : "0000", end);
        }
    }

    /** RFC 8446 §8: the same first flight, at the same server, is not a second message of the client. */
    @Requirement("9001-9.2-1")
    @Test
    void aReplayedClientHelloIsNotBelievedAgain() throws Exception {
        TlsServerConfig server = server().build();
        run(client().build(), server);
        HandshakePair first = run(client().build(), server);
        assertEquals(true, accepted(first));
        byte[] hello = first.client.all(TlsEvent.HandshakeData.class).getFirst().data();
        for (int i = 0; i < 3; i++) {
            HandshakePair.End replayed = new HandshakePair.End(server.newEngine());
            replayed.engine.start(parameters);
            replayed.engine.receive(EncryptionLevel.INITIAL, hello);
            replayed.drain();
            assertTrue(replayed.all(TlsEvent.EarlySecret.class).isEmpty());
            assertFalse(replayed.all(TlsEvent.SecretsAvailable.class).isEmpty(), "the session is resumed all the same");
        }
    }

    @Requirement("9001-9.2-1")
    @Test
    void aTicketIsGoodForEarlyDataOnce() {
        TlsServerConfig server = server().build();
        run(client().build(), server);
        Session session = store.session;
        assertEquals(true, accepted(run(client().build(), server)));
        store.session = session;
        assertEquals(false, accepted(run(client().build(), server)));
    }

    /** RFC 8446 §8.3: held back by an attacker, or made by a client whose clock is wrong. */
    @Requirement("9001-9.2-1")
    @ParameterizedTest
    @ValueSource(ints = {-11_000, -10_000, 0, 10_000, 11_000})
    void aClientHelloIsFreshForTenSeconds(int delayMs) throws Exception {
        TlsServerConfig server = server().build();
        run(client().build(), server);
        now = now.plusSeconds(300);
        HandshakePair.End client = new HandshakePair.End(client().build().newEngine());
        client.engine.start(HandshakePair.CLIENT_PARAMETERS);
        client.drain();
        now = now.plusMillis(delayMs);
        HandshakePair.End late = new HandshakePair.End(server.newEngine());
        late.engine.start(parameters);
        late.engine.receive(
                EncryptionLevel.INITIAL,
                client.only(TlsEvent.HandshakeData.class).data());
        late.drain();
        assertEquals(
                Math.abs(delayMs) <= 10_000,
                !late.all(TlsEvent.EarlySecret.class).isEmpty());
    }

    @Test
    void whatIsTooFarBackToBeRememberedIsRefused() {
        ReplayGuard guard = new ReplayGuard();
        RememberedParameters any =
                RememberedParameters.of(TransportParameters.builder().build());
        List<EarlyTerms> terms = new ArrayList<>();
        for (int i = 0; i <= ReplayGuard.WINDOW + 1; i++) {
            terms.add(new EarlyTerms(guard.newSerial(), 0, now, any));
        }
        assertTrue(guard.admit(terms.get(1), 0, now));
        assertTrue(guard.admit(terms.get(ReplayGuard.WINDOW), 0, now));
        assertFalse(guard.admit(terms.get(0), 0, now), "out of the window");
        assertFalse(guard.admit(terms.get(1), 0, now));
        assertTrue(guard.admit(terms.get(2), 0, now));
        assertTrue(guard.admit(terms.get(ReplayGuard.WINDOW + 1), 0, now));
        assertFalse(guard.admit(terms.get(1), 0, now), "out of the window, whose place belongs to another now");
        assertFalse(guard.admit(new EarlyTerms(ReplayGuard.WINDOW + 2L, 0, now, any), 0, now), "never given");
    }

    @Requirement({"9000-7.4.1-5", "9000-7.4.1-6", "9000-7.4.1-7", "9221-3-5"})
    @Test
    void aServerThatAllowsLessThanItDidRefuses() {
        TlsServerConfig server = server().build();
        run(client().build(), server);
        parameters = parameters(999, 1200);
        assertEquals(false, accepted(run(client().build(), server)), "fewer bytes");
        assertEquals(true, accepted(run(client().build(), server)), "the new ticket says so");
        parameters = parameters(2000, 1199);
        assertEquals(false, accepted(run(client().build(), server)), "smaller datagrams");
        parameters = parameters(2000, 1200);
        assertEquals(true, accepted(run(client().build(), server)));
    }

    @Test
    void anotherSuiteOfTheSameHashResumesWithoutEarlyData() {
        TlsServerConfig server = server().build();
        run(client().cipherSuites(CipherSuite.TLS_AES_128_GCM_SHA256).build(), server);
        TlsClientConfig first = client().cipherSuites(
                        CipherSuite.TLS_CHACHA20_POLY1305_SHA256, CipherSuite.TLS_AES_128_GCM_SHA256)
                .build();
        HandshakePair pair = run(first, server);
        assertTrue(pair.client.only(TlsEvent.HandshakeComplete.class).resumed());
        assertEquals(false, accepted(pair));

        run(client().cipherSuites(CipherSuite.TLS_AES_128_GCM_SHA256).build(), server);
        TlsClientConfig other =
                client().cipherSuites(CipherSuite.TLS_CHACHA20_POLY1305_SHA256).build();
        assertNull(accepted(run(other, server)), "not even asked for");
    }

    /** RFC 8446 §4.1.2: the second ClientHello does not ask again. */
    @Test
    void aHelloRetryRequestRefuses() {
        TlsClientConfig client = client().groups(KeyExchangeGroup.X25519, KeyExchangeGroup.SECP256R1)
                .build();
        TlsServerConfig server = server().groups(KeyExchangeGroup.SECP256R1).build();
        run(client, server);
        HandshakePair pair = run(client, server);
        assertTrue(pair.client.only(TlsEvent.HandshakeComplete.class).resumed());
        assertEquals(false, accepted(pair));
        int decided = pair.client.events.indexOf(pair.client.only(TlsEvent.EarlyDataDecided.class));
        int secrets = pair.client.events.indexOf(pair.client.secrets(EncryptionLevel.HANDSHAKE));
        assertTrue(decided < secrets, "known before the server's second answer");
    }

    @Test
    void aServerThatDoesNotKnowTheSessionRefuses() {
        run(client().build(), server().build());
        HandshakePair pair = run(client().build(), server().build());
        assertFalse(pair.client.only(TlsEvent.HandshakeComplete.class).resumed());
        assertEquals(false, accepted(pair));
    }

    /** RFC 8446 §4.2: what was not asked for is not answered. */
    @Test
    void anAnswerThatWasNotAskedForIsAnUnsupportedExtension() {
        TlsServerConfig server = server().build();
        TlsClientConfig plain =
                HandshakeTest.client().clock(clock).sessions(store).build();
        HandshakePair pair = pair(plain, server)
                .over((fromClient, level, data) ->
                        !fromClient && level == EncryptionLevel.HANDSHAKE ? withEarlyData(data) : data)
                .run();
        assertNotNull(pair.client.failure);
        assertEquals(0x16e, pair.client.failure.errorCode());
    }

    /** RFC 8446 §4.2.10: only of the session that they were sent under. */
    @Test
    void earlyDataOfNoSessionAreAnIllegalParameter() {
        run(client().build(), server().build());
        HandshakePair pair = pair(client().build(), server().build())
                .over((fromClient, level, data) ->
                        !fromClient && level == EncryptionLevel.HANDSHAKE ? withEarlyData(data) : data)
                .run();
        assertNotNull(pair.client.failure);
        assertEquals(0x12f, pair.client.failure.errorCode());
    }

    /** Adds the extension to EncryptedExtensions, which begin the flight. */
    private static byte[] withEarlyData(byte[] flight) {
        byte[] changed = new byte[flight.length + 4];
        int bodyBytes = (flight[2] & 0xff) << 8 | (flight[3] & 0xff);
        int listBytes = (flight[4] & 0xff) << 8 | (flight[5] & 0xff);
        int end = 4 + bodyBytes;
        System.arraycopy(flight, 0, changed, 0, end);
        changed[2] = (byte) ((bodyBytes + 4) >> 8);
        changed[3] = (byte) (bodyBytes + 4);
        changed[4] = (byte) ((listBytes + 4) >> 8);
        changed[5] = (byte) (listBytes + 4);
        changed[end + 1] = EARLY_DATA;
        System.arraycopy(flight, end, changed, end + 4, flight.length - end);
        return changed;
    }

    /** RFC 9001 §8.3: TLS over TCP would say with this message where early data end. */
    @Requirement("9001-8.3-1")
    @Test
    void aClientSendsNoEndOfEarlyData() {
        TlsServerConfig server = server().build();
        run(client().build(), server);
        HandshakePair pair = run(client().build(), server);
        assertEquals(true, accepted(pair));
        List<Integer> types = new ArrayList<>();
        for (TlsEvent.HandshakeData data : pair.client.all(TlsEvent.HandshakeData.class)) {
            byte[] bytes = data.data();
            for (int at = 0; at < bytes.length; ) {
                types.add((int) bytes[at]);
                at += 4 + ((bytes[at + 1] & 0xff) << 16 | (bytes[at + 2] & 0xff) << 8 | (bytes[at + 3] & 0xff));
            }
        }
        assertEquals(List.of(1, 20), types, "ClientHello, Finished");
    }

    @Test
    void theKeyLogHasTheSecretOfEarlyData() {
        List<String> lines = new ArrayList<>();
        TlsServerConfig server = server().keyLog(lines::add).build();
        run(client().build(), server);
        lines.clear();
        List<String> ofClient = new ArrayList<>();
        HandshakePair pair = run(client().keyLog(ofClient::add).build(), server);
        assertEquals(lines, ofClient);
        byte[] hello = pair.client.all(TlsEvent.HandshakeData.class).getFirst().data();
        HexFormat hex = HexFormat.of();
        assertEquals(
                "CLIENT_EARLY_TRAFFIC_SECRET " + hex.formatHex(hello, 6, 38) + " "
                        + hex.formatHex(
                                pair.client.only(TlsEvent.EarlySecret.class).secret()),
                lines.getFirst());
    }

    @Test
    void whatMakesNoSenseIsRefused() {
        assertThrows(
                IllegalArgumentException.class,
                () -> HandshakeTest.client().earlyData().build());
        assertThrows(
                IllegalArgumentException.class,
                () -> HandshakeTest.server().earlyData().build());
        TlsServerConfig.Builder shared = server().ticketKey(new byte[32]);
        assertThrows(IllegalArgumentException.class, shared::build, "another server could be sent the same again");
    }
}
