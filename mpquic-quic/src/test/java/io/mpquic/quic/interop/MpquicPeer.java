package io.mpquic.quic.interop;

import io.mpquic.quic.connection.CloseReason;
import io.mpquic.quic.connection.ConnectionStatistics;
import io.mpquic.quic.connection.DatagramSink;
import io.mpquic.quic.connection.QuicConnection;
import io.mpquic.quic.connection.QuicEvent;
import io.mpquic.quic.connection.SendResult;
import io.mpquic.quic.endpoint.ClientConfig;
import io.mpquic.quic.endpoint.QuicEndpoint;
import io.mpquic.quic.endpoint.ServerConfig;
import io.mpquic.quic.io.ChannelTransport;
import io.mpquic.quic.io.EndpointDriver;
import io.mpquic.quic.io.ReceiveBuffers;
import io.mpquic.quic.tls.TlsClientConfig;
import io.mpquic.quic.tls.TlsServerConfig;
import io.mpquic.quic.tls.TrustAnchors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/** What is under test: this project's endpoint and driver on a real socket, with the same interface as the others. */
final class MpquicPeer implements Peer {
    @Override
    public Server serve(TestCertificate own, boolean retry, @Nullable TestCertificate clientAuthority)
            throws IOException {
        if (retry) {
            throw new UnsupportedOperationException("the server sends no Retry");
        }
        TlsServerConfig.Builder tls = TlsServerConfig.builder().alpn(ALPN).identity(own.identity());
        if (clientAuthority != null) {
            tls.clientTrust(TrustAnchors.of(clientAuthority.certificate()));
        }
        return new Loop(sink -> QuicEndpoint.server(
                ServerConfig.builder(tls.build(), new SecureRandom()).sink(sink).build()));
    }

    @Override
    public Report connect(InetSocketAddress server, TestCertificate trusted, @Nullable TestCertificate own, int count)
            throws IOException {
        return exchange(server, trusted, own, count).report();
    }

    /** How the connection of a client went, with more detail than other makes tell. */
    record Outcome(Report report, ConnectionStatistics statistics) {}

    Outcome exchange(InetSocketAddress server, TestCertificate trusted, @Nullable TestCertificate own, int count)
            throws IOException {
        TlsClientConfig.Builder tls = TlsClientConfig.builder()
                .alpn(ALPN)
                .serverName(TestCertificate.NAME)
                .trust(TrustAnchors.of(trusted.certificate()));
        if (own != null) {
            tls.identity(own.identity());
        }
        try (Loop loop = new Loop(sink -> QuicEndpoint.client(
                ClientConfig.builder(tls.build(), new SecureRandom()).sink(sink).build()))) {
            Session session = loop.connect(server);
            KwikPeer.await(session.established);
            session.exchange.run(count, datagram -> {
                session.outgoing.add(datagram);
                loop.driver.wakeup();
            });
            session.closeRequested = true;
            loop.driver.wakeup();
            return KwikPeer.await(session.gone);
        }
    }

    /** One connection as its application sees it. */
    private static final class Session {
        final Exchange exchange = new Exchange();
        final Queue<byte[]> outgoing = new ConcurrentLinkedQueue<>();
        final CompletableFuture<String> established = new CompletableFuture<>();
        final CompletableFuture<Outcome> gone = new CompletableFuture<>();
        volatile boolean closeRequested;
    }

    private interface EndpointMaker {
        QuicEndpoint make(DatagramSink sink);
    }

    /** The thread that drives an endpoint, and the echo of a server. */
    private static final class Loop implements Server, Runnable {
        private static final long LONGEST_WAIT_NS = Duration.ofSeconds(1).toNanos();

        private final ChannelTransport transport =
                ChannelTransport.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        private final Map<QuicConnection, Session> sessions = new IdentityHashMap<>();
        private final MemorySegment packet = Arena.ofAuto().allocate(2048);
        private final CompletableFuture<Report> firstGone = new CompletableFuture<>();
        private final CompletableFuture<Session> connected = new CompletableFuture<>();
        private final QuicEndpoint endpoint;
        private final EndpointDriver driver;
        private final Thread thread;
        private volatile @Nullable InetSocketAddress connectTo;
        private volatile boolean ended;

