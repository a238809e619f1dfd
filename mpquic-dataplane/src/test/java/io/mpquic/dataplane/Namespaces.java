package io.mpquic.dataplane;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/**
 * Two hosts with a network of their own each, joined by two links:
 *
 * <pre>
 *   client host                                  server host
 *   tun 10.9.0.1/24, fd09::1/64                  tun 10.9.0.2/24, fd09::2/64
 *   wan1 10.1.0.1/24 ------------------------ wan1 10.1.0.2/24
 *   wan2 10.2.0.1/24 ------------------------ wan2 10.2.0.2/24
 * </pre>
 *
 * <p>Needs root; without it, tests are skipped.
 */
final class Namespaces implements AutoCloseable {
    static final int PORT = 4433;

    private static final String END_OF_OUTPUT = "(end of output)";

    /** A program in one of the hosts. */
    record Program(Process process, List<String> lines) {
        void await(String what, int count) throws InterruptedException {
            Ends.await(
                    () -> what + " number " + count + " in " + lines,
                    () -> lines.stream().filter(line -> line.startsWith(what)).count() >= count);
        }

        /** How many lines of its output hold this. */
        long count(String what) {
            return lines.stream().filter(line -> line.contains(what)).count();
        }

        /** Has it print its figures. */
        void ask() {
            try {
                process.getOutputStream().write('\n');
                process.getOutputStream().flush();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** Tells it to end, and waits until it has. */
        void end() throws InterruptedException {
            process.destroy();
            process.waitFor();
            Ends.await(() -> "end of output in " + lines, () -> lines.contains(END_OF_OUTPUT));
        }

        /** Ends it without letting it say good-bye. */
        void kill() throws InterruptedException {
            process.destroyForcibly().waitFor();
        }
    }

    private final String client = "dataplane" + ProcessHandle.current().pid() + "c";
    private final String server = "dataplane" + ProcessHandle.current().pid() + "s";
    private final List<Program> programs = new ArrayList<>();
    private int nextIndex = 100;

    Namespaces() throws IOException, InterruptedException {
        assumeTrue(System.getProperty("os.name").equals("Linux"), "needs Linux");
        assumeTrue(Files.exists(Path.of("/dev/net/tun")), "needs the TUN driver");
        assumeTrue(run("ip", "netns", "add", client) == 0, "needs root, to make network namespaces");
        must("ip", "netns", "add", server);
        for (int wan = 1; wan <= 2; wan++) {
            String name = "wan" + wan;
            connect(wan);
        }
        tun(client, "10.9.0.1/24", "fd09::1/64");
        tun(server, "10.9.0.2/24", "fd09::2/64");
    }

    /**
     * Joins the hosts by a link, which must not be there. Its ends have different indexes: only then does the kernel
     * report a carrier that comes or goes at once, as it does for a network card.
     */
    void connect(int wan) throws IOException, InterruptedException {
        String name = "wan" + wan;
        List<String> command = new ArrayList<>(List.of("ip", "-n", client, "link", "add", name));
        command.addAll(List.of("index", Integer.toString(nextIndex++), "type", "veth", "peer", "name", name));
        command.addAll(List.of("index", Integer.toString(nextIndex++), "netns", server));
        must(command.toArray(String[]::new));
        host(client, name, "10." + wan + ".0.1/24");
        host(server, name, "10." + wan + ".0.2/24");
    }

    private static void host(String namespace, String device, String address) throws IOException, InterruptedException {
        must("ip", "-n", namespace, "address", "add", address, "dev", device);
        must("ip", "-n", namespace, "link", "set", device, "up");
        must("ip", "-n", namespace, "link", "set", "lo", "up");
    }

    private static void tun(String namespace, String ipv4, String ipv6) throws IOException, InterruptedException {
        must("ip", "-n", namespace, "tuntap", "add", "tun0", "mode", "tun");
        must("ip", "-n", namespace, "link", "set", "tun0", "mtu", "4000");
        must("ip", "-n", namespace, "address", "add", ipv6, "dev", "tun0", "nodad");
        host(namespace, "tun0", ipv4);
    }

    /** Starts a tunnel's client that dials the server over a WAN. */
    Program startClient(int wan, String... device) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("client", "10." + wan + ".0.2", PORT + "", "tun0"));
        arguments.addAll(List.of(device));
        return startTunnel(client, arguments);
    }

    /** Starts a tunnel's server. */
    Program startServer() throws IOException {
        return startTunnel(server, List.of("server", PORT + "", "tun0"));
    }

    private Program startTunnel(String namespace, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED", "-cp"));
        command.add(System.getProperty("java.class.path"));
        command.add(TunnelProcess.class.getName());
        command.addAll(arguments);
        return start(command);
    }

    private Program start(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        List<String> lines = new CopyOnWriteArrayList<>();
        Thread.ofVirtual().start(() -> collect(process, lines));
        Program program = new Program(process, lines);
        programs.add(program);
        return program;
    }

    /**
     * Starts to watch a device of the client's host for the tunnel's packets, and waits until it does. What it sees becomes
     * the lines of the program.
     */
    Program captureOnClient(String device) throws IOException, InterruptedException {
        Program capture = start(List.of(
                "ip",
                "netns",
                "exec",
                client,
                "tcpdump",
                "-n",
                "-l",
                "--immediate-mode",
                "-i",
                device,
                "udp",
                "port",
                PORT + ""));
        capture.await("listening on " + device, 1);
        return capture;
    }

    private static void collect(Process process, List<String> lines) {
        try (BufferedReader reader =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            reader.lines().forEach(lines::add);
        } catch (IOException | RuntimeException ended) {
            lines.add("output ended: " + ended);
        }
        lines.add(END_OF_OUTPUT);
    }

    /** Runs a command on the client's host and gives its output. */
    String onClient(String... command) throws IOException, InterruptedException {
        return output(client, command);
    }

    /** Runs a command on the server's host and gives its output. */
    String onServer(String... command) throws IOException, InterruptedException {
        return output(server, command);
    }

    private static String output(String namespace, String... command) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
        all.addAll(List.of(command));
        Process process = new ProcessBuilder(all).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return output;
    }

    private static int run(String... command) throws IOException, InterruptedException {
        try {
            return new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (IOException noSuchProgram) {
            return -1;
        }
    }

    private static void must(String... command) throws IOException, InterruptedException {
        int status = run(command);
        if (status != 0) {
            throw new IOException(String.join(" ", command) + " ended with " + status);
        }
    }

    @Override
    public void close() throws IOException, InterruptedException {
        for (Program program : programs) {
            program.process().getOutputStream().close();
        }
        for (Program program : programs) {
            if (!program.process().waitFor(5, TimeUnit.SECONDS)) {
                program.kill();
            }
        }
        run("ip", "netns", "del", client);
        run("ip", "netns", "del", server);
    }
}
