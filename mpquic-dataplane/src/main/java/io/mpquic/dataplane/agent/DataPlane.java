package io.mpquic.dataplane.agent;

import io.mpquic.dataplane.DropCause;
import io.mpquic.dataplane.TunnelEvent;
import io.mpquic.dataplane.TunnelStatistics;
import io.mpquic.dataplane.ring.PacketRing;
import io.mpquic.tun.TunDevice;
import java.io.IOException;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The threads of a running tunnel, its device and its rings. Thread-safe. */
public final class DataPlane {
    private static final int MAX_PACKET_BYTES = 65_535;

    private final Settings settings;
    private final Consumer<TunnelEvent> events;
    private final TunDevice tun;
    private final PacketRing fromHost;
    private final Tally tally = new Tally();
    private final SessionBoard board = new SessionBoard();
    private final Waker waker;
    private final WanWatch wan;
    private final Lifecycle lifecycle = new Lifecycle(this::wakeAll, this::end);
    private @Nullable TunWatcher watcher;

    private DataPlane(Settings settings, Consumer<TunnelEvent> events, TunDevice tun, WanWatch wan) throws IOException {
        this.settings = settings;
        this.events = events;
        this.tun = tun;
        this.wan = wan;
        int packetBytes = Math.max(PacketRing.USUAL_PACKET_BYTES, Math.min(tun.mtu(), MAX_PACKET_BYTES));
        this.fromHost = new PacketRing(settings.queuePackets(), packetBytes);
        this.waker = new Waker(tun, this::gone);
    }

    /**
     * Opens the device and starts the threads.
     *
     * @param events hears of everything, on one thread at a time
     * @throws IOException when the device cannot be opened
     */
    public static DataPlane start(Settings settings, Consumer<TunnelEvent> events) throws IOException {
        TunDevice tun = settings.tun().open();
        WanWatch wan = WanWatch.of(settings);
        try {
            DataPlane plane = new DataPlane(settings, events, tun, wan);
            plane.startThreads();
            return plane;
        } catch (IOException | RuntimeException e) {
            wan.close();
            if (settings.closesTun()) {
                tun.close();
            }
            throw e;
        }
    }

    private void startThreads() {
        HostReader host = new HostReader(tun, fromHost, tally, lifecycle::fail);
        Inbound inbound = new Inbound(tun, tally, settings.clampSegmentSize(), lifecycle::fail);
        Outbound outbound = new Outbound(fromHost, inbound, tally, settings.clampSegmentSize(), settings.queueTimeNs());
        Pump pump = new Pump(host, outbound, inbound, waker, board);
        waker.worker(lifecycle.add(settings.name() + "-quic", duty -> worker(duty, pump)));
        if (!UdpSockets.waitsForTun(settings, tun)) {
            lifecycle.add(settings.name() + "-tun", duty -> {
                TunWatcher made = new TunWatcher(tun, waker, duty);
                waker.watcher(made);
                watcher = made;
                return made;
            });
        }
        if (wan.isWatching()) {
            lifecycle.add(settings.name() + "-wan", duty -> () -> wan.follow(duty, waker::wake));
        }
        lifecycle.start();
    }

    private Lifecycle.Body worker(Duty duty, Pump pump) {
        return switch (settings.role()) {
            case Settings.Client client -> new ClientAgent(settings, client, duty, waker, pump, tally, wan, events);
            case Settings.Server server -> new ServerAgent(settings, server, duty, waker, pump, tally, events);
        };
    }

    private void gone(IOException reason) {
        lifecycle.fail(reason);
    }

    /** Tells the threads to end. They tell the peer, and the last one reports the end. */
    public void close() {
        lifecycle.close();
    }

    /**
     * Waits until the threads have ended.
     *
     * @return whether they did in time
     */
    public boolean awaitEnd(long timeoutNs) throws InterruptedException {
        return lifecycle.awaitEnd(timeoutNs);
    }

    /**
     * Asks every thread for a sign of life.
     *
     * @return whether all have answered in time; false as well when they are to end
     */
    public boolean isResponsive(long patienceNs) throws InterruptedException {
        return lifecycle.isResponsive(patienceNs);
    }

    /** What was counted so far. */
    public TunnelStatistics statistics() {
        Map<DropCause, Long> drops = new EnumMap<>(DropCause.class);
        for (DropCause cause : DropCause.values()) {
            drops.put(cause, tally.value(cause));
        }
        return new TunnelStatistics(
                tally.value(Counter.FROM_HOST_PACKETS),
                tally.value(Counter.FROM_HOST_BYTES),
                tally.value(Counter.SENT_PACKETS),
                tally.value(Counter.SENT_BYTES),
                tally.value(Counter.FRAGMENTED_PACKETS),
                tally.value(Counter.MARKED_PACKETS),
                tally.value(Counter.RECEIVED_PACKETS),
                tally.value(Counter.RECEIVED_BYTES),
                tally.value(Counter.ICMP_ANSWERS),
                tally.value(Counter.CLAMPED_SEGMENT_SIZES),
                tally.value(Counter.TO_HOST_PACKETS),
                tally.value(Counter.TO_HOST_BYTES),
                drops,
                fromHost.size(),
                tally.value(Counter.SESSIONS),
                board.packetPath(),
                board.shown(System.nanoTime()));
    }

    private void wakeAll() {
        waker.wake();
        tun.wakeup();
        TunWatcher watching = watcher;
        if (watching != null) {
            watching.wake();
        }
        wan.wake();
    }

    /** On the last thread. */
    private void end() {
        if (settings.closesTun()) {
            tun.close();
        }
        wan.close();
        events.accept(new TunnelEvent.Closed(lifecycle.failure()));
    }
}
