package io.mpquic.tun;

import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.mpquic.tun.ffi.Errno;
import io.mpquic.tun.ffi.Syscalls;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A network namespace of its own for a test, with the loopback interface up.
 *
 * <p>{@link #call} runs code on a thread that lives in the namespace. Sockets and TUN devices opened there belong to the
 * namespace, and may be used from any thread: so one JVM can play both ends of a tunnel. {@link #close} deletes the
 * namespace with all interfaces in it.
 */
public final class NetworkNamespace implements AutoCloseable {
    private static final Path NAMES = Path.of("/run/netns");
    private static final AtomicInteger COUNT = new AtomicInteger();

    private final String name;
    private final ExecutorService inside;

    private NetworkNamespace(String name, ExecutorService inside) {
        this.name = name;
        this.inside = inside;
    }

    /** Makes the test step aside, and say so, where namespaces and TUN devices cannot be made. */
    public static void assumeAllowed() {
        assumeTrue(System.getProperty("os.name").equals("Linux"), "needs Linux");
        assumeTrue(isRoot(), "needs root, to make network namespaces");
        assumeTrue(Files.exists(Path.of("/dev/net/tun")), "needs the TUN driver, and there is no /dev/net/tun");
        // Root in a container may still lack the capabilities.
        try {
            create("probe").close();
        } catch (IOException e) {
            abort("needs the right to make network namespaces: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            abort("interrupted");
        }
    }

    /**
     * Makes a namespace whose name begins with {@code purpose}, unique to this process.
     *
     * @throws IOException when that fails; see {@link #assumeAllowed}
     */
    public static NetworkNamespace create(String purpose) throws IOException, InterruptedException {
        String name = purpose + "-" + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet();
        Commands.run("ip", "netns", "add", name);
        ExecutorService inside = Executors.newSingleThreadExecutor(
                Thread.ofPlatform().name("netns-" + name).daemon().factory());
        NetworkNamespace namespace = new NetworkNamespace(name, inside);
        try {
            namespace.call(() -> enter(NAMES.resolve(name)));
            namespace.run("ip", "link", "set", "lo", "up");
        } catch (IOException e) {
            namespace.close();
            throw e;
        }
        return namespace;
    }

    /** The name, as {@code ip netns} lists it. */
    public String name() {
        return name;
    }

    /** Runs {@code task} on the thread inside, and waits for it. What it throws is thrown here. */
    public <T> T call(Callable<T> task) throws IOException, InterruptedException {
        try {
            return inside.submit(task).get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException cause -> throw cause;
                case RuntimeException cause -> throw cause;
                case Error cause -> throw cause;
                default -> throw new IllegalStateException(e);
            }
        }
    }

    /**
     * Runs a command inside, and waits for it.
     *
     * @return what it wrote
     * @throws IOException when it fails, with what it wrote
     */
    public String run(String... command) throws IOException, InterruptedException {
        return Commands.run(prefixed(command));
    }

    /** Starts a command inside; its output, both streams as one, is in the process's input stream. */
    public Process start(String... command) throws IOException {
        return new ProcessBuilder(prefixed(command))
                .redirectErrorStream(true)
                .redirectInput(Redirect.from(Path.of("/dev/null").toFile()))
                .start();
    }

    /** Makes a pair of connected Ethernet interfaces, {@code mine} here and {@code theirs} in {@code other}, both up. */
    public void connect(String mine, NetworkNamespace other, String theirs) throws IOException, InterruptedException {
        run("ip", "link", "add", mine, "type", "veth", "peer", "name", theirs, "netns", other.name);
        run("ip", "link", "set", mine, "up");
        other.run("ip", "link", "set", theirs, "up");
    }

    @Override
    public void close() throws IOException, InterruptedException {
        inside.shutdownNow();
        Commands.run("ip", "netns", "delete", name);
    }

    private String[] prefixed(String... command) {
        List<String> all = new ArrayList<>(List.of("ip", "netns", "exec", name));
        all.addAll(List.of(command));
        return all.toArray(String[]::new);
    }

    private static @Nullable Void enter(Path namespace) throws IOException {
        int fd = Syscalls.open(namespace.toString(), Syscalls.O_RDONLY);
        if (fd < 0) {
            throw new IOException("open " + namespace + ": " + Errno.describe(-fd));
        }
        int result = Syscalls.enterNetworkNamespace(fd);
        Syscalls.close(fd);
        if (result < 0) {
            throw new IOException("setns " + namespace + ": " + Errno.describe(-result));
        }
        return null;
    }

    private static boolean isRoot() {
        try {
            return Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
        } catch (IOException e) {
            return false;
        }
    }

    /** Commands of the operating system. */
    static final class Commands {
        private Commands() {}

        static String run(String... command) throws IOException, InterruptedException {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectInput(Redirect.from(Path.of("/dev/null").toFile()))
                    .start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int status = process.waitFor();
            if (status != 0) {
                throw new IOException(String.join(" ", command) + " ended with " + status + ": " + output.strip());
            }
            return output;
        }
    }
}
