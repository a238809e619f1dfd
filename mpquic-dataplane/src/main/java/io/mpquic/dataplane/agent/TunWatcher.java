package io.mpquic.dataplane.agent;

import io.mpquic.tun.TunDevice;
import java.io.IOException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Waits for packets of a TUN device on a thread of its own, for a worker whose socket cannot wait for both.
 *
 * <pre>
 *   worker                          watcher
 *     nothing to read from the device
 *     arm                             parked until it is armed
 *     waits in its socket             waits in the device
 *     woken, reads the device         a packet: disarms, wakes the worker
 * </pre>
 *
 * <p>The device says that a packet waits for as long as one does, so one that came before the watcher looks is not missed.
 */
final class TunWatcher implements Lifecycle.Body {
    private final TunDevice tun;
    private final Waker waker;
    private final Duty duty;
    private volatile boolean armed;
    private volatile @Nullable Thread thread;

    TunWatcher(TunDevice tun, Waker waker, Duty duty) {
        this.tun = tun;
        this.waker = waker;
        this.duty = duty;
    }

    /** The worker wants to be woken for the next packet. */
    void arm() {
        if (!armed) {
            armed = true;
            LockSupport.unpark(thread);
        }
    }

    /** Lets the watcher see that it is to end. */
    void wake() {
        LockSupport.unpark(thread);
    }

    @Override
    public void run() throws IOException {
        thread = Thread.currentThread();
        while (duty.checkIn()) {
            if (armed) {
                tun.await(-1);
                armed = false;
                waker.wake();
            } else {
                LockSupport.park(this);
            }
        }
    }
}
