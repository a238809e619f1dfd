package io.mpquic.cli.interop;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.opentest4j.TestAbortedException;

/**
 * Two network namespaces with a link between them, each with a persistent TUN device: a gateway and a server.
 *
 * <pre>
 *  gateway                                    server
 *  mpq1 10.200.1.1/30                         mpq1 10.200.1.2/30
 *  wan  198.18.0.1/24 ----------------------- wan  198.18.0.2/24
 * </pre>
 *
 * Processes that were started in them end with them.
 */
final class TwoHosts implements AutoCloseable {
    static final String TUN = "mpq1";
    static final String WAN = "wan";
    static final String SERVER_WAN_ADDRESS = "198.18.0.2";
    static final String SERVER_TUN_ADDRESS = "10.200.1.2";
    /** What the deployed tunnels have. */
    static final int TUN_MTU_BYTES = 1300;

    private static final long COMMAND_TIMEOUT_S = 60;

    final Host gateway = new Host("mpqit-gw-" + ProcessHandle.current().pid());
    final Host server = new Host("mpqit-srv-" + ProcessHandle.current().pid());
    private final List<Process> processes = new ArrayList<>();

    /** Makes them; skips the test, or fails it in CI, where that is impossible. */
    TwoHosts() throws IOException {
        if (!Files.exists(Path.of("/dev/net/tun")) || status("ip", "netns", "add", gateway.namespace) != 0) {
            notHere("no network namespaces or no /dev/net/tun here: run as root");
        }
        try {
            run("ip", "netns", "add", server.namespace);
            run(
                    "ip",
                    "link",
                    "add",
                    WAN,
                    "netns",
                    gateway.namespace,
                    "type",
                    "veth",
                    "peer",
                    "name",
                    WAN,
                    "netns",
                    server.namespace);
            gateway.setUp("198.18.0.1/24", "10.200.1.1/30");
            server.setUp(SERVER_WAN_ADDRESS + "/24", SERVER_TUN_ADDRESS + "/30");
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    static void notHere(String reason) {
        if ("1".equals(System.getenv("MPQUIC_REQUIRE_ALL"))) {
            throw new AssertionError(reason);
        }
        throw new TestAbortedException(reason);
    }

    @Override
    public void close() throws IOException {
        for (Process process : processes) {
            process.destroyForcibly();
        }
        status("ip", "netns", "del", gateway.namespace);
        status("ip", "netns", "del", server.namespace);
    }

    /** One of the two. */
    final class Host {
        private final String namespace;

        private Host(String namespace) {
            this.namespace = namespace;
        }

        private void setUp(String wanAddress, String tunAddress) throws IOException {
            ip("link", "set", "lo", "up");
            ip("addr", "add", wanAddress, "dev", WAN);
            ip("link", "set", WAN, "up");
            ip("tuntap", "add", "dev", TUN, "mode", "tun");
            ip("addr", "add", tunAddress, "dev", TUN);
            ip("link", "set", TUN, "mtu", Integer.toString(TUN_MTU_BYTES), "up");
        }

        private void ip(String... arguments) throws IOException {
            List<String> command = new ArrayList<>(List.of("ip", "-n", namespace));
            command.addAll(List.of(arguments));
            run(command.toArray(String[]::new));
        }

        /** Runs a command here that must succeed. */
        void succeed(String... command) throws IOException {
            run(here(command));
        }

        /** Whether a command that runs here succeeds. */
        boolean succeeds(String... command) throws IOException {
            return status(here(command)) == 0;
        }

        /** Starts a process here and waits for a line of its output with this in it. */
        Process start(String awaited, String... command) throws IOException {
            Process process =
                    new ProcessBuilder(here(command)).redirectErrorStream(true).start();
            processes.add(process);
            List<String> lines = new ArrayList<>();
            BufferedReader output = process.inputReader();
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                lines.add(line);
                if (line.contains(awaited)) {
                    return process;
                }
            }
            throw new IOException("ended before it said " + awaited + ": " + lines);
        }

        private String[] here(String... command) {
            List<String> words = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
            words.addAll(List.of(command));
            return words.toArray(String[]::new);
        }
    }

    private static void run(String... command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes());
        if (statusOf(process) != 0) {
            throw new IOException(String.join(" ", command) + ": " + output);
        }
    }

    private static int status(String... command) throws IOException {
        return statusOf(new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start());
    }

    private static int statusOf(Process process) throws IOException {
        try {
            if (!process.waitFor(COMMAND_TIMEOUT_S, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IOException("no end within " + COMMAND_TIMEOUT_S + " s");
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }
}
