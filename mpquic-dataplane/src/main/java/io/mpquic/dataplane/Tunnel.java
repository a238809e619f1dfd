package io.mpquic.dataplane;

import io.mpquic.dataplane.agent.DataPlane;
import io.mpquic.dataplane.agent.Settings;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One end of an IP-over-QUIC tunnel: a TUN device on one side, a QUIC connection on the other.
 *
 * <pre>{@code
 * try (Tunnel tunnel = Tunnel.client("vpn.example.net", 4500)
 *         .name("wan1")
 *         .bind(Bind.device("eth1"))
 *         .tun(() -> LinuxTun.open("mpq1", OpenOptions.attachOnly()))
 *         .clientTls(tls)
 *         .build()) {
 *     tunnel.start();
 *     tunnel.awaitUp(Duration.ofSeconds(10));
 *     ...
 * }
 * }</pre>
 *
 * <p>A client dials until it is closed: at once when a session that lasted is over, then after pauses of 0.25 s to 3 s. A
 * server carries packets with one client, the one that came last. The TUN device stays open all the while.
 *
 * <p>Thread-safe. A tunnel is started once.
 */
public final class Tunnel implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Tunnel.class.getName());

    /** To close takes about a millisecond; longer only when a listener or a device holds a thread. */
    private static final long CLOSE_PATIENCE_NS = Duration.ofSeconds(1).toNanos();

    private final Settings settings;
    private final TunnelListener listener;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private @Nullable DataPlane plane;
    private boolean up;
    private boolean closed;

    Tunnel(Settings settings, TunnelListener listener) {
        this.settings = settings;
        this.listener = listener;
    }

    /**
     * Begins the configuration of the end that dials.
     *
     * @param remoteHost a name or an address of the server
     * @param remotePort its UDP port, 1 to 65535
     */
    public static TunnelBuilder client(String remoteHost, int remotePort) {
        return TunnelBuilder.client(remoteHost, remotePort);
    }

    /**
     * Begins the configuration of the end that is dialled.
     *
     * @param listenPort the UDP port to listen at, 1 to 65535; 0: any, see {@link TunnelEvent.Listening}
     */
    public static TunnelBuilder server(int listenPort) {
        return TunnelBuilder.server(listenPort);
    }

    /** The name that was given to the tunnel. */
    public String name() {
        return settings.name();
    }

    /**
     * Opens the TUN device and starts to dial, or to listen. Does not wait for a session.
     *
     * @throws IOException when the device cannot be opened
     * @throws IllegalStateException when it was started or closed before
     */
    public void start() throws IOException {
        lock.lock();
        try {
            if (plane != null || closed) {
                throw new IllegalStateException("a tunnel is started once");
            }
            plane = DataPlane.start(settings, this::onEvent);
        } finally {
            lock.unlock();
        }
    }

    /** Whether there is a session just now. */
    public boolean isUp() {
        lock.lock();
        try {
            return up;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until there is a session.
     *
     * @return whether there is one; false when the time is over or the tunnel is closed
     * @throws InterruptedException when the thread is interrupted while it waits
     */
    public boolean awaitUp(Duration timeout) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long leftNs = timeout.toNanos();
            while (!up && !closed && leftNs > 0) {
                leftNs = changed.awaitNanos(leftNs);
            }
            return up;
        } finally {
            lock.unlock();
        }
    }

    /**
     * What the tunnel has counted since it started.
     *
     * @throws IllegalStateException when it was never started
     */
    public TunnelStatistics statistics() {
        return running().statistics();
    }

    /**
     * Asks every thread of the tunnel for a sign of life, by waking it, and waits for the answers. It costs nothing while
     * nobody asks, and is right for a watchdog: a thread that is stuck, in a listener or in a device, does not answer.
     * From a listener it asks the other threads only.
     *
     * @param patience how long to wait for the answers at most
     * @return whether all have answered; false as well when the tunnel is over
     * @throws IllegalStateException when it was never started
     * @throws InterruptedException when the calling thread is interrupted while it waits
     */
    public boolean isResponsive(Duration patience) throws InterruptedException {
        return running().isResponsive(patience.toNanos());
    }

    /**
     * Ends the session, tells the peer, and waits for the tunnel's threads: within a second, but for a listener that does
     * not return. From a listener it does not wait. Idempotent.
     */
    @Override
    public void close() {
        DataPlane running;
        lock.lock();
        try {
            closed = true;
            up = false;
            changed.signalAll();
            running = plane;
        } finally {
            lock.unlock();
        }
        if (running == null) {
            return;
        }
        running.close();
        try {
            if (!running.awaitEnd(CLOSE_PATIENCE_NS)) {
                LOG.log(Level.WARNING, "tunnel {0}: a thread has not ended yet", settings.name());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private DataPlane running() {
        lock.lock();
        try {
            if (plane == null) {
                throw new IllegalStateException("the tunnel was not started");
            }
            return plane;
        } finally {
            lock.unlock();
        }
    }

    private void onEvent(TunnelEvent event) {
        switch (event) {
            case TunnelEvent.Up ignored -> session(true, false);
            case TunnelEvent.Down ignored -> session(false, false);
            case TunnelEvent.Closed ignored -> session(false, true);
            case TunnelEvent.PacketPathKnown known -> {}
            case TunnelEvent.Listening ignored -> {}
            case TunnelEvent.Connecting ignored -> {}
            case TunnelEvent.PathMtu ignored -> {}
            case TunnelEvent.Replaced ignored -> {}
            case TunnelEvent.Waiting ignored -> {}
            case TunnelEvent.Resumed ignored -> {}
        }
        try {
            listener.onEvent(this, event);
        } catch (RuntimeException e) {
            LOG.log(Level.WARNING, "a listener of tunnel " + settings.name() + " failed at " + event, e);
        }
    }

    private void session(boolean isUp, boolean isOver) {
        lock.lock();
        try {
            closed |= isOver;
            up = isUp && !closed;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
