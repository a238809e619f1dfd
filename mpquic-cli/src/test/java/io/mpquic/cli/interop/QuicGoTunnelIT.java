package io.mpquic.cli.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.tls.Identity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The program at one end of a tunnel, one that is made with quic-go at the other: either end can be replaced on its
 * own. Needs root, and the peer that scripts/peers.sh builds.
 */
@Timeout(180)
class QuicGoTunnelIT {
    private static final String PORT = "45001";
    private static final String PING_BYTES_OF_FULL_PACKET = Integer.toString(TwoHosts.TUN_MTU_BYTES - 20 - 8);

    @TempDir
    private Path folder;

    private Path certificate;
    private Path key;
    private String quicGo;
    private TwoHosts hosts;

    @BeforeEach
    void makeHosts() throws IOException {
        Path program = peersFolder().resolve("quic-go-peer");
        if (!Files.isExecutable(program)) {
            TwoHosts.notHere("no quic-go peer here: run scripts/peers.sh as root");
        }
        quicGo = program.toString();
        Identity identity = Identity.selfSigned("vps.mpquic.example");
        certificate = Files.writeString(folder.resolve("server.crt"), identity.certificatesPem());
        key = Files.writeString(folder.resolve("server.key"), identity.privateKeyPem());
        hosts = new TwoHosts();
    }

    @AfterEach
    void removeHosts() throws IOException {
        if (hosts != null) {
            hosts.close();
        }
    }

    @Test
    void ourClientCarriesPacketsToItsServer() throws Exception {
        hosts.server.start(
                "READY",
                quicGo,
                "tunnel",
                "--tun",
                TwoHosts.TUN,
                "--listen",
                TwoHosts.SERVER_WAN_ADDRESS + ":" + PORT,
                "--cert",
                certificate.toString(),
                "--key",
                key.toString());
        Process client = hosts.gateway.start(
                " up ", mpquic("client", """
                bind_ip: if:%s
                remote_addr: %s
                tun_cidr: 10.200.1.1/30
                tls_ca_file: %s
                tls_server_name: vps.mpquic.example
                """.formatted(TwoHosts.WAN, TwoHosts.SERVER_WAN_ADDRESS, certificate)));
        carryPackets();
        client.toHandle().destroy();
        assertTrue(client.waitFor(10, TimeUnit.SECONDS));
        assertEquals(0, client.exitValue());
    }

    @Test
    void ourServerCarriesThePacketsOfItsClient() throws Exception {
        startOurServer();
        startItsClient();
        carryPackets();
    }

    @Test
    void aClientThatWasKilledAndStartedAgainIsServedAtOnce() throws Exception {
        startOurServer();
        Process first = startItsClient();
        awaitAnswer();
        first.destroyForcibly().waitFor();
        long startNs = System.nanoTime();
        startItsClient();
        awaitAnswer();
        long elapsedS = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - startNs);
        assertTrue(elapsedS < 10, elapsedS + " s, and the idle timeout is 60 s");
    }

    private void startOurServer() throws IOException {
        hosts.server.start(" listening ", mpquic("server", """
                bind_ip: 0.0.0.0
                tun_cidr: 10.200.1.2/30
                tls_cert_file: %s
                tls_key_file: %s
                """.formatted(certificate, key)));
    }

    private Process startItsClient() throws IOException {
        return hosts.gateway.start(
                "HANDSHAKE ok",
                quicGo,
                "tunnel",
                "--tun",
                TwoHosts.TUN,
                "--connect",
                TwoHosts.SERVER_WAN_ADDRESS + ":" + PORT,
                "--ca",
                certificate.toString(),
                "--server-name",
                "vps.mpquic.example");
    }

    private String[] mpquic(String role, String more) throws IOException {
        Path file = Files.writeString(
                folder.resolve(role + ".yaml"),
                "role: " + role + "\nremote_port: " + PORT + "\ntun_name: " + TwoHosts.TUN + "\n" + more);
        return new String[] {
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            "io.mpquic.cli.Main",
            "--config",
            file.toString()
        };
    }

    /** Small packets, packets as large as the TUN device takes, and TCP both ways. */
    private void carryPackets() throws IOException {
        awaitAnswer();
        // quic-go takes a while to find out that the path carries more than 1200 bytes.
        awaitAnswer("-M", "do", "-s", PING_BYTES_OF_FULL_PACKET);
        hosts.server.start("listening", "iperf3", "-s", "--forceflush");
        hosts.gateway.succeed("iperf3", "-c", TwoHosts.SERVER_TUN_ADDRESS, "-n", "8M");
        hosts.gateway.succeed("iperf3", "-c", TwoHosts.SERVER_TUN_ADDRESS, "-n", "8M", "-R");
    }

    private void awaitAnswer(String... options) throws IOException {
        List<String> ping = new ArrayList<>(List.of("ping", "-c", "1", "-W", "0.5", TwoHosts.SERVER_TUN_ADDRESS));
        ping.addAll(List.of(options));
        for (int attempt = 0; attempt < 60; attempt++) {
            if (hosts.gateway.succeeds(ping.toArray(String[]::new))) {
                return;
            }
        }
        throw new AssertionError("no answer through the tunnel to " + String.join(" ", ping));
    }

    private static Path peersFolder() {
        String folder = System.getenv("MPQUIC_PEERS");
        if (folder != null && !folder.isEmpty()) {
            return Path.of(folder);
        }
        String cache = System.getenv("XDG_CACHE_HOME");
        Path base =
                cache == null || cache.isEmpty() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(cache);
        String architecture = System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64";
        return base.resolve("mpquic").resolve("peers-" + architecture);
    }
}
