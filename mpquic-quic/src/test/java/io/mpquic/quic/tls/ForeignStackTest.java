package io.mpquic.quic.tls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.crypto.CipherSuite;
import io.mpquic.quic.wire.EncryptionLevel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.List;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import tech.kwik.agent15.NewSessionTicket;
import tech.kwik.agent15.ProtectionKeysType;
import tech.kwik.agent15.TlsConstants;
import tech.kwik.agent15.engine.CertificateWithPrivateKey;
import tech.kwik.agent15.engine.ClientMessageSender;
import tech.kwik.agent15.engine.MessageProcessor;
import tech.kwik.agent15.engine.ServerMessageSender;
import tech.kwik.agent15.engine.TlsClientEngine;
import tech.kwik.agent15.engine.TlsClientEngineFactory;
import tech.kwik.agent15.engine.TlsMessageParser;
import tech.kwik.agent15.engine.TlsServerEngine;
import tech.kwik.agent15.engine.TlsServerEngineFactory;
import tech.kwik.agent15.engine.TlsStatusEventHandler;
import tech.kwik.agent15.extension.ApplicationLayerProtocolNegotiationExtension;
import tech.kwik.agent15.extension.Extension;
import tech.kwik.agent15.handshake.CertificateMessage;
import tech.kwik.agent15.handshake.CertificateVerifyMessage;
import tech.kwik.agent15.handshake.ClientHello;
import tech.kwik.agent15.handshake.EncryptedExtensions;
import tech.kwik.agent15.handshake.FinishedMessage;
import tech.kwik.agent15.handshake.HandshakeMessage;
import tech.kwik.agent15.handshake.NewSessionTicketMessage;
import tech.kwik.agent15.handshake.ServerHello;

/** Handshakes with a TLS stack of other authors (agent15, which shares no code with BouncyCastle), in both roles. */
class ForeignStackTest {
    private static final byte[] FOREIGN_PARAMETERS = {4, 2, 0x40, 0x64};

    /** What the foreign end has sent and not been taken yet. */
    private record Sent(EncryptionLevel level, byte[] bytes) {}

    private final ArrayDeque<Sent> sent = new ArrayDeque<>();

    private static final class TransportParametersExtension extends Extension {
        @Override
        public byte[] getBytes() {
            return ByteBuffer.allocate(4 + FOREIGN_PARAMETERS.length)
                    .putShort((short) Messages.TRANSPORT_PARAMETERS)
                    .putShort((short) FOREIGN_PARAMETERS.length)
                    .put(FOREIGN_PARAMETERS)
                    .array();
        }
    }

    private void queue(HandshakeMessage message, EncryptionLevel level) {
        sent.add(new Sent(level, message.getBytes()));
    }

    /** Carries messages until both ends are silent. */
    private void run(HandshakePair.End ours, MessageProcessor foreign) throws Exception {
        TlsMessageParser parser = new TlsMessageParser();
        boolean moved = true;
        while (moved) {
            moved = false;
            for (TlsEvent event : ours.drain()) {
                if (event instanceof TlsEvent.HandshakeData(EncryptionLevel level, byte[] data)) {
                    moved = true;
                    ProtectionKeysType keys = switch (level) {
                        case INITIAL -> ProtectionKeysType.None;
                        case HANDSHAKE -> ProtectionKeysType.Handshake;
                        case ZERO_RTT, ONE_RTT -> ProtectionKeysType.Application;
                    };
                    ByteBuffer buffer = ByteBuffer.wrap(data);
                    while (buffer.hasRemaining()) {
                        parser.parseAndProcessHandshakeMessage(buffer, foreign, keys);
                    }
                }
            }
            for (Sent next = sent.poll(); next != null; next = sent.poll()) {
                moved = true;
                ours.engine.receive(next.level(), next.bytes());
            }
        }
    }

    @ParameterizedTest
    @EnumSource(CipherSuite.class)
    void aForeignServerCompletes(CipherSuite suite) throws Exception {
        TlsServerEngine foreign = foreignServer(foreignServers(), suite);
        HandshakePair.End client = new HandshakePair.End(
                HandshakeTest.client().cipherSuites(suite).build().newEngine());
        client.engine.start(HandshakePair.CLIENT_PARAMETERS);
        run(client, foreign);
        assertEquals(suite, client.only(TlsEvent.HandshakeComplete.class).suite());
        assertArrayEquals(
                FOREIGN_PARAMETERS,
                client.only(TlsEvent.PeerTransportParameters.class).encoded());
        assertArrayEquals(
                foreign.getServerHandshakeTrafficSecret(),
                client.secrets(EncryptionLevel.HANDSHAKE).readSecret());
        assertArrayEquals(
                foreign.getClientHandshakeTrafficSecret(),
                client.secrets(EncryptionLevel.HANDSHAKE).writeSecret());
        assertSameTrafficSecrets(foreign, client);
    }

