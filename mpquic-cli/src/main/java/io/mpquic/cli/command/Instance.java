package io.mpquic.cli.command;

import io.mpquic.cli.config.BindTarget;
import io.mpquic.cli.config.InstanceConfig;
import io.mpquic.cli.config.KeyLogTarget;
import io.mpquic.cli.config.PacketPathChoice;
import io.mpquic.cli.config.Side;
import io.mpquic.dataplane.Bind;
import io.mpquic.dataplane.Tunnel;
import io.mpquic.dataplane.TunnelBuilder;
import io.mpquic.dataplane.TunnelListener;
import io.mpquic.dataplane.UdpOptions;
import io.mpquic.quic.io.KeyLogFile;
import io.mpquic.quic.io.QlogDirectory;
import io.mpquic.quic.tls.CredentialException;
import io.mpquic.quic.tls.Identity;
import io.mpquic.quic.tls.KeyLog;
import io.mpquic.tun.Cidr;
import io.mpquic.tun.LinuxTun;
import io.mpquic.tun.OpenOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** Makes the tunnel that a configuration describes. */
final class Instance {
    private Instance() {}

    /**
     * The tunnel, not started yet.
     *
     * @throws CredentialException when a certificate, a key or an authority cannot be used
     * @throws IOException when no qlog or no key log can be written where one is wanted
     */
    static Tunnel of(InstanceConfig config, Authorities authorities, TunnelListener listener) throws IOException {
        Optional<KeyLog> keyLog =
                config.keyLog().isPresent() ? Optional.of(open(config.keyLog().get())) : Optional.empty();
        TunnelBuilder builder = switch (config.side()) {
            case Side.Client client ->
                Tunnel.client(client.host().value(), client.port().number())
                        .clientTls(Credentials.of(client, authorities, keyLog));
            case Side.Server server -> server(server, authorities, keyLog);
        };
        String tunName = config.tunName().value();
        Cidr address = config.tunAddress().cidr();
        if (config.qlogDirectory().isPresent()) {
            builder.traces(qlogs(config.qlogDirectory().get()));
        }
        builder.congestion(config.congestion().algorithm());
        PacketPathChoice path = config.packetPath();
        builder.udp(new UdpOptions(path.linuxSocket(), path.udpSegmentation(), path.udpCoalescing()));
        builder.crypto(path.crypto()
                .provider()
                .orElseThrow(() -> new IOException("crypto: libcrypto.so.3 (OpenSSL 3) is not there or cannot be used;"
                        + " install it (apt install libssl3), or write crypto: auto")));
        return builder.name(config.name())
                .bind(bind(config.bind()))
                .tun(() -> LinuxTun.open(
                        tunName, OpenOptions.createWhenAbsent().address(address).offload(path.tunOffload())))
                .listener(listener)
                .build();
    }

    private static TunnelBuilder server(Side.Server server, Authorities authorities, Optional<KeyLog> keyLog)
            throws CredentialException {
        Identity identity = Credentials.identity(server);
        return Tunnel.server(server.port().number())
                .serverTls(Credentials.of(server, identity, authorities, keyLog))
                .statelessResetKey(Credentials.statelessResetKey(identity));
    }

    private static QlogDirectory qlogs(Path directory) throws IOException {
        try {
            return new QlogDirectory(directory, QlogDirectory.DEFAULT_MAX_FILE_BYTES);
        } catch (IOException e) {
            throw new IOException("qlog_dir " + directory + " cannot be written to: " + e, e);
        }
    }

    private static KeyLog open(KeyLogTarget target) throws IOException {
        try {
            return KeyLogFile.append(target.file());
        } catch (IOException e) {
            throw new IOException(target.place() + ": " + target.file() + " cannot be written to: " + e, e);
        }
    }

    private static Bind bind(BindTarget target) {
        return switch (target) {
            case BindTarget.Address(var address) -> address.isAnyLocalAddress() ? Bind.any() : Bind.address(address);
            case BindTarget.Device(var name) -> Bind.device(name.value());
        };
    }
}
