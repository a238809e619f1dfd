package io.mpquic.quic.interop;

import io.mpquic.quic.connection.ConnectionStatistics;
import io.mpquic.quic.connection.ConnectionTrace;
import io.mpquic.quic.connection.TransportSettings;
import io.mpquic.quic.crypto.CipherSuite;
import io.mpquic.quic.endpoint.ClientConfig;
import io.mpquic.quic.endpoint.QuicEndpoint;
import io.mpquic.quic.endpoint.RetryPolicy;
import io.mpquic.quic.endpoint.ServerConfig;
import io.mpquic.quic.tls.TlsClientConfig;
import io.mpquic.quic.tls.TlsServerConfig;
import io.mpquic.quic.tls.TrustAnchors;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What is under test: this project's endpoint and driver on a real socket, with the same interface as the others. */
final class MpquicPeer implements Peer {
    /** Windows that a transfer of these tests fills many times. */
    private static final TransportSettings SETTINGS = TransportSettings.builder()
            .maxStreamsBidi(16)
            .maxData(512 << 10)
            .maxStreamDataBidiLocal(128 << 10)
            .maxStreamDataBidiRemote(128 << 10)
            .build();

    private static final Duration TICKET_LIFETIME = Duration.ofHours(1);

    private final CipherSuite[] suites;
    private final ConnectionTrace.@Nullable Factory traces;
    private final boolean givesTickets;

    MpquicPeer() {
        this(null, false, CipherSuite.values());
    }

    /**
     * With nothing but these cipher suites, and a qlog of each connection where one is wanted.
     *
     * @param givesTickets whether its server lets sessions be resumed, which it does not by default
     */
    MpquicPeer(ConnectionTrace.@Nullable Factory traces, boolean givesTickets, CipherSuite... suites) {
        this.traces = traces;
        this.givesTickets = givesTickets;
        this.suites = suites;
    }

    /** How a connection went, with more detail than other makes tell. */
    record Outcome(Report report, ConnectionStatistics statistics) {}

    @Override
    public MpquicServer serve(TestCertificate own, boolean retry, @Nullable TestCertificate clientAuthority)
            throws IOException {
        TlsServerConfig.Builder tls =
                TlsServerConfig.builder().alpn(ALPN).identity(own.identity()).cipherSuites(suites);
        if (clientAuthority != null) {
            tls.clientTrust(TrustAnchors.of(clientAuthority.root()));
        }
        if (givesTickets) {
            tls.resumption(TICKET_LIFETIME);
        }
        return new MpquicServer(new MpquicLoop(sink -> {
            ServerConfig.Builder config = ServerConfig.builder(tls.build(), new SecureRandom())
                    .settings(SETTINGS)
                    .sink(sink)
                    .retry(retry ? RetryPolicy.ALWAYS : RetryPolicy.NEVER);
            if (traces != null) {
                config.traces(traces);
            }
            return QuicEndpoint.server(config.build());
        }));
    }

    /** Our server, which tells more than others. */
    record MpquicServer(MpquicLoop loop) implements Server {
        @Override
        public InetSocketAddress address() {
            return loop.address();
        }

        @Override
        public Report awaitClientGone() throws IOException {
            return awaitOutcome().report();
        }

        Outcome awaitOutcome() throws IOException {
            return loop.awaitClientGone();
        }

        @Override
        public void close() {
            loop.close();
        }
    }

    @Override
    public Report connect(InetSocketAddress server, Task task) throws IOException {
        return exchange(server, task).report();
    }

    Outcome exchange(InetSocketAddress server, Task task) throws IOException {
        TlsClientConfig.Builder tls = TlsClientConfig.builder()
                .alpn(ALPN)
                .serverName(TestCertificate.NAME)
                .trust(TrustAnchors.of(task.trusted().root()))
                .cipherSuites(suites);
        if (task.own() != null) {
            tls.identity(task.own().identity());
        }
        ExpectedSessions sessions = new ExpectedSessions();
        if (task.action() == Action.RESUME) {
            tls.sessions(sessions);
        }
        try (MpquicLoop loop = new MpquicLoop(sink -> {
            ClientConfig.Builder config = ClientConfig.builder(tls.build(), new SecureRandom())
                    .settings(SETTINGS)
                    .sink(sink);
            if (traces != null) {
                config.traces(traces);
            }
            return QuicEndpoint.client(config.build());
        })) {
            MpquicLoop.Session session = loop.connect(server);
            loop.exchange(session, task);
            switch (task.action()) {
                case NONE -> {}
                case UPDATE_KEYS -> {
                    loop.updateKeys(session);
                    loop.exchange(session, task);
                }
                case RESUME -> {
                    sessions.awaitTicket();
                    loop.leave(session);
                    session = loop.connect(server);
                    loop.exchange(session, task);
                }
                case MOVE -> {
                    loop.move(session, NEW_ADDRESS);
                    loop.exchange(session, task);
                }
            }
            return loop.leave(session);
        }
    }
}
