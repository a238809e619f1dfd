package io.mpquic.quic.interop;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import tech.kwik.core.ConnectionTerminatedEvent;
import tech.kwik.core.QuicClientConnection;
import tech.kwik.core.QuicConnection;
import tech.kwik.core.log.NullLogger;
import tech.kwik.core.server.ApplicationProtocolConnection;
import tech.kwik.core.server.ApplicationProtocolConnectionFactory;
import tech.kwik.core.server.ServerConnectionConfig;
import tech.kwik.core.server.ServerConnector;

/** Kwik: QUIC and TLS in Java. Its server asks no client for a certificate. */
final class KwikPeer implements Peer {
    static {
        // One of its assertions fails when an ACK and the end of a packet number space meet, and ends its receiving
        // thread.
        KwikPeer.class.getClassLoader().setPackageAssertionStatus("tech.kwik", false);
    }

    @Override
    public Server serve(TestCertificate own, boolean retry, @Nullable TestCertificate clientAuthority)
            throws IOException {
        if (clientAuthority != null) {
            throw new UnsupportedOperationException("Kwik's server cannot ask for a certificate");
        }
        DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        CompletableFuture<Report> firstGone = new CompletableFuture<>();
        ServerConnector connector;
        try {
            connector = ServerConnector.builder()
                    .withSocket(socket)
                    .withKeyStore(own.store(), TestCertificate.ALIAS, TestCertificate.PASSWORD.toCharArray())
                    .withConfiguration(ServerConnectionConfig.builder()
                            .maxIdleTimeoutInSeconds(60)
                            .retryRequired(retry)
                            .build())
                    .withLogger(new NullLogger())
                    .build();
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
        connector.registerApplicationProtocol(ALPN, new Echo(firstGone));
        connector.start();
        InetSocketAddress address = (InetSocketAddress) socket.getLocalSocketAddress();
        return new Server() {
            @Override
            public InetSocketAddress address() {
                return address;
            }

            @Override
            public Report awaitClientGone() {
                return await(firstGone);
            }

            @Override
            public void close() {
                connector.close();
                socket.close();
            }
        };
    }

    /** Sends each datagram of a connection back. */
    private record Echo(CompletableFuture<Report> firstGone) implements ApplicationProtocolConnectionFactory {
        @Override
        public ApplicationProtocolConnection createConnection(String protocol, QuicConnection connection) {
            Exchange exchange = new Exchange();
            connection.setDatagramHandler(datagram -> {
                exchange.onDatagram(datagram);
                connection.sendDatagram(datagram);
            });
            connection.setConnectionListener(event -> firstGone.complete(exchange.report(protocol, closeOf(event))));
            return new ApplicationProtocolConnection() {};
        }

        @Override
        public boolean enableDatagramExtension() {
            return true;
        }
    }

    @Override
    public Report connect(InetSocketAddress server, TestCertificate trusted, @Nullable TestCertificate own, int count)
            throws IOException {
        return connect(new SlowFirstAnswer(server).port(), trusted, own, count);
    }

    private static Report connect(int port, TestCertificate trusted, @Nullable TestCertificate own, int count)
            throws IOException {
        QuicClientConnection.Builder builder = QuicClientConnection.newBuilder()
                .host(TestCertificate.NAME)
                .preferIPv4()
                .port(port)
                .applicationProtocol(ALPN)
                .connectTimeout(PATIENCE)
                .maxIdleTimeout(Duration.ofSeconds(60))
                .customTrustStore(trustStoreOf(trusted))
                .logger(new NullLogger())
                .enableDatagramExtension();
        if (own != null) {
            builder.clientCertificate(own.certificate()).clientCertificateKey(own.key());
        }
        QuicClientConnection connection = builder.build();
        CompletableFuture<Close> end = new CompletableFuture<>();
        Exchange exchange = new Exchange();
        connection.setConnectionListener(event -> {
            end.complete(closeOf(event));
            exchange.end();
        });
        connection.connect();
        connection.setDatagramHandler(exchange::onDatagram);
        try {
            exchange.run(count, connection::sendDatagram);
        } finally {
            connection.close(0, Close.REASON);
        }
        Close seen = await(end);
        // Kwik does not tell a side the code of its own close.
        return exchange.report(ALPN, seen.byPeer() ? seen : Close.DONE_HERE);
    }

    private static KeyStore trustStoreOf(TestCertificate trusted) throws IOException {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setCertificateEntry("trusted", trusted.certificate());
            return store;
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }

    private static Close closeOf(ConnectionTerminatedEvent event) {
        boolean application = event.hasApplicationError() || !event.hasTransportError();
        Long code = application ? event.applicationErrorCode() : event.transportErrorCode();
        return new Close(event.closedByPeer(), application, code == null ? 0 : code);
    }

    static <T> T await(CompletableFuture<T> future) {
        try {
            return future.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException(e);
        }
    }
}
