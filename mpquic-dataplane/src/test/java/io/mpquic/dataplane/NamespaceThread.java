package io.mpquic.dataplane;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
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

/**
 * A network namespace with a thread that lives in it: sockets and devices opened by {@link #call} belong there, and may be
 * used from anywhere.
 */
public final class NamespaceThread implements AutoCloseable {
    private static final int O_CLOEXEC = 0x80000;
    private static final int CLONE_NEWNET = 0x40000000;
    private static final AtomicInteger COUNT = new AtomicInteger();

    private final String name = "dp-" + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet();
    private final ExecutorService inside =
            Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().factory());

    /** Makes one; the test is skipped where that is not allowed. */
    public NamespaceThread() throws Exception {
        assumeTrue(Files.exists(Path.of("/dev/net/tun")), "needs the TUN driver");
        assumeTrue(mayMakeNamespaces(), "needs root, to make network namespaces");
        call(() -> enter("/run/netns/" + name));
        run("ip", "link", "set", "lo", "up");
    }

    /** As {@code ip netns} lists it. */
    public String name() {
        return name;
    }

    private boolean mayMakeNamespaces() throws InterruptedException {
        try {
            execute("ip", "netns", "add", name);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static int enter(String path) throws Exception {
        Linker linker = Linker.nativeLinker();
        MethodHandle open = linker.downcallHandle(
                linker.defaultLookup().find("open").orElseThrow(),
                FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT),
                Linker.Option.firstVariadicArg(2));
        MethodHandle setns = linker.downcallHandle(
                linker.defaultLookup().find("setns").orElseThrow(),
                FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment file = arena.allocateFrom(path);
            int fd = (int) open.invokeExact(file, O_CLOEXEC);
            int result = (int) setns.invokeExact(fd, CLONE_NEWNET);
            if (result != 0) {
                throw new IOException("setns " + path);
            }
            return result;
        } catch (Exception | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** Runs this inside, and waits for it. */
    public <T> T call(Callable<T> task) throws Exception {
        try {
            return inside.submit(task).get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    /** Runs a command inside, and gives its output. */
    public String run(String... command) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(List.of("ip", "netns", "exec", name));
        all.addAll(List.of(command));
        return execute(all.toArray(String[]::new));
    }

    private static String execute(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", command) + ": " + output);
        }
        return output;
    }

    @Override
    public void close() throws Exception {
        inside.shutdownNow();
        execute("ip", "netns", "delete", name);
    }
}
