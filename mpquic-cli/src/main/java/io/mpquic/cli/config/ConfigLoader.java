package io.mpquic.cli.config;

import io.mpquic.tun.InterfaceName;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Turns a configuration file into an {@link InstanceConfig}. Whatever the file holds, the outcome is that or a
 * {@link ConfigException}. Loading looks at the text only: it opens no other file, asks no DNS and needs no interface.
 */
public final class ConfigLoader {
    /** Who the server's certificate is made out to when the file does not say, as in the Go program. */
    static final String DEFAULT_SERVER_NAME = "mpquic-server";

    /** What the delivered files have in the place of the server's address. */
    private static final String PLACEHOLDER = "VPS_PUBLIC_IP";

    private final Values values;

    private ConfigLoader(String text, Problems problems) {
        this.values = new Values(YamlDocument.parse(text, problems), problems);
    }

    /**
     * Loads a file.
     *
     * @throws ConfigException when it cannot be used, with everything that is wrong with it
     */
    public static LoadedConfig load(Path file) throws ConfigException {
        Problems problems = new Problems(file);
        byte[] bytes = ConfigText.read(file, problems);
        problems.throwIfAny();
        return parse(bytes, problems);
    }

    /** Loads the bytes of a file; {@code file} only names it in messages. */
    static LoadedConfig parse(Path file, byte[] bytes) throws ConfigException {
        return parse(bytes, new Problems(file));
    }

    private static LoadedConfig parse(byte[] bytes, Problems problems) throws ConfigException {
        String text = ConfigText.decode(bytes, problems);
        problems.throwIfAny();
        ConfigLoader loader = new ConfigLoader(text, problems);
        @Nullable InstanceConfig config = loader.instance();
        problems.throwIfAny();
        if (config == null) {
            throw new IllegalStateException("a value is missing and nothing was reported");
        }
        return new LoadedConfig(problems.file(), config, problems.warnings());
    }

    /** The instance; null when something mandatory is missing or wrong. */
    private @Nullable InstanceConfig instance() {
        if (values.isEmpty()) {
            return null;
        }
        @Nullable Role role = values.mandatory(ConfigKey.ROLE, "", Role::parse);
        @Nullable BindTarget bind = values.mandatory(ConfigKey.BIND_IP, "", BindTarget::parse);
        @Nullable Port port = values.mandatory(ConfigKey.REMOTE_PORT, "", Port::parse);
        @Nullable InterfaceName tunName = values.mandatory(ConfigKey.TUN_NAME, "", InterfaceName::new);
        @Nullable TunAddress tunAddress = values.mandatory(ConfigKey.TUN_CIDR, "", TunAddress::parse);
        LogLevel logLevel =
                values.optional(ConfigKey.LOG_LEVEL, LogLevel::parse).orElse(LogLevel.INFO);
        Congestion congestion =
                values.optional(ConfigKey.CONGESTION, Congestion::parse).orElse(Congestion.CUBIC);
        PacketPathChoice packetPath = packetPath();
        Optional<Path> qlogDirectory = values.path(ConfigKey.QLOG_DIR);
        Optional<KeyLogTarget> keyLog = keyLog();
        if (tunAddress != null && tunAddress.isReserved()) {
            values.warnIfPresent(
                    ConfigKey.TUN_CIDR, "this is the network's own or broadcast address", "take one between them");
        }
        if (bind instanceof BindTarget.Device(InterfaceName name) && name.equals(tunName)) {
            values.error(ConfigKey.BIND_IP, "the tunnel's own packets cannot leave through the tunnel");
        }
        @Nullable Side side = switch (role) {
            case CLIENT -> client(bind, port);
            case SERVER -> server(port);
            case null -> null;
        };
        if (side == null || bind == null || tunName == null || tunAddress == null) {
            return null;
        }
        return new InstanceConfig(
                side, bind, tunName, tunAddress, logLevel, congestion, packetPath, qlogDirectory, keyLog);
    }

    private PacketPathChoice packetPath() {
        return new PacketPathChoice(
                values.optional(ConfigKey.CRYPTO, Crypto::parse).orElse(Crypto.AUTO),
                values.flag(ConfigKey.LINUX_SOCKET, true),
                values.flag(ConfigKey.UDP_GSO, true),
                values.flag(ConfigKey.UDP_GRO, true),
                values.flag(ConfigKey.TUN_OFFLOAD, true));
    }

    private Optional<KeyLogTarget> keyLog() {
        Optional<Path> file = values.path(ConfigKey.TLS_KEY_LOG_FILE);
        values.warnIfPresent(
                ConfigKey.TLS_KEY_LOG_FILE,
                "whoever reads that file can decrypt the traffic",
                "take the key out again after the search, and delete the file");
        return file.map(path -> new KeyLogTarget(path, values.place(ConfigKey.TLS_KEY_LOG_FILE)));
    }

