package io.mpquic.cli.command;

import io.mpquic.dataplane.Tunnel;
import io.mpquic.dataplane.TunnelEvent;
import io.mpquic.dataplane.TunnelListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Ties tunnels to their process. When the process is told to stop, they are closed, which tells their peers, and the
 * process ends with 0: for a service that was asked to stop this is no failure, though the JVM would report 143. By itself
 * it ends with the last tunnel. Thread-safe.
 */
final class Lifetime {
    /** A process that has been told to stop is gone within a second. */
    private static final long CLOSE_WITHIN_NS = TimeUnit.MILLISECONDS.toNanos(900);

    private static final long POLL_MS = 10;

    private final List<Tunnel> tunnels = new CopyOnWriteArrayList<>();
    private final CountDownLatch running;
    private final AtomicInteger exitCode = new AtomicInteger(ExitCode.OK);
    private @Nullable Thread hook;

    /**
     * Creates a lifetime.
     *
     * @param count of how many tunnels; each of them has to end, by its event or by {@link #ended}
     */
    Lifetime(int count) {
        this.running = new CountDownLatch(count);
    }

    /** Notes the end of one tunnel, after others have heard of it. */
    TunnelListener listener(TunnelListener... next) {
        List<TunnelListener> listeners = List.of(next);
        AtomicBoolean over = new AtomicBoolean();
        return (tunnel, event) -> {
            for (TunnelListener listener : listeners) {
                listener.onEvent(tunnel, event);
            }
            if (event instanceof TunnelEvent.Closed(Throwable cause) && over.compareAndSet(false, true)) {
                ended(cause == null ? ExitCode.OK : ExitCode.FAILED);
            }
        };
    }

    /** The end of the process closes this tunnel. */
    void add(Tunnel tunnel) {
        tunnels.add(tunnel);
    }

    /**
     * One tunnel is over. A failure outweighs a wrong configuration, because it may go away when the process is started
     * again.
     */
    void ended(int code) {
        exitCode.accumulateAndGet(code, Lifetime::graver);
        running.countDown();
    }

    private static int graver(int code, int other) {
        return code == ExitCode.FAILED || other == ExitCode.FAILED ? ExitCode.FAILED : Math.max(code, other);
    }

    /**
     * From now on the end of the process closes the tunnels.
     *
     * @param first what is done before that
     */
    void endWithProcess(Runnable first) {
        hook = new Thread(() -> closeAndEnd(first), "mpquic-shutdown");
        Runtime.getRuntime().addShutdownHook(hook);
    }

    private void closeAndEnd(Runnable first) {
        first.run();
        close();
        Runtime.getRuntime().halt(ExitCode.OK);
    }

    /** Closes all tunnels at once; whatever holds one of them up, the caller goes on within a second. */
    void close() {
        List<Thread> closing = new ArrayList<>();
        for (Tunnel tunnel : tunnels) {
            Thread thread = new Thread(tunnel::close, "mpquic-close");
            thread.setDaemon(true);
            thread.start();
            closing.add(thread);
        }
        long deadlineNs = System.nanoTime() + CLOSE_WITHIN_NS;
        try {
            for (Thread thread : closing) {
                // A join of zero would wait for ever.
                thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadlineNs - System.nanoTime())));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits until every tunnel is up, or the time is over. */
    void awaitUp(Duration patience) throws InterruptedException {
        long deadlineNs = System.nanoTime() + patience.toNanos();
        while (tunnels.size() < running.getCount() && System.nanoTime() < deadlineNs) {
            Thread.sleep(POLL_MS);
        }
        for (Tunnel tunnel : tunnels) {
            tunnel.awaitUp(Duration.ofNanos(Math.max(0, deadlineNs - System.nanoTime())));
        }
    }

    /** Waits until the last tunnel is over. Returns the exit code of the process. */
    int awaitEnd() {
        try {
            running.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return exitCode.get();
    }

    /** Lets the process end with the command's exit code. When it is being stopped already, that goes on. */
    void leaveExitCode() {
        if (hook == null) {
            return;
        }
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException stopping) {
            // The hook is at work and ends the process.
        }
    }
}
