package io.mpquic.cli;

import io.mpquic.dataplane.Bind;
import io.mpquic.dataplane.Tunnel;
import io.mpquic.quic.tls.TlsClientConfig;
import io.mpquic.quic.tls.TrustAnchors;
import io.mpquic.tun.LinuxTun;
import io.mpquic.tun.OpenOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/** The example of the README. It is compiled here, and a test keeps the two the same. */
final class ReadmeExample {
    private ReadmeExample() {}

    static void carryPackets() throws IOException, InterruptedException {
        // README
        TlsClientConfig tls = TlsClientConfig.builder()
                .alpn("mpquic-ip")
                .serverName("mpquic-server")
                .trust(TrustAnchors.load(Path.of("/etc/mpquic/tls/ca.crt")))
                .build();
        try (Tunnel tunnel = Tunnel.client("vps.example.net", 45001)
                .bind(Bind.device("enp7s3"))
                .tun(() -> LinuxTun.open("mpq1", OpenOptions.createWhenAbsent()))
                .clientTls(tls)
                .listener((source, event) -> System.out.println(event))
                .build()) {
            tunnel.start(); // dials, and dials again whenever the session is lost
            tunnel.awaitUp(Duration.ofSeconds(10));
            Thread.sleep(Duration.ofHours(1)); // packets flow on the tunnel's own threads
        }
        // README
    }
}
