package io.mpquic.dataplane.agent;

import io.mpquic.quic.io.EndpointDriver;
import io.mpquic.tun.TunDevice;
import java.io.IOException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Where the worker waits while it has no socket, and what wakes it wherever it waits. A worker whose socket waits for the
 * TUN device as well does so by itself; any other has a {@link TunWatcher}. Thread-safe but for {@link #rest}.
 */
final class Waker {
    private final TunDevice tun;
    private final Consumer<IOException> onGone;
    private volatile @Nullable Thread worker;
    private volatile @Nullable EndpointDriver driver;
    private volatile @Nullable TunWatcher watcher;

    /**
     * Joins a device.
     *
     * @param onGone hears that the device is gone
     */
    Waker(TunDevice tun, Consumer<IOException> onGone) {
        this.tun = tun;
        this.onGone = onGone;
    }

    void worker(Thread thread) {
        worker = thread;
    }

    void watcher(TunWatcher newWatcher) {
        watcher = newWatcher;
    }

    /** The worker waits in this driver from now on. */
    void attach(EndpointDriver newDriver) {
        driver = newDriver;
    }

    /** The worker has no driver from now on. */
    void detach() {
        driver = null;
    }

    /** Worker: a packet of the host is to end the wait that follows. */
    void expectPacket() {
        TunWatcher watching = watcher;
        if (watching != null) {
            watching.arm();
        }
    }

    /** Worker: waits without a driver until it is woken, a packet comes from the host, or the time is over. */
    void rest(long maxWaitNs) {
        if (watcher != null) {
            expectPacket();
            LockSupport.parkNanos(this, maxWaitNs);
            return;
        }
        try {
            tun.await(maxWaitNs == Long.MAX_VALUE ? -1 : maxWaitNs);
        } catch (IOException e) {
            onGone.accept(e);
        }
    }

    /** Ends a wait of the worker, or else its next one. */
    void wake() {
        EndpointDriver attached = driver;
        if (attached != null) {
            attached.wakeup();
        }
        if (watcher == null) {
            // Whether it waits here now cannot be known. A wait that ends for nothing does no harm.
            tun.wakeup();
        }
        LockSupport.unpark(worker);
    }
}
