package io.mpquic.dataplane.agent;

import io.mpquic.dataplane.DropCause;
import io.mpquic.dataplane.TunnelEvent;
import io.mpquic.dataplane.TunnelStatistics;
import io.mpquic.dataplane.ring.Doorbell;
import io.mpquic.dataplane.ring.PacketRing;
import io.mpquic.dataplane.ring.SlotArena;
import io.mpquic.tun.TunDevice;
import java.io.IOException;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The threads of a running tunnel, its device and its rings. Thread-safe. */
public final class DataPlane {
    private static final int MAX_PACKET_BYTES = 65_535;

    private final Settings settings;
    private final Consumer<TunnelEvent> events;
    private final TunDevice tun;
    private final PacketRing fromHost;
    private final PacketRing toHost;
    private final Tally readerTally = new Tally();
    private final Tally workerTally = new Tally();
    private final Tally writerTally = new Tally();
    private final SessionBoard board = new SessionBoard();
    private final Waker waker = new Waker();
    private final WanWatch wan;
    private final Lifecycle lifecycle = new Lifecycle(this::wakeAll, this::end);
    private @Nullable Thread writer;

    private DataPlane(Settings settings, Consumer<TunnelEvent> events, TunDevice tun, WanWatch wan) throws IOException {
        this.settings = settings;
        this.events = events;
        this.tun = tun;
        this.wan = wan;
        int fromHostBytes = Math.max(SlotArena.DEFAULT_PACKET_BYTES, Math.min(tun.mtu(), MAX_PACKET_BYTES));
        int toHostBytes = Math.max(fromHostBytes, settings.transport().maxUdpPayloadBytes());
        this.fromHost = new PacketRing(settings.queuePackets(), fromHostBytes);
        this.toHost = new PacketRing(settings.queuePackets(), toHostBytes);
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
        Doorbell workerBell = new Doorbell(waker::wake);
        Doorbell writerBell = new Doorbell(() -> LockSupport.unpark(writer));
        Inbound inbound = new Inbound(toHost, writerBell, workerTally, settings.clampSegmentSize());
        Outbound outbound =
                new Outbound(fromHost, inbound, workerTally, settings.clampSegmentSize(), settings.queueTimeNs());
        Pump pump = new Pump(outbound, inbound, workerBell, board);
        waker.worker(lifecycle.add(settings.name() + "-quic", duty -> worker(duty, pump)));
        writer = lifecycle.add(
                settings.name() + "-tun-write", duty -> new TunWriter(tun, toHost, writerBell, writerTally, duty));
        lifecycle.add(
                settings.name() + "-tun-read", duty -> new TunReader(tun, fromHost, workerBell, readerTally, duty));
        if (wan.isWatching()) {
            lifecycle.add(settings.name() + "-wan", duty -> () -> wan.follow(duty, waker::wake));
        }
        lifecycle.start();
    }

    private Lifecycle.Body worker(Duty duty, Pump pump) {
        return switch (settings.role()) {
            case Settings.Client client ->
                new ClientAgent(settings, client, duty, waker, pump, workerTally, wan, events);
            case Settings.Server server -> new ServerAgent(settings, server, duty, waker, pump, workerTally, events);
        };
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
            drops.put(cause, readerTally.value(cause) + workerTally.value(cause) + writerTally.value(cause));
        }
        return new TunnelStatistics(
                readerTally.value(Counter.FROM_HOST_PACKETS),
                readerTally.value(Counter.FROM_HOST_BYTES),
                workerTally.value(Counter.SENT_PACKETS),
                workerTally.value(Counter.SENT_BYTES),
                workerTally.value(Counter.FRAGMENTED_PACKETS),
                workerTally.value(Counter.RECEIVED_PACKETS),
                workerTally.value(Counter.RECEIVED_BYTES),
                workerTally.value(Counter.ICMP_ANSWERS),
                workerTally.value(Counter.CLAMPED_SEGMENT_SIZES),
                writerTally.value(Counter.TO_HOST_PACKETS),
                writerTally.value(Counter.TO_HOST_BYTES),
                drops,
                fromHost.size(),
                toHost.size(),
                workerTally.value(Counter.SESSIONS),
                board.shown(System.nanoTime()));
    }

    private void wakeAll() {
        waker.wake();
        tun.wakeup();
        LockSupport.unpark(writer);
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
