package io.mpquic.dataplane.agent;

import io.mpquic.quic.io.EndpointDriver;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Wakes the worker, wherever it waits: in its socket's selector, or parked when it has no socket. Thread-safe. */
final class Waker {
    private volatile @Nullable Thread worker;
    private volatile @Nullable EndpointDriver driver;

    void worker(Thread thread) {
        worker = thread;
    }

    /** The worker waits in this driver from now on. */
    void attach(EndpointDriver newDriver) {
        driver = newDriver;
    }

    /** The worker waits parked from now on. */
    void detach() {
        driver = null;
    }

    /** Ends a wait of the worker, or else its next one. */
    void wake() {
        EndpointDriver attached = driver;
        if (attached != null) {
            attached.wakeup();
        }
        LockSupport.unpark(worker);
    }
}
