package io.mpquic.cli.command;

import io.mpquic.cli.config.ConfigException;
import io.mpquic.cli.config.ConfigSet;
import io.mpquic.cli.demo.Demonstration;
import io.mpquic.quic.tls.Identity;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * What the JVM's cache is made from: all that a daemon goes through from its start to its first packets. It runs the
 * demonstration, and then both ends of one tunnel from configuration files, with TUN devices of their own. It is for a
 * network namespace that ends with it, where {@code lo} is up: see {@code make_aot_cache.sh}.
 */
final class Rehearsal {
    /** The word on the command line; for scripts, so no help tells of it. */
    static final String WORD = "rehearse";

    private static final Duration TRANSFER = Duration.ofMillis(100);
    private static final Duration UP_WITHIN = Duration.ofSeconds(10);
    /** For the first packets, such as those by which a host looks for IPv6 routers, and for the path MTU. */
    private static final long FIRST_PACKETS_MS = 500;

    private final Path directory;

    private Rehearsal(Path directory) {
        this.directory = directory;
    }

    /**
     * Runs it.
     *
     * @return the exit code of the process; not 0 when a tunnel failed
     */
    static int run(PrintWriter out) {
        try {
            new Demonstration(out, TRANSFER).run();
            Path directory = Files.createTempDirectory("mpquic-rehearsal");
            try {
                return new Rehearsal(directory).tunnel();
            } finally {
                for (String name : List.of("server.crt", "server.key", "1.yaml", "2.yaml")) {
                    Files.deleteIfExists(directory.resolve(name));
                }
                Files.delete(directory);
            }
        } catch (IOException | ConfigException e) {
            out.println("error: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        out.flush();
        return ExitCode.FAILED;
    }

    private int tunnel() throws IOException, ConfigException {
        writeIdentity();
        write("1.yaml", """
                role: server
                bind_ip: 127.0.0.1
                tun_name: mpq1
                tun_cidr: 10.200.1.2/30
                tls_cert_file: %1$s/server.crt
                tls_key_file: %1$s/server.key
                """);
        write("2.yaml", """
                role: client
                bind_ip: if:lo
                remote_addr: 127.0.0.1
                tun_name: mpq2
                tun_cidr: 10.200.2.1/30
                tls_ca_file: %1$s/server.crt
                tls_server_name: mpquic-server
                """);
        Lifetime lifetime = new Lifetime(2);
        Thread.ofPlatform().daemon().start(() -> end(lifetime));
        return Instances.run(ConfigSet.load(List.of(directory)), lifetime);
    }

    private void writeIdentity() throws IOException {
        Identity identity = Identity.selfSigned("mpquic-server");
        Files.writeString(directory.resolve("server.crt"), identity.certificatesPem());
        Files.writeString(directory.resolve("server.key"), identity.privateKeyPem());
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(directory.resolve(name), text.formatted(directory) + "remote_port: 45001\nlog_level: info\n");
    }

    private static void end(Lifetime lifetime) {
        try {
            lifetime.awaitUp(UP_WITHIN);
            Thread.sleep(FIRST_PACKETS_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        lifetime.close();
    }
}
