package io.mpquic.dataplane;

import io.mpquic.quic.tls.Identity;
import io.mpquic.quic.tls.TlsClientConfig;
import io.mpquic.quic.tls.TlsServerConfig;
import io.mpquic.tun.MemoryTun;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Makes tunnels with devices in memory over loopback, and waits for what they do. */
final class Ends {
    static final Duration PATIENCE = Duration.ofSeconds(20);
    static final Identity SERVER_IDENTITY = identity();

    private static final String ALPN = "mpquic-test";

    /** A tunnel, its device, and what it reported. */
    record End(Tunnel tunnel, MemoryTun tun, List<TunnelEvent> events) implements AutoCloseable {
        @Override
        public void close() {
            tunnel.close();
            tun.close();
        }

        <T extends TunnelEvent> List<T> events(Class<T> kind) {
            return events.stream().filter(kind::isInstance).map(kind::cast).toList();
        }

        <T extends TunnelEvent> T await(Class<T> kind, int count) throws InterruptedException {
            Ends.await(
                    kind.getSimpleName() + " number " + count,
                    () -> events(kind).size() >= count);
            return events(kind).get(count - 1);
        }

        /** The port of a server. */
        int port() throws InterruptedException {
            return await(TunnelEvent.Listening.class, 1).local().getPort();
        }
    }

    private Ends() {}

    private static Identity identity() {
        try {
            return Identity.selfSigned("localhost");
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    static End server(int port) throws Exception {
        return server(port, 1500, Tunnel.server(port));
    }

    static End server(int port, int mtu, TunnelBuilder builder) throws Exception {
        TlsServerConfig tls =
                TlsServerConfig.builder().alpn(ALPN).identity(SERVER_IDENTITY).build();
        return start("server", mtu, builder.serverTls(tls), (tunnel, event) -> {});
    }

    /** How many connections knock at a port where nobody listens, counted up to a number, for a time at most. */
    static int firstPackets(int port, int enough, Duration within) throws Exception {
        Set<String> connections = new HashSet<>();
        long deadlineNs = System.nanoTime() + within.toNanos();
        try (DatagramSocket socket = new DatagramSocket(port)) {
            DatagramPacket packet = new DatagramPacket(new byte[2048], 2048);
            while (connections.size() < enough) {
                long leftMs = (deadlineNs - System.nanoTime()) / 1_000_000;
                if (leftMs <= 0) {
                    break;
                }
                socket.setSoTimeout((int) leftMs);
                try {
                    socket.receive(packet);
                } catch (SocketTimeoutException over) {
                    break;
                }
                // RFC 9000 §17.2: the destination connection ID of a long header, with its length before it.
                byte[] data = packet.getData();
                if (data[0] < 0) {
                    connections.add(HexFormat.of().formatHex(data, 6, 6 + data[5]));
                }
            }
        }
        return connections.size();
    }

    /** What the threads of all tunnels have used of the processors so far, in nanoseconds. */
    static long processorTimeNs() {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("client-")
                        || thread.getName().startsWith("server-"))
                .mapToLong(thread -> Math.max(0, threads.getThreadCpuTime(thread.threadId())))
                .sum();
    }

    static End client(int port) throws Exception {
        return client(1500, Tunnel.client("127.0.0.1", port));
    }

    static End client(int mtu, TunnelBuilder builder) throws Exception {
        return start("client", mtu, builder.clientTls(clientTls()), (tunnel, event) -> {});
    }

    /** A client that does not dial again when its session is over: two that do throw each other out, for ever. */
    static End clientForOneSession(int port) throws Exception {
        TunnelBuilder builder = Tunnel.client("127.0.0.1", port).clientTls(clientTls());
        return start("client", 1500, builder, (tunnel, event) -> {
            if (event instanceof TunnelEvent.Down) {
                tunnel.close();
            }
        });
    }

    private static TlsClientConfig clientTls() {
        return TlsClientConfig.builder()
                .alpn(ALPN)
                .serverName("localhost")
                .insecure()
                .build();
    }

    private static End start(String name, int mtu, TunnelBuilder builder, TunnelListener then) throws Exception {
        MemoryTun tun = new MemoryTun(name, mtu, 4096);
        List<TunnelEvent> events = new CopyOnWriteArrayList<>();
        Tunnel tunnel = builder.name(name)
                .tun(tun)
                .listener((source, event) -> {
                    events.add(event);
                    then.onEvent(source, event);
                })
                .build();
        End end = new End(tunnel, tun, events);
        tunnel.start();
        return end;
    }

    /** Waits for a condition that other threads bring about. */
    static void await(String what, BooleanSupplier condition) throws InterruptedException {
        await(() -> what, condition);
    }

    /** Waits for a condition; what is missing is only put in words when it does not come. */
    static void await(Supplier<String> what, BooleanSupplier condition) throws InterruptedException {
        long deadlineNs = System.nanoTime() + PATIENCE.toNanos();
        Object monitor = new Object();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadlineNs) {
                throw new AssertionError("not in " + PATIENCE + ": " + what.get());
            }
            synchronized (monitor) {
                monitor.wait(2);
            }
        }
    }
}
