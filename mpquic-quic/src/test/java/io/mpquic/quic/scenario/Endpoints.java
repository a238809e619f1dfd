package io.mpquic.quic.scenario;

import io.mpquic.quic.connection.TransportSettings;
import io.mpquic.quic.crypto.CryptoProvider;
import io.mpquic.quic.endpoint.ClientConfig;
import io.mpquic.quic.endpoint.QuicEndpoint;
import io.mpquic.quic.endpoint.RetryPolicy;
import io.mpquic.quic.endpoint.ServerConfig;
import io.mpquic.quic.tls.SessionStore;
import io.mpquic.quic.tls.TlsClientConfig;
import io.mpquic.quic.tls.TlsServerConfig;
import java.time.Duration;
import java.util.SplittableRandom;

/** Makes the endpoints of a scenario. A server that starts again has the reset key of the one before. */
final class Endpoints {
    private static final byte[] RESET_KEY = new byte[32];
    /** Larger than what any scenario asks for at once, smaller than what counts as unbounded. */
    private static final int STREAM_BYTES = 64 * 1024;

    private static final int STREAMS = 8;

    private final Scenario.Ends ends;
    private final CryptoProvider crypto;
    private final SplittableRandom random;
    private final TlsServerConfig serverTls;
    private final TlsClientConfig clientTls;

    Endpoints(Scenario.Ends ends, CryptoProvider crypto, SplittableRandom random) {
        this.ends = ends;
        this.crypto = crypto;
        this.random = random;
        TlsServerConfig.Builder server =
                TlsServerConfig.builder().alpn("mpquic-ip").identity(FixedIdentity.SERVER);
        TlsClientConfig.Builder client = TlsClientConfig.builder()
                .alpn("mpquic-ip")
                .serverName("mpquic-server")
                .insecure();
        if (ends.extras().resumption()) {
            server.resumption(Duration.ofHours(1));
            client.sessions(SessionStore.inMemory(1));
        }
        serverTls = server.build();
        clientTls = client.build();
    }

    QuicEndpoint open(Party party) {
        boolean client = party.side == Side.CLIENT;
        Scenario.Extras extras = ends.extras();
        TransportSettings.Builder settings = TransportSettings.builder()
                .idleTimeoutNs(client ? ends.clientIdleNs() : ends.serverIdleNs())
                .keepAliveNs(client ? ends.keepAliveNs() : 0)
                .maxUdpPayloadBytes(ends.maxUdpPayloadBytes())
                .ecn(ends.ecn())
                .spinBit(extras.spinBit())
                .congestion(extras.congestion());
        if (extras.streams()) {
            settings.maxData(2 * STREAM_BYTES)
                    .maxStreamDataBidiLocal(STREAM_BYTES)
                    .maxStreamDataBidiRemote(STREAM_BYTES)
                    .maxStreamDataUni(STREAM_BYTES)
                    .maxStreamsBidi(STREAMS)
                    .maxStreamsUni(STREAMS);
        }
        return client
                ? QuicEndpoint.client(ClientConfig.builder(clientTls, random.split())
                        .settings(settings.build())
                        .crypto(crypto)
                        .sink(party::deliver)
                        .traces((isClient, destination, remote, nowNs) -> party.watch(isClient, remote, nowNs))
                        .build())
                : QuicEndpoint.server(ServerConfig.builder(serverTls, random.split())
                        .settings(settings.build())
                        .crypto(crypto)
                        .sink(party::deliver)
                        .traces((isClient, destination, remote, nowNs) -> party.watch(isClient, remote, nowNs))
                        .statelessResetKey(RESET_KEY)
                        .retry(ends.retry() ? RetryPolicy.ALWAYS : RetryPolicy.WHEN_BUSY)
                        .build());
    }
}
