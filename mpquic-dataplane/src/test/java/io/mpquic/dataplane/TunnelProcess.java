package io.mpquic.dataplane;

import io.mpquic.quic.tls.Identity;
import io.mpquic.quic.tls.TlsClientConfig;
import io.mpquic.quic.tls.TlsServerConfig;
import io.mpquic.tun.LinuxTun;
import io.mpquic.tun.OpenOptions;
import java.io.IOException;

/**
 * One end of a tunnel as a program, to be run in a network namespace: {@code server PORT TUN} or
 * {@code client HOST PORT TUN [DEVICE]}. It reports on standard output, and ends with its standard input.
 */
final class TunnelProcess {
    private static final String ALPN = "mpquic-test";

    private TunnelProcess() {}

    public static void main(String[] arguments) throws Exception {
        boolean server = arguments[0].equals("server");
        TunnelBuilder builder = server ? server(arguments) : client(arguments);
        String device = arguments[server ? 2 : 3];
        try (Tunnel tunnel = builder.name(arguments[0])
                .tun(() -> LinuxTun.open(device, OpenOptions.attachOnly()))
                .listener((source, event) -> System.out.println(event))
                .build()) {
            tunnel.start();
            while (System.in.read() >= 0) {
                System.out.println(tunnel.statistics());
            }
        }
    }

    private static TunnelBuilder server(String[] arguments) throws Exception {
        return Tunnel.server(Integer.parseInt(arguments[1]))
                .serverTls(TlsServerConfig.builder()
                        .alpn(ALPN)
                        .identity(Identity.selfSigned("localhost"))
                        .build());
    }

    private static TunnelBuilder client(String[] arguments) throws IOException {
        TunnelBuilder builder = Tunnel.client(arguments[1], Integer.parseInt(arguments[2]))
                .clientTls(TlsClientConfig.builder()
                        .alpn(ALPN)
                        .serverName("localhost")
                        .insecure()
                        .build());
        return arguments.length > 4 ? builder.bind(Bind.device(arguments[4])) : builder;
    }
}
