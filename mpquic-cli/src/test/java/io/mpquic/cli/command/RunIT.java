package io.mpquic.cli.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.cli.service.ManagerSocket;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.TestAbortedException;

/** The program as a process of its own, each in a network namespace of its own that ends with it. */
@Timeout(60)
class RunIT {
    private static final long STOP_WITHIN_MS = 1500;

    private final List<Process> processes = new ArrayList<>();
    private final Map<String, String> environment = new HashMap<>();
    private String bind = "0.0.0.0";

    @TempDir
    private Path directory;

    @BeforeEach
    void needsNamespacesAndTunDevices() throws Exception {
        boolean able = Files.exists(Path.of("/dev/net/tun"))
                && Files.isExecutable(Path.of("/usr/bin/unshare"))
                && new ProcessBuilder("unshare", "--net", "true")
                                .redirectErrorStream(true)
                                .start()
                                .waitFor()
                        == 0;
        if (!able && "1".equals(System.getenv("MPQUIC_REQUIRE_ALL"))) {
            throw new AssertionError("no network namespaces or no /dev/net/tun here");
        }
        if (!able) {
            throw new TestAbortedException("no network namespaces or no /dev/net/tun here: run as root");
        }
    }

    @AfterEach
    void endProcesses() {
        processes.forEach(Process::destroyForcibly);
    }

    @Test
    void aServerThatIsToldToStopEndsWithinASecondAndWithZero() throws Exception {
        Process server = start("server", "");
        BufferedReader log = server.inputReader();
        List<String> lines = readUntil(log, "listening");
        assertTrue(lines.getFirst().startsWith("<6>INFO starting instance=mpq1 role=server"), lines::toString);
        assertTrue(
                lines.stream()
                        .anyMatch(line -> line.startsWith("<4>WARNING") && line.contains("any client may connect")),
                lines::toString);
        long startNs = System.nanoTime();
        server.toHandle().destroy(); // Process.destroy would close the log too
        assertTrue(server.waitFor(10, TimeUnit.SECONDS));
        long elapsedMs = (System.nanoTime() - startNs) / 1_000_000;
        assertEquals(0, server.exitValue());
        assertTrue(elapsedMs < STOP_WITHIN_MS, elapsedMs + " ms");
        assertEquals("<6>INFO closed instance=mpq1", log.lines().reduce("", (a, b) -> b));
    }

    @Test
    void aClientWithoutItsServerGoesOnTryingAndStopsWhenToldTo() throws Exception {
        Process client = start("client", "remote_addr: 192.0.2.7\ntls_insecure_skip_verify: true\n");
        BufferedReader log = client.inputReader();
        List<String> lines = readUntil(log, "down");
        assertTrue(lines.getLast().contains("retry_ms="), lines::toString);
        readUntil(log, "connecting");
        client.toHandle().destroy();
        assertTrue(client.waitFor(10, TimeUnit.SECONDS));
        assertEquals(0, client.exitValue());
    }

    @Test
    void aTunDeviceThatCannotBeHadIsAFailureWithItsRemedy() throws Exception {
        Process server = start("server", "", "lo");
        List<String> lines = server.inputReader().lines().toList();
        assertEquals(1, server.waitFor());
        assertTrue(lines.getLast().startsWith("<3>ERROR failed instance=lo cause="), lines::toString);
    }

    @Test
    void severalInstancesShareAProcessAndOneThatCannotStartEndsAlone() throws Exception {
        Path notify = directory.resolve("notify");
        try (ManagerSocket manager = new ManagerSocket(notify)) {
            environment.put("NOTIFY_SOCKET", notify.toString());
            write("1", "server", "", "mpq1");
            write("2", "server", "", "lo");
            write("3", "server", "", "mpq3");
            Process process = start(directory);
            BufferedReader log = process.inputReader();
            List<String> lines = readUntil(log, "listening instance=mpq3");
            assertTrue(
                    lines.stream().anyMatch(line -> line.startsWith("<3>ERROR failed instance=lo cause=")),
                    lines::toString);
            String ready = manager.receive("READY");
            assertTrue(
                    ready.startsWith("READY=1\nSTATUS=instances=3 up=0; mpq1 listening local=*:45001; lo failed; mpq3"),
                    ready);
            long startNs = System.nanoTime();
            process.toHandle().destroy();
            assertTrue(process.waitFor(10, TimeUnit.SECONDS));
            long elapsedMs = (System.nanoTime() - startNs) / 1_000_000;
            assertEquals(0, process.exitValue());
            assertTrue(elapsedMs < STOP_WITHIN_MS, elapsedMs + " ms");
            List<String> last = log.lines().toList();
            assertTrue(last.contains("<6>INFO closed instance=mpq1"), last::toString);
            assertTrue(last.contains("<6>INFO closed instance=mpq3"), last::toString);
        }
    }

