package io.mpquic.cli.command;

import io.mpquic.dataplane.Tunnel;
import io.mpquic.dataplane.TunnelEvent;
import io.mpquic.dataplane.TunnelListener;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Ties a tunnel to its process. When the process is told to stop, the tunnel is closed, which tells the peer, and the
 * process ends with 0: for a service that was asked to stop this is no failure, though the JVM would report 143.
 */
final class Lifetime implements TunnelListener {
    /** A process that has been told to stop is gone within a second. */
    private static final long CLOSE_WITHIN_MS = 900;

    private final List<TunnelListener> next;
    private final CountDownLatch ended = new CountDownLatch(1);
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private @Nullable Thread hook;

    Lifetime(TunnelListener... next) {
        this.next = List.of(next);
    }

    @Override
    public void onEvent(Tunnel tunnel, TunnelEvent event) {
        next.forEach(listener -> listener.onEvent(tunnel, event));
        if (event instanceof TunnelEvent.Closed(Throwable cause)) {
            failure.set(cause);
            ended.countDown();
        }
    }

    /**
     * From now on the end of the process closes the tunnel.
     *
     * @param first what is done before that
     */
    void endWithProcess(Tunnel tunnel, Runnable first) {
        hook = new Thread(() -> closeAndEnd(tunnel, first), "mpquic-shutdown");
        Runtime.getRuntime().addShutdownHook(hook);
    }

    private static void closeAndEnd(Tunnel tunnel, Runnable first) {
        first.run();
        Thread closing = new Thread(tunnel::close, "mpquic-close");
        closing.setDaemon(true);
        closing.start();
        try {
            closing.join(CLOSE_WITHIN_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().halt(ExitCode.OK);
    }

    /** Waits until the tunnel is over. Returns whether it ended because it was told to. */
    boolean awaitEnd() {
        try {
            ended.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return failure.get() == null;
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