    private static void assertSameTrafficSecrets(TlsServerEngine foreign, HandshakePair.End client) {
        assertArrayEquals(
                foreign.getServerApplicationTrafficSecret(),
                client.secrets(EncryptionLevel.ONE_RTT).readSecret());
        assertArrayEquals(
                foreign.getClientApplicationTrafficSecret(),
                client.secrets(EncryptionLevel.ONE_RTT).writeSecret());
    }

    /** RFC 8446 §2.2: the foreign server gives a ticket, and takes it back. */
    @Test
    void aForeignServersSessionIsResumed() throws Exception {
        TlsServerEngineFactory servers = foreignServers();
        SessionStore store = SessionStore.inMemory(1);
        TlsClientConfig config = TlsClientConfig.builder()
                .alpn("mpquic")
                .serverName("tunnel.example")
                .insecure()
                .cipherSuites(CipherSuite.TLS_AES_128_GCM_SHA256)
                .clock(InstantSource.system())
                .sessions(store)
                .build();
        for (int round = 0; round < 3; round++) {
            TlsServerEngine foreign = foreignServer(servers, CipherSuite.TLS_AES_128_GCM_SHA256);
            HandshakePair.End client = new HandshakePair.End(config.newEngine());
            client.engine.start(HandshakePair.CLIENT_PARAMETERS);
            run(client, foreign);
            assertEquals(
                    round > 0, client.only(TlsEvent.HandshakeComplete.class).resumed());
            assertSameTrafficSecrets(foreign, client);
        }
    }

    /** RFC 8446 §2.2: the foreign client gets a ticket, and comes back with it. */
    @Test
    void aForeignClientsSessionIsResumed() throws Exception {
        TlsServerConfig config = HandshakeTest.server()
                .clock(InstantSource.system())
                .resumption(Duration.ofHours(1))
                .build();
        NewSessionTicket ticket = null;
        for (int round = 0; round < 3; round++) {
            TlsClientEngine foreign = foreignClient(TlsConstants.CipherSuite.TLS_AES_128_GCM_SHA256);
            if (ticket != null) {
                foreign.setNewSessionTicket(ticket);
            }
            HandshakePair.End server = new HandshakePair.End(config.newEngine());
            server.engine.start(HandshakePair.SERVER_PARAMETERS);
            foreign.startHandshake(
                    TlsConstants.NamedGroup.secp256r1, List.of(TlsConstants.SignatureScheme.ecdsa_secp256r1_sha256));
            run(server, foreign);
            assertTrue(foreign.handshakeFinished());
            assertEquals(
                    round > 0, server.only(TlsEvent.HandshakeComplete.class).resumed());
            assertArrayEquals(
                    foreign.getClientApplicationTrafficSecret(),
                    server.secrets(EncryptionLevel.ONE_RTT).readSecret());
            ticket = foreign.getNewSessionTickets().getLast();
        }
    }

