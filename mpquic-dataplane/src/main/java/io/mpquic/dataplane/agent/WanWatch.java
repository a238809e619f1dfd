package io.mpquic.dataplane.agent;

import io.mpquic.dataplane.Bind;
import io.mpquic.tun.InterfaceMonitor;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Knows the condition of the interface that a client is bound to, by a monitor that a thread of its own waits on. Where
 * the system does not tell, the condition is {@link WanCondition.Unwatched}, and the tunnel goes on without. Thread-safe.
 */
final class WanWatch implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(WanWatch.class.getName());

    private final String tunnel;
    private final String device;
    private final Reach reach;
    private final @Nullable InterfaceMonitor monitor;
    private volatile WanCondition condition;
    private volatile @Nullable Thread thread;

    private WanWatch(String tunnel, String device, Reach reach, @Nullable InterfaceMonitor monitor) {
        this.tunnel = tunnel;
        this.device = device;
        this.reach = reach;
        this.monitor = monitor;
        this.condition = monitor == null ? new WanCondition.Unwatched() : WanCondition.of(monitor.state(), reach);
    }

    /** Begins to watch what a tunnel is bound to, in the network namespace of the calling thread. */
    static WanWatch of(Settings settings) {
        if (settings.role() instanceof Settings.Client client
                && settings.bind() instanceof Bind.Device(String device)) {
            Reach reach = Reach.of(client.host());
            return new WanWatch(settings.name(), device, reach, open(settings, device));
        }
        return new WanWatch(settings.name(), "", Reach.ANY, null);
    }

    private static @Nullable InterfaceMonitor open(Settings settings, String device) {
        try {
            return settings.wan().open(device);
        } catch (IOException | RuntimeException | LinkageError e) {
            report(settings.name(), device, e);
            return null;
        }
    }

    private static void report(String tunnel, String device, Throwable cause) {
        LOG.log(
                Level.WARNING,
                "tunnel {0}: nobody tells of changes of {1}, which will be noticed by timeouts only: {2}",
                tunnel,
                device,
                cause.getMessage());
    }

    /** Whether there is something to wait for, on a thread that runs {@link #follow}. */
    boolean isWatching() {
        return monitor != null;
    }

    /** The interface. */
    String device() {
        return device;
    }

    /** Its condition now. */
    WanCondition condition() {
        return condition;
    }

    /**
     * Follows the interface until the tunnel ends; its own thread.
     *
     * @param changed is run after each change
     */
    void follow(Duty duty, Runnable changed) {
        InterfaceMonitor watched = monitor;
        thread = Thread.currentThread();
        try {
            while (duty.checkIn() && watched != null) {
                show(WanCondition.of(watched.state(), reach), changed);
                watched.await(-1);
            }
        } catch (IOException | RuntimeException e) {
            if (duty.checkIn()) {
                report(tunnel, device, e);
            }
        }
        show(new WanCondition.Unwatched(), changed);
        // The tunnel lives on without: this thread must not take it along.
        while (duty.checkIn()) {
            LockSupport.park(this);
        }
    }

    private void show(WanCondition now, Runnable changed) {
        if (!now.equals(condition)) {
            condition = now;
            changed.run();
        }
    }

    /** Ends a wait of the thread, or else its next one. */
    void wake() {
        if (monitor != null) {
            monitor.wakeup();
            LockSupport.unpark(thread);
        }
    }

    @Override
    public void close() {
        if (monitor != null) {
            monitor.close();
        }
    }
}