        Loop(EndpointMaker maker) throws IOException {
            endpoint = maker.make(this::onDatagram);
            driver = new EndpointDriver(endpoint, transport, ReceiveBuffers.single(2048));
            thread = Thread.ofPlatform().name("mpquic-peer").daemon().start(this);
        }

        Session connect(InetSocketAddress server) {
            connectTo = server;
            driver.wakeup();
            return KwikPeer.await(connected);
        }

        @Override
        public void run() {
            try {
                while (!ended) {
                    long nowNs = System.nanoTime();
                    boolean more = driver.turn(nowNs);
                    serveApplication(nowNs);
                    driver.flush(nowNs);
                    if (!more) {
                        driver.await(LONGEST_WAIT_NS, System.nanoTime());
                    }
                }
                long nowNs = System.nanoTime();
                endpoint.connections().forEach(connection -> connection.close(0, "stopped", nowNs));
                driver.flush(nowNs);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private void serveApplication(long nowNs) throws IOException {
            InetSocketAddress server = connectTo;
            if (server != null) {
                connectTo = null;
                connected.complete(sessionOf(endpoint.connect(server, nowNs)));
            }
            while (endpoint.pollAccepted() != null) {
                // It is among the endpoint's connections since its first packet.
            }
            endpoint.connections().forEach(this::sessionOf);
            // Those that the endpoint has forgotten meanwhile still have a last event.
            for (QuicConnection connection : List.copyOf(sessions.keySet())) {
                Session session = sessions.get(connection);
                takeEvents(connection, session);
                send(connection, session, nowNs);
                if (session.closeRequested && !connection.isClosing() && !connection.isClosed()) {
                    connection.close(0, Close.REASON, nowNs);
                    takeEvents(connection, session);
                }
                if (session.gone.isDone()) {
                    sessions.remove(connection);
                }
            }
        }

        private Session sessionOf(QuicConnection connection) {
            return sessions.computeIfAbsent(connection, unused -> new Session());
        }

        private void takeEvents(QuicConnection connection, Session session) {
            for (QuicEvent event = connection.pollEvent(); event != null; event = connection.pollEvent()) {
                switch (event) {
                    case QuicEvent.HandshakeCompleted done -> session.established.complete(done.alpn());
                    case QuicEvent.MaxDatagramChanged changed -> {}
                    case QuicEvent.StreamReadable readable -> {}
                    case QuicEvent.StreamWritable writable -> {}
                    case QuicEvent.Closed closed -> onClosed(connection, session, closed.reason());
                }
            }
        }

        private void onClosed(QuicConnection connection, Session session, CloseReason reason) {
            session.established.completeExceptionally(new IOException(reason.describe()));
            Close close = new Close(reason.kind() == CloseReason.Kind.PEER, reason.application(), reason.errorCode());
            String alpn = session.established.isCompletedExceptionally() ? "" : session.established.join();
            Report report = session.exchange.report(alpn, close);
            session.exchange.end();
            session.gone.complete(new Outcome(report, connection.statistics()));
            firstGone.complete(report);
        }

        private void send(QuicConnection connection, Session session, long nowNs) throws IOException {
            for (byte[] datagram = session.outgoing.peek(); datagram != null; datagram = session.outgoing.peek()) {
                long offset = QuicConnection.HEADROOM_BYTES;
                MemorySegment.copy(datagram, 0, packet, ValueLayout.JAVA_BYTE, offset, datagram.length);
                if (driver.sendDatagram(connection, packet, offset, datagram.length, nowNs) == SendResult.BLOCKED) {
                    return;
                }
                session.outgoing.remove();
            }
        }

        private void onDatagram(QuicConnection connection, MemorySegment buffer, long offset, int lengthBytes) {
            byte[] datagram = buffer.asSlice(offset, lengthBytes).toArray(ValueLayout.JAVA_BYTE);
            Session session = sessionOf(connection);
            session.exchange.onDatagram(datagram);
            if (!connection.isClient()) {
                session.outgoing.add(datagram);
            }
        }

        @Override
        public InetSocketAddress address() {
            return transport.localAddress();
        }

        @Override
        public Report awaitClientGone() {
            return KwikPeer.await(firstGone);
        }

        @Override
        public void close() {
            ended = true;
            driver.wakeup();
            try {
                thread.join();
                driver.close();
                transport.close();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