    private @Nullable Side client(@Nullable BindTarget bind, @Nullable Port port) {
        @Nullable Host host = values.mandatory(ConfigKey.REMOTE_ADDR, " and a client needs it", Host::parse);
        boolean anyone = values.flag(ConfigKey.TLS_INSECURE_SKIP_VERIFY, false);
        Optional<Path> authorities = values.path(ConfigKey.TLS_CA_FILE);
        Optional<Host> serverName = values.optional(ConfigKey.TLS_SERVER_NAME, Host::parse);
        warnOfServerKeys();
        if (anyone) {
            values.warnIfPresent(
                    ConfigKey.TLS_INSECURE_SKIP_VERIFY,
                    "any server is believed to be the right one",
                    "give tls_ca_file and write false, except for a trial");
        }
        if (host == null || port == null) {
            return null;
        }
        if (bind instanceof BindTarget.Address(InetAddress local) && differsInFamily(local, host)) {
            values.error(
                    ConfigKey.BIND_IP,
                    Problems.quote(local.getHostAddress()) + " and remote_addr " + Problems.quote(host.value())
                            + " are of different IP versions");
        }
        if (host.value().equals(PLACEHOLDER)) {
            values.warnIfPresent(
                    ConfigKey.REMOTE_ADDR, "this still is the placeholder", "write the server's address or name");
        }
        ServerTrust trust = anyone
                ? new ServerTrust.Anyone()
                : authorities
                        .<ServerTrust>map(ServerTrust.Authorities::new)
                        .orElseGet(ServerTrust.SystemAuthorities::new);
        return new Side.Client(
                host, port, trust, serverName.orElseGet(() -> defaultServerName(trust, host)), clientIdentity());
    }

    /** An authority of one's own knows the customary name; a public one only ever signs the name one connects to. */
    private static Host defaultServerName(ServerTrust trust, Host host) {
        return switch (trust) {
            case ServerTrust.SystemAuthorities() -> host;
            case ServerTrust.Authorities _, ServerTrust.Anyone _ -> new Host(DEFAULT_SERVER_NAME);
        };
    }

    private static boolean differsInFamily(InetAddress local, Host remote) {
        // The wildcard address of either version can send to both.
        return !local.isAnyLocalAddress()
                && remote.address()
                        .filter(address -> address.getAddress().length != local.getAddress().length)
                        .isPresent();
    }

    /** The Go program's client ignores these keys, so half a pair must not keep a client from starting. */
    private Optional<CertificateFiles> clientIdentity() {
        Optional<Path> certificate = values.path(ConfigKey.TLS_CERT_FILE);
        Optional<Path> key = values.path(ConfigKey.TLS_KEY_FILE);
        if (certificate.isPresent() != key.isPresent()) {
            String message = "this has no effect without the other one of tls_cert_file and tls_key_file";
            values.warnIfPresent(ConfigKey.TLS_CERT_FILE, message, "give both, or none");
            values.warnIfPresent(ConfigKey.TLS_KEY_FILE, message, "give both, or none");
        }
        return certificate.flatMap(c -> key.map(k -> new CertificateFiles(c, k)));
    }

    private void warnOfServerKeys() {
        values.path(ConfigKey.TLS_CLIENT_CA_FILE);
        values.warnIfPresent(ConfigKey.TLS_CLIENT_CA_FILE, "this key has no effect on a client", "remove it");
    }

    private @Nullable Side server(@Nullable Port port) {
        Optional<Path> certificate = values.path(ConfigKey.TLS_CERT_FILE);
        Optional<Path> key = values.path(ConfigKey.TLS_KEY_FILE);
        Optional<Path> clientAuthorities = values.path(ConfigKey.TLS_CLIENT_CA_FILE);
        if (values.has(ConfigKey.TLS_CERT_FILE) && !values.has(ConfigKey.TLS_KEY_FILE)) {
            values.error(ConfigKey.TLS_KEY_FILE, "this key is missing and the certificate is of no use without it");
        } else if (values.has(ConfigKey.TLS_KEY_FILE) && !values.has(ConfigKey.TLS_CERT_FILE)) {
            values.error(ConfigKey.TLS_CERT_FILE, "this key is missing and the private key is of no use without it");
        }
        for (ConfigKey clientOnly : new ConfigKey[] {
            ConfigKey.REMOTE_ADDR, ConfigKey.TLS_CA_FILE, ConfigKey.TLS_SERVER_NAME, ConfigKey.TLS_INSECURE_SKIP_VERIFY
        }) {
            values.warnIfPresent(clientOnly, "this key has no effect on a server", "remove it");
        }
        return port == null
                ? null
                : new Side.Server(
                        port, certificate.flatMap(c -> key.map(k -> new CertificateFiles(c, k))), clientAuthorities);
    }
}