    @Test
    void theProcessEndsWithTheLastInstanceAndTellsThatOneFailed() throws Exception {
        write("1", "server", "", "lo");
        write("2", "server", "tls_cert_file: /nowhere.crt\ntls_key_file: /nowhere.key\n", "mpq2");
        Process process = start(directory);
        List<String> lines = process.inputReader().lines().toList();
        assertEquals(1, process.waitFor());
        assertEquals(
                2,
                lines.stream()
                        .filter(line -> line.startsWith("<3>ERROR failed instance="))
                        .count(),
                lines::toString);
    }

    @Test
    void theServiceManagerHearsOfTheWholeLifeOfAServer() throws Exception {
        Path path = directory.resolve("notify");
        try (ManagerSocket manager = new ManagerSocket(path)) {
            environment.put("NOTIFY_SOCKET", path.toString());
            environment.put("WATCHDOG_USEC", "300000");
            Process server = start("server", "");
            assertEquals("READY=1\nSTATUS=listening local=*:45001\n", manager.receive());
            assertEquals("WATCHDOG=1\n", manager.receive());
            server.toHandle().destroy();
            assertEquals("STOPPING=1\n", manager.receive("STOPPING"));
            assertTrue(server.waitFor(10, TimeUnit.SECONDS));
            assertEquals(0, server.exitValue());
        }
    }

    @Test
    void theServiceManagerHearsThatAClientConnects() throws Exception {
        Path path = directory.resolve("notify");
        try (ManagerSocket manager = new ManagerSocket(path)) {
            environment.put("NOTIFY_SOCKET", path.toString());
            start("client", "remote_addr: 192.0.2.7\ntls_insecure_skip_verify: true\n");
            assertEquals("STATUS=connecting remote=192.0.2.7:45001 attempt=1\n", manager.receive());
            assertTrue(manager.receive("STATUS=down").contains(" retry_ms="));
        }
    }

    @Test
    void theServiceManagerHearsWhatAClientWithoutItsWanWaitsFor() throws Exception {
        Path path = directory.resolve("notify");
        try (ManagerSocket manager = new ManagerSocket(path)) {
            environment.put("NOTIFY_SOCKET", path.toString());
            environment.put("WATCHDOG_USEC", "300000");
            bind = "if:enp7s3";
            Process client = start("client", "remote_addr: 192.0.2.7\ntls_insecure_skip_verify: true\n");
            assertEquals("READY=1\nSTATUS=waiting wan=enp7s3 reason=\"not there\"\n", manager.receive());
            assertEquals("WATCHDOG=1\n", manager.receive());
            List<String> lines = readUntil(client.inputReader(), "waiting");
            assertTrue(
                    lines.getLast().endsWith("waiting instance=mpq1 wan=enp7s3 reason=\"not there\""), lines::toString);
        }
    }

    private Process start(String role, String more) throws IOException {
        return start(role, more, "mpq1");
    }

    private Process start(String role, String more, String tunName) throws IOException {
        return start(write("1", role, more, tunName));
    }

    private Path write(String number, String role, String more, String tunName) throws IOException {
        return Files.writeString(
                directory.resolve(number + ".yaml"), """
                role: %s
                bind_ip: %s
                remote_port: 4500%s
                tun_name: %s
                tun_cidr: 10.200.1.2/30
                """.formatted(role, bind, number, tunName) + more);
    }

    private Process start(Path file) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                "unshare",
                "--net",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                "io.mpquic.cli.Main",
                "--config",
                file.toString());
        builder.environment().put("JOURNAL_STREAM", "8:1");
        builder.environment().putAll(environment);
        Process process = builder.redirectErrorStream(true).start();
        processes.add(process);
        return process;
    }

    /** The lines up to the event that is waited for. */
    private static List<String> readUntil(BufferedReader log, String event) throws IOException {
        List<String> lines = new ArrayList<>();
        String line = log.readLine();
        while (line != null) {
            lines.add(line);
            if ((line + " ").contains(" " + event + " ")) {
                return lines;
            }
            line = log.readLine();
        }
        throw new AssertionError("the program ended before " + event + ": " + lines);
    }
}