    private TlsServerEngineFactory foreignServers() throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        Identity identity = HandshakeTest.SERVER;
        store.setKeyEntry(
                "server",
                identity.privateKey(),
                new char[] {'x'},
                identity.chain().toArray(Certificate[]::new));
        return new TlsServerEngineFactory(store, "server", new char[] {'x'});
    }

    private TlsServerEngine foreignServer(TlsServerEngineFactory servers, CipherSuite suite) {
        TlsServerEngine[] foreign = new TlsServerEngine[1];
        foreign[0] = servers.createServerEngine(new ForeignServerSender(), new Status() {
            @Override
            public void extensionsReceived(List<Extension> extensions) {
                foreign[0].setSelectedApplicationLayerProtocol("mpquic");
                foreign[0].addServerExtensions(new ApplicationLayerProtocolNegotiationExtension("mpquic"));
                foreign[0].addServerExtensions(new TransportParametersExtension());
            }
        });
        foreign[0].addSupportedCiphers(List.of(TlsConstants.CipherSuite.valueOf(suite.name())));
        return foreign[0];
    }

    private TlsClientEngine foreignClient(TlsConstants.CipherSuite suite) {
        TlsClientEngine foreign = TlsClientEngineFactory.createClientEngine(new ForeignClientSender(), new Status());
        foreign.setServerName("tunnel.example");
        foreign.setCompatibilityMode(false);
        foreign.addSupportedCiphers(List.of(suite));
        foreign.add(new ApplicationLayerProtocolNegotiationExtension("mpquic"));
        foreign.add(new TransportParametersExtension());
        foreign.setTrustManager(new TrustEverything());
        foreign.setHostnameVerifier((name, certificate) -> true);
        return foreign;
    }

    @ParameterizedTest
    @CsvSource({
        "TLS_AES_128_GCM_SHA256, secp256r1, false",
        "TLS_AES_128_GCM_SHA256, x25519, true",
        "TLS_AES_256_GCM_SHA384, x25519, true",
        "TLS_CHACHA20_POLY1305_SHA256, secp256r1, true",
    })
    void aForeignClientCompletes(TlsConstants.CipherSuite suite, TlsConstants.NamedGroup group, boolean withCertificate)
            throws Exception {
        TlsClientEngine foreign = foreignClient(suite);
        TlsServerConfig.Builder config = HandshakeTest.server();
        if (withCertificate) {
            config.clientTrust(HandshakeTest.AUTHORITY.anchors());
            foreign.setClientCertificateCallback(authorities -> new CertificateWithPrivateKey(
                    HandshakeTest.CLIENT.chain().get(0), HandshakeTest.CLIENT.privateKey()));
        }
        HandshakePair.End server = new HandshakePair.End(config.build().newEngine());
        server.engine.start(HandshakePair.SERVER_PARAMETERS);
        foreign.startHandshake(group, List.of(TlsConstants.SignatureScheme.ecdsa_secp256r1_sha256));
        for (Sent next = sent.poll(); next != null; next = sent.poll()) {
            server.engine.receive(next.level(), next.bytes());
        }
        run(server, foreign);

        assertTrue(foreign.handshakeFinished());
        TlsEvent.HandshakeComplete complete = server.only(TlsEvent.HandshakeComplete.class);
        assertEquals(suite.name(), complete.suite().name());
        assertEquals(withCertificate ? HandshakeTest.CLIENT.chain() : List.of(), complete.peerChain());
        assertArrayEquals(
                foreign.getClientHandshakeTrafficSecret(),
                server.secrets(EncryptionLevel.HANDSHAKE).readSecret());
        assertArrayEquals(
                foreign.getServerHandshakeTrafficSecret(),
                server.secrets(EncryptionLevel.HANDSHAKE).writeSecret());
        assertArrayEquals(
                foreign.getClientApplicationTrafficSecret(),
                server.secrets(EncryptionLevel.ONE_RTT).readSecret());
        assertArrayEquals(
                foreign.getServerApplicationTrafficSecret(),
                server.secrets(EncryptionLevel.ONE_RTT).writeSecret());
        assertNotNull(foreign.getServerCertificateChain());
    }

    private final class ForeignServerSender implements ServerMessageSender {
        @Override
        public void send(ServerHello message) {
            queue(message, EncryptionLevel.INITIAL);
        }

        @Override
        public void send(EncryptedExtensions message) {
            queue(message, EncryptionLevel.HANDSHAKE);
        }

        @Override
        public void send(CertificateMessage message) {
            queue(message, EncryptionLevel.HANDSHAKE);
        }

        @Override
        public void send(CertificateVerifyMessage message) {
            queue(message, EncryptionLevel.HANDSHAKE);
        }

        @Override
        public void send(FinishedMessage message) {
            queue(message, EncryptionLevel.HANDSHAKE);
        }

        @Override
        public void send(NewSessionTicketMessage message) throws IOException {
            queue(message, EncryptionLevel.ONE_RTT);
        }
    }

    private final class ForeignClientSender implements ClientMessageSender {
        @Override
        public void send(ClientHello message) {
            queue(message, EncryptionLevel.INITIAL);
        }

        @Override
        public void send(FinishedMessage message) {
            queue(message, EncryptionLevel.HANDSHAKE);
        }

        @Override
        public void send(CertificateMessage message) {
            queue(message, EncryptionLevel.HANDSHAKE);
        }

        @Override
        public void send(CertificateVerifyMessage message) {
            queue(message, EncryptionLevel.HANDSHAKE);
        }
    }

    private static class Status implements TlsStatusEventHandler {
        @Override
        public void earlySecretsKnown() {}

        @Override
        public void handshakeSecretsKnown() {}

        @Override
        public void handshakeFinished() {}

        @Override
        public void newSessionTicketReceived(NewSessionTicket ticket) {}

        @Override
        public void extensionsReceived(List<Extension> extensions) {}

        @Override
        public boolean isEarlyDataAccepted() {
            return false;
        }
    }

    private static final class TrustEverything implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
