package io.mpquic.quic.interop;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.opentest4j.TestAbortedException;

/**
 * quic-go, what many tunnels run today: the program that scripts/peers.sh builds from src/test/interop/quic-go, which
 * also says what it prints.
 */
final class QuicGoPeer implements Peer {
    private final Path program;

    QuicGoPeer(Path program) {
        this.program = program;
    }

    /** The peer, if scripts/peers.sh has built it on this machine; else the test that asks is skipped, or fails in CI. */
    static QuicGoPeer orSkip() {
        Path program = folder().resolve("quic-go-peer");
        if (Files.isExecutable(program)) {
            return new QuicGoPeer(program);
        }
        String reason = "no quic-go peer here: run scripts/peers.sh as root";
        if ("1".equals(System.getenv("MPQUIC_REQUIRE_ALL"))) {
            throw new AssertionError(reason);
        }
        throw new TestAbortedException(reason);
    }

    private static Path folder() {
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

    @Override
    public Server serve(TestCertificate own, boolean retry, @Nullable TestCertificate clientAuthority)
            throws IOException {
        List<String> command = new ArrayList<>(List.of(
                program.toString(),
                "server",
                "--listen",
                "127.0.0.1:0",
                "--echo",
                "--once",
                "--until-eof",
                "--cert",
                own.certificatePem().toString(),
                "--key",
                own.keyPem().toString()));
        if (retry) {
            command.add("--retry");
        }
        if (clientAuthority != null) {
            command.addAll(
                    List.of("--client-ca", clientAuthority.certificatePem().toString()));
        }
        Run run = new Run(command);
        int port = Integer.parseInt(run.first("READY").get("port"));
        return new Server() {
            @Override
            public InetSocketAddress address() {
                return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
            }

            @Override
            public Report awaitClientGone() {
                return run.report();
            }

            @Override
            public void close() {
                run.close();
            }
        };
    }

    @Override
    public Report connect(InetSocketAddress server, TestCertificate trusted, @Nullable TestCertificate own, int count)
            throws IOException {
        List<String> command = new ArrayList<>(List.of(
                program.toString(),
                "client",
                "--connect",
                "127.0.0.1:" + server.getPort(),
                "--until-eof",
                "--ca",
                trusted.certificatePem().toString(),
                "--server-name",
                TestCertificate.NAME,
                "--send",
                Integer.toString(count)));
        if (own != null) {
            command.addAll(List.of(
                    "--cert",
                    own.certificatePem().toString(),
                    "--key",
                    own.keyPem().toString()));
        }
        try (Run run = new Run(command)) {
            return run.report();
        }
    }

    /** One run of the program, whose lines a thread of its own collects. Its end ends the program too. */
    private static final class Run implements AutoCloseable {
        private static final Pattern WORD = Pattern.compile("(\\w+)=(\"[^\"]*\"|\\S*)");

        private final Process process;
        private final List<String> lines = Collections.synchronizedList(new ArrayList<>());
        private final CompletableFuture<String> ready = new CompletableFuture<>();
        private final Thread reader;

        Run(List<String> command) throws IOException {
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
            reader = Thread.ofVirtual().start(this::read);
        }

        private void read() {
            try (BufferedReader in = process.inputReader(StandardCharsets.UTF_8)) {
                for (String line = in.readLine(); line != null; line = in.readLine()) {
                    lines.add(line);
                    if (line.startsWith("READY")) {
                        ready.complete(line);
                    }
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } finally {
                ready.completeExceptionally(new IOException("quic-go ended: " + lines));
            }
        }

        /** The words of the READY line, once it is there; of any other line, once the program has ended. */
        Map<String, String> first(String event) throws IOException {
            String found = event.equals("READY")
                    ? KwikPeer.await(ready)
                    : lines.stream()
                            .filter(line -> line.startsWith(event))
                            .findFirst()
                            .orElseThrow(() -> new IOException("no line " + event + " in " + lines));
            Matcher word = WORD.matcher(found);
            Map<String, String> words = new HashMap<>();
            while (word.find()) {
                words.put(word.group(1), word.group(2));
            }
            return words;
        }

        /** What it says of its connection, once it has ended. */
        Report report() {
            try {
                if (!process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                    throw new IOException("quic-go has not ended: " + lines);
                }
                reader.join();
                if (process.exitValue() != 0) {
                    throw new IOException("quic-go failed: " + lines);
                }
                Map<String, String> datagrams = first("DATAGRAM");
                Map<String, String> closed = first("CLOSED");
                return new Report(
                        first("HANDSHAKE ok").get("alpn"),
                        Integer.parseInt(datagrams.get("received")),
                        Integer.parseInt(datagrams.get("corrupt")),
                        new Close(
                                closed.get("by").equals("peer"),
                                Boolean.parseBoolean(closed.get("application")),
                                Long.parseLong(closed.get("code"))));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void close() {
            process.toHandle().destroy(); // Process.destroy would close its output under the reader
        }
    }
}
