package io.mpquic.cli.service;

import io.mpquic.cli.log.Event;
import io.mpquic.dataplane.Tunnel;
import io.mpquic.dataplane.TunnelEvent;
import io.mpquic.dataplane.TunnelListener;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.InstantSource;

/**
 * Tells the service manager how a tunnel is. A server is ready when it listens. A client is ready when it is up, when
 * there is nothing to dial with, or after 20 s: a service that tries on by itself has not failed to start.
 *
 * <p>A watchdog is fed from a timer of its own, and only when every thread of the tunnel has just given a sign of life.
 */
public final class ServiceReport implements TunnelListener {
    /** Longer than a dial over a bad link takes, and shorter than the minute and a half that systemd allows a start. */
    static final Duration READY_AFTER = Duration.ofSeconds(20);

    /** Two lost or late signs of life do no harm. */
    private static final int SIGNS_PER_WATCHDOG = 3;

    /** What can be asked whether it is alive: a tunnel. */
    @FunctionalInterface
    interface Watched {
        boolean isResponsive(Duration patience) throws InterruptedException;
    }

    private final String instance;
    private final ServiceSummary.Part part;
    private final ServiceTimer timer;
    private final StatusText text;
    private final Duration watchdog;
    private final System.Logger logger;
    private volatile boolean over;
    private boolean unresponsive;

    /**
     * Creates a report.
     *
     * @param watchdog how long the manager waits for a sign of life; zero: it expects none
     */
    ServiceReport(
            String instance,
            ServiceSummary.Part part,
            ServiceTimer timer,
            InstantSource clock,
            Duration watchdog,
            System.Logger logger) {
        this.instance = instance;
        this.part = part;
        this.timer = timer;
        this.text = new StatusText(clock);
        this.watchdog = watchdog;
        this.logger = logger;
    }

    /** A client has begun to dial; it counts as started after a while, whatever comes of it. */
    public void clientStarts() {
        timer.after(READY_AFTER, part::ready);
    }

    /** Feeds the watchdog from now on, as long as the tunnel answers. The tunnel must have been started. */
    public void watch(Tunnel tunnel) {
        watch(tunnel::isResponsive);
    }

    void watch(Watched tunnel) {
        if (!watchdog.isZero()) {
            Duration pause = watchdog.dividedBy(SIGNS_PER_WATCHDOG);
            timer.every(pause, () -> feedWatchdog(tunnel, pause));
        }
    }

    private void feedWatchdog(Watched tunnel, Duration patience) {
        if (over) {
            return;
        }
        boolean answers;
        try {
            answers = tunnel.isResponsive(patience);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        }
        if (answers) {
            part.alive();
        } else if (!unresponsive && !over) {
            logger.log(
                    Level.ERROR,
                    Event.of("unresponsive")
                            .with("instance", instance)
                            .withMs("patience_ms", patience.toNanos())
                            .toString());
        }
        unresponsive = !answers;
    }

    @Override
    public void onEvent(Tunnel tunnel, TunnelEvent event) {
        onEvent(event);
    }

    void onEvent(TunnelEvent event) {
        // How packets travel is for the log: the status tells how the tunnel fares.
        if (event instanceof TunnelEvent.PacketPathKnown) {
            return;
        }
        over |= event instanceof TunnelEvent.Closed;
        String line = text.after(event);
        if (event instanceof TunnelEvent.Closed closed) {
            part.over(closed.failure() == null ? line : "failed");
        } else {
            part.status(line, isReady(event));
        }
    }

    private static boolean isReady(TunnelEvent event) {
        return switch (event) {
            case TunnelEvent.Listening _, TunnelEvent.Up _, TunnelEvent.Waiting _ -> true;
            case TunnelEvent.PacketPathKnown _,
                    TunnelEvent.Connecting _,
                    TunnelEvent.PathMtu _,
                    TunnelEvent.Replaced _,
                    TunnelEvent.Resumed _,
                    TunnelEvent.Down _,
                    TunnelEvent.Closed _ -> false;
        };
    }

    /** The tunnel could not be started. */
    public void failed() {
        over = true;
        part.over("failed");
    }

    /** The process was told to stop. */
    void stopping() {
        over = true;
    }
}
