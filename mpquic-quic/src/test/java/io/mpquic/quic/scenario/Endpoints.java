package io.mpquic.quic.scenario;

import io.mpquic.quic.connection.TransportSettings;
import io.mpquic.quic.crypto.CryptoProvider;
import io.mpquic.quic.endpoint.ClientConfig;
import io.mpquic.quic.endpoint.QuicEndpoint;
import io.mpquic.quic.endpoint.RetryPolicy;
import io.mpquic.quic.endpoint.ServerConfig;
import io.mpquic.quic.tls.TlsClientConfig;
import io.mpquic.quic.tls.TlsServerConfig;
import java.util.SplittableRandom;

/** Makes the endpoints of a scenario. A server that starts again has the reset key of the one before. */
final class Endpoints {
    private static final byte[] RESET_KEY = new byte[32];
    private static final TlsServerConfig SERVER_TLS = TlsServerConfig.builder()
            .alpn("mpquic-ip")
            .identity(FixedIdentity.SERVER)
            .build();
    private static final TlsClientConfig CLIENT_TLS = TlsClientConfig.builder()
            .alpn("mpquic-ip")
            .serverName("mpquic-server")
            .insecure()
            .build();

    private final Scenario.Ends ends;
    private final CryptoProvider crypto;
    private final SplittableRandom random;

    Endpoints(Scenario.Ends ends, CryptoProvider crypto, SplittableRandom random) {
        this.ends = ends;
        this.crypto = crypto;
        this.random = random;
    }

    QuicEndpoint open(Party party) {
        boolean client = party.side == Side.CLIENT;
        TransportSettings settings = TransportSettings.builder()
                .idleTimeoutNs(client ? ends.clientIdleNs() : ends.serverIdleNs())
                .keepAliveNs(client ? ends.keepAliveNs() : 0)
                .maxUdpPayloadBytes(ends.maxUdpPayloadBytes())
                .ecn(ends.ecn())
                .build();
        return client
                ? QuicEndpoint.client(ClientConfig.builder(CLIENT_TLS, random.split())
                        .settings(settings)
                        .crypto(crypto)
                        .sink(party::deliver)
                        .traces((isClient, destination, remote, nowNs) -> party.watch(isClient, remote, nowNs))
                        .build())
                : QuicEndpoint.server(ServerConfig.builder(SERVER_TLS, random.split())
                        .settings(settings)
                        .crypto(crypto)
                        .sink(party::deliver)
                        .traces((isClient, destination, remote, nowNs) -> party.watch(isClient, remote, nowNs))
                        .statelessResetKey(RESET_KEY)
                        .retry(ends.retry() ? RetryPolicy.ALWAYS : RetryPolicy.WHEN_BUSY)
                        .build());
    }
}
