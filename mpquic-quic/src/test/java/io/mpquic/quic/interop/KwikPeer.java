package io.mpquic.quic.interop;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import tech.kwik.agent15.TlsConstants;
import tech.kwik.core.ConnectionTerminatedEvent;
import tech.kwik.core.DatagramSocketFactory;
import tech.kwik.core.QuicClientConnection;
import tech.kwik.core.QuicConnection;
import tech.kwik.core.QuicSessionTicket;
import tech.kwik.core.QuicStream;
import tech.kwik.core.impl.QuicClientConnectionImpl;
import tech.kwik.core.log.NullLogger;
import tech.kwik.core.server.ApplicationProtocolConnection;
import tech.kwik.core.server.ApplicationProtocolConnectionFactory;
import tech.kwik.core.server.ServerConnectionConfig;
import tech.kwik.core.server.ServerConnector;

/** Kwik: QUIC and TLS in Java. Its server asks no client for a certificate. */
final class KwikPeer implements Peer {
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(2);

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
        BlockingQueue<Report> gone = new LinkedBlockingQueue<>();
        ServerConnector connector;
        try {
            connector = ServerConnector.builder()
                    .withSocket(socket)
                    .withKeyStore(own.store(), TestCertificate.ALIAS, TestCertificate.PASSWORD.toCharArray())
                    .withConfiguration(ServerConnectionConfig.builder()
                            .maxIdleTimeoutInSeconds(60)
                            .retryRequired(retry)
                            .maxOpenPeerInitiatedBidirectionalStreams(16)
                            .build())
                    .withLogger(new NullLogger())
                    .build();
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
        connector.registerApplicationProtocol(ALPN, new Echo(gone));
        connector.start();
        InetSocketAddress address = (InetSocketAddress) socket.getLocalSocketAddress();
        return new Server() {
            @Override
            public InetSocketAddress address() {
                return address;
            }

            @Override
            public Report awaitClientGone() throws IOException {
                return next(gone);
            }

            @Override
            public void close() {
                // It waits for connections that never came about, and nobody else does.
                Thread closing = Thread.ofVirtual().start(connector::close);
                try {
                    closing.join(CLOSE_PATIENCE);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                socket.close();
            }
        };
    }

    /** Sends each datagram of a connection back, and the bytes of each stream. */
    private record Echo(BlockingQueue<Report> gone) implements ApplicationProtocolConnectionFactory {
        @Override
        public ApplicationProtocolConnection createConnection(String protocol, QuicConnection connection) {
            Exchange exchange = new Exchange();
            connection.setDatagramHandler(datagram -> {
                exchange.onDatagram(datagram);
                connection.sendDatagram(datagram);
            });
            List<KwikNudge> nudges = new CopyOnWriteArrayList<>();
            connection.setConnectionListener(event -> {
                nudges.forEach(KwikNudge::close);
                gone.add(exchange.report(protocol, closeOf(event)));
            });
            return new ApplicationProtocolConnection() {
                @Override
                public void acceptPeerInitiatedStream(QuicStream stream) {
                    nudges.add(KwikNudge.of(connection, stream));
                    Thread.ofVirtual().start(() -> echo(stream));
                }
            };
        }

        private static void echo(QuicStream stream) {
            try (OutputStream out = stream.getOutputStream()) {
                stream.getInputStream().transferTo(out);
            } catch (IOException over) {
                // The connection has ended before the stream.
            }
        }

        @Override
        public int maxConcurrentPeerInitiatedBidirectionalStreams() {
            return 16;
        }

        @Override
        public boolean enableDatagramExtension() {
            return true;
        }
    }

    @Override
    public Report connect(InetSocketAddress server, Task task) throws IOException {
        if (task.action() != Action.RESUME) {
            return connect(server, task, null).report();
        }
        Visit first = connect(server, task, null);
        if (first.tickets().isEmpty()) {
            throw new IOException("no session ticket came");
        }
        return connect(server, task, first.tickets().getLast()).report();
    }

    /** One connection of a client, and what it left for the next. */
    private record Visit(Report report, List<QuicSessionTicket> tickets) {}

    private static Visit connect(InetSocketAddress server, Task task, @Nullable QuicSessionTicket ticket)
            throws IOException {
        QuicClientConnection.Builder builder = QuicClientConnection.newBuilder()
                .host(TestCertificate.NAME)
                .preferIPv4()
                .port(server.getPort())
                .applicationProtocol(ALPN)
                .connectTimeout(PATIENCE)
                .maxIdleTimeout(Duration.ofSeconds(60))
                .customTrustStore(trustStoreOf(task.trusted()))
                .logger(new NullLogger())
                .socketFactory(new Sockets())
                .cipherSuite(TlsConstants.CipherSuite.TLS_AES_128_GCM_SHA256)
                .cipherSuite(TlsConstants.CipherSuite.TLS_CHACHA20_POLY1305_SHA256)
                .enableDatagramExtension();
        if (task.own() != null) {
            builder.clientCertificate(task.own().certificate())
                    .clientCertificateKey(task.own().key());
        }
        if (ticket != null) {
            builder.sessionTicket(ticket);
        }
        QuicClientConnectionImpl connection = (QuicClientConnectionImpl) builder.build();
        CompletableFuture<Close> end = new CompletableFuture<>();
        Exchange exchange = new Exchange();
        connection.setConnectionListener(event -> {
            end.complete(closeOf(event));
            exchange.end();
        });
        connection.connect();
        connection.setDatagramHandler(exchange::onDatagram);
        try {
            exchange(connection, exchange, task);
            switch (task.action()) {
                case NONE, RESUME -> {}
                case UPDATE_KEYS -> {
                    connection.updateKeys();
                    exchange(connection, exchange, task);
                }
                case MOVE -> {
                    connection.changeAddress();
                    exchange(connection, exchange, task);
                }
            }
        } finally {
            connection.close(0, Close.REASON);
        }
        Close seen = await(end);
        // Kwik does not tell a side the code of its own close.
        Report report = exchange.report(ALPN, seen.byPeer() ? seen : Close.DONE_HERE);
        return new Visit(report, connection.getNewSessionTickets());
    }

    /** The first socket of a client, and the one that it moves to. */
    private static final class Sockets implements DatagramSocketFactory {
        private boolean moves;

        @Override
        public DatagramSocket createSocket(InetAddress server) throws SocketException {
            InetAddress local =
                    moves ? new InetSocketAddress(NEW_ADDRESS, 0).getAddress() : InetAddress.getLoopbackAddress();
            moves = true;
            return new KwikSocket(local);
        }
    }

    private static void exchange(QuicClientConnection connection, Exchange exchange, Task task) throws IOException {
        exchange.restart();
        exchange.run(task.datagrams(), connection::sendDatagram);
        if (task.streamBytes() > 0) {
            TestStream data = new TestStream(task.streamBytes());
            QuicStream stream = connection.createStream(true);
            Thread.ofVirtual().start(() -> {
                try (OutputStream out = stream.getOutputStream()) {
                    out.write(data.sent());
                } catch (IOException e) {
                    data.onFailure(e);
                }
            });
            Thread.ofVirtual().start(() -> {
                try (InputStream in = stream.getInputStream()) {
                    byte[] all = in.readAllBytes();
                    data.onReceived(all, all.length);
                    data.onEnd();
                } catch (IOException e) {
                    data.onFailure(e);
                }
            });
            try (KwikNudge nudge = KwikNudge.of(connection, stream)) {
                data.awaitEcho();
            }
        }
    }

    private static KeyStore trustStoreOf(TestCertificate trusted) throws IOException {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setCertificateEntry("trusted", trusted.root());
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

    /** What the next client did, once it has gone. */
    static Report next(BlockingQueue<Report> gone) throws IOException {
        try {
            Report report = gone.poll(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            if (report == null) {
                throw new IOException("no client has gone");
            }
            return report;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
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
