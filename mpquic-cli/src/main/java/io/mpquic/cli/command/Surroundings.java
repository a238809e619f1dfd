package io.mpquic.cli.command;

import io.mpquic.cli.config.BindTarget;
import io.mpquic.cli.config.CertificateFiles;
import io.mpquic.cli.config.InstanceConfig;
import io.mpquic.cli.config.KeyLogTarget;
import io.mpquic.cli.config.Side;
import io.mpquic.quic.tls.CredentialException;
import io.mpquic.tun.InterfaceName;
import io.mpquic.tun.NetworkInterfaces;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What a configuration needs from the machine it runs on. A file that cannot be read keeps the tunnel from starting and
 * is an error; an interface or an address may come later and is a warning.
 */
final class Surroundings {
    private Surroundings() {}

    /** Looks at everything, and tells what is missing in words for the operator. */
    static void examine(InstanceConfig config, Consumer<String> errors, Consumer<String> warnings) {
        examineCredentials(config.side(), errors, warnings);
        examineBind(config.bind(), warnings);
        config.keyLog().ifPresent(target -> examineKeyLog(target, errors));
    }

    /** Without making the file: a check leaves nothing behind. */
    private static void examineKeyLog(KeyLogTarget target, Consumer<String> errors) {
        Path directory = target.file().toAbsolutePath().getParent();
        boolean usable = Files.exists(target.file())
                ? Files.isRegularFile(target.file()) && Files.isWritable(target.file())
                : directory != null && Files.isDirectory(directory) && Files.isWritable(directory);
        if (!usable) {
            errors.accept(target.place() + ": " + target.file() + " cannot be written to");
        }
    }

    private static void examineCredentials(Side side, Consumer<String> errors, Consumer<String> warnings) {
        try {
            switch (side) {
                case Side.Client client -> {
                    Credentials.of(client, new Authorities(), Optional.empty());
                    missingIdentity(client).ifPresent(warnings);
                }
                case Side.Server server -> {
                    Credentials.of(server, Credentials.identity(server), new Authorities(), Optional.empty());
                    openToAll(server).ifPresent(warnings);
                }
            }
        } catch (CredentialException e) {
            errors.accept(e.getMessage());
        }
    }

    /** What to say about a client that names a certificate of its own which is not there. */
    static Optional<String> missingIdentity(Side.Client client) {
        if (client.identity().isEmpty() || Credentials.usableIdentity(client).isPresent()) {
            return Optional.empty();
        }
        CertificateFiles files = client.identity().get();
        return Optional.of("tls_cert_file " + files.certificate() + " or tls_key_file " + files.key()
                + " is not there; the client shows no certificate");
    }

    /** What to say about a server that asks for no certificates. */
    static Optional<String> openToAll(Side.Server server) {
        return server.clientAuthorities().isPresent()
                ? Optional.empty()
                : Optional.of("any client may connect; set tls_client_ca_file to require certificates");
    }

    private static void examineBind(BindTarget bind, Consumer<String> warnings) {
        try {
            switch (bind) {
                case BindTarget.Device(InterfaceName name) -> {
                    if (!NetworkInterfaces.exists(name.value())) {
                        warnings.accept("bind_ip: there is no interface " + name + " here now; see ip link");
                    }
                }
                case BindTarget.Address(InetAddress address) -> {
                    if (!address.isAnyLocalAddress() && NetworkInterface.getByInetAddress(address) == null) {
                        warnings.accept("bind_ip: no interface here has the address " + address.getHostAddress()
                                + " now; see ip address");
                    }
                }
            }
        } catch (IOException e) {
            warnings.accept("bind_ip: the interfaces of this machine cannot be read: " + e.getMessage());
        }
    }
}
