package io.mpquic.quic.interop;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.opentest4j.TestAbortedException;

/**
 * A peer that is a program of its own: one of those that scripts/peers.sh builds from src/test/interop. They all have
 * the options, and print the lines, that the source of the one for quic-go describes.
 */
final class ProgramPeer implements Peer {
    private final String name;
    private final Path program;

    private ProgramPeer(String name, Path program) {
        this.name = name;
        this.program = program;
    }

    /** The peer of that name, if it was built on this machine; else the test that asks is skipped, or fails in CI. */
    static ProgramPeer orSkip(String name) {
        Path program = folder().resolve(name + "-peer");
        if (Files.isExecutable(program)) {
            return new ProgramPeer(name, program);
        }
        String reason = "no " + name + " peer here: run scripts/peers.sh as root";
        if ("1".equals(System.getenv("MPQUIC_REQUIRE_ALL"))) {
            throw new AssertionError(reason);
        }
        throw new TestAbortedException(reason);
    }

    static Path folder() {
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
        List<String> command = new ArrayList<>(List.of("server", "--listen", "127.0.0.1:0", "--echo", "--until-eof"));
        addIdentity(command, own);
        if (retry) {
            command.add("--retry");
        }
        if (clientAuthority != null) {
            command.addAll(List.of("--client-ca", clientAuthority.rootPem().toString()));
        }
        ProgramRun run = new ProgramRun(name, program, command);
        int port = Integer.parseInt(run.next("READY").get("port"));
        return new Server() {
            @Override
            public InetSocketAddress address() {
                return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
            }

            @Override
            public Report awaitClientGone() throws IOException {
                return run.report();
            }

            @Override
            public void close() {
                run.close();
            }
        };
    }

    @Override
    public Report connect(InetSocketAddress server, Task task) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                "client",
                "--connect",
                "127.0.0.1:" + server.getPort(),
                "--until-eof",
                "--ca",
                task.trusted().rootPem().toString(),
                "--server-name",
                TestCertificate.NAME,
                "--send",
                Integer.toString(task.datagrams()),
                "--stream",
                Integer.toString(task.streamBytes())));
        if (task.own() != null) {
            addIdentity(command, task.own());
        }
        switch (task.action()) {
            case NONE -> {}
            case RESUME -> command.add("--resume");
            case UPDATE_KEYS -> command.add("--update-keys");
            case MOVE -> command.addAll(List.of("--move-to", NEW_ADDRESS));
        }
        try (ProgramRun run = new ProgramRun(name, program, command)) {
            run.awaitPass();
            if (task.action() == Action.RESUME) {
                run.report(); // that of the connection whose session the next one continues
            }
            return run.report();
        }
    }

    private static void addIdentity(List<String> command, TestCertificate own) {
        command.addAll(List.of(
                "--cert", own.certificatePem().toString(), "--key", own.keyPem().toString()));
    }
}
