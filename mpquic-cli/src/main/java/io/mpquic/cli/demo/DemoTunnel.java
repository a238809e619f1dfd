package io.mpquic.cli.demo;

import io.mpquic.dataplane.Bind;
import io.mpquic.dataplane.Tunnel;
import io.mpquic.dataplane.TunnelEvent;
import io.mpquic.quic.tls.Identity;
import io.mpquic.quic.tls.TlsClientConfig;
import io.mpquic.quic.tls.TlsServerConfig;
import io.mpquic.quic.tls.TrustAnchors;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Both ends of one tunnel of the demonstration, with a host behind each. */
final class DemoTunnel implements AutoCloseable {
    static final String ALPN = "mpquic-ip";
    static final String SERVER_NAME = "mpquic-server";

    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
    private static final Duration UP_WITHIN = Duration.ofSeconds(20);
    private static final String NO_CONNECTION = "no connection";
    private static final int PINGS = 9;
    private static final long PING_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(2);

    private final String name;
    private final Identity identity;
    private final DemoHost clientHost;
    private final DemoHost serverHost;
    private final CompletableFuture<InetSocketAddress> listening = new CompletableFuture<>();
    private final CompletableFuture<TunnelEvent.Up> up = new CompletableFuture<>();
    private volatile int maxPacketBytes;
    private Optional<Tunnel> server = Optional.empty();
    private Optional<Tunnel> client = Optional.empty();

    /** Makes tunnel {@code number}, 1 to 254, whose server shows {@code identity}. */
    DemoTunnel(int number, Identity identity) {
        this.name = "mpq" + number;
        this.identity = identity;
        this.clientHost = new DemoHost(name, new byte[] {10, (byte) 200, (byte) number, 1});
        this.serverHost = new DemoHost(name, new byte[] {10, (byte) 200, (byte) number, 2});
    }

    /** Starts both ends, and waits until they are connected; if they never are, {@link #measure} will say so. */
    void start() throws IOException, InterruptedException {
        try {
            connect();
            await(up, NO_CONNECTION);
        } catch (DemoFailure e) {
            up.completeExceptionally(e);
        }
    }

    private void connect() throws IOException, DemoFailure, InterruptedException {
        clientHost.start();
        serverHost.start();
        Tunnel listener = Tunnel.server(0)
                .name(name)
                .bind(Bind.address(LOOPBACK))
                .tun(serverHost.tun())
                .serverTls(
                        TlsServerConfig.builder().alpn(ALPN).identity(identity).build())
                .listener((tunnel, event) -> onServerEvent(event))
                .build();
        server = Optional.of(listener);
        listener.start();
        int port = await(listening, "the server does not listen").getPort();
        Tunnel connector = Tunnel.client(LOOPBACK.getHostAddress(), port)
                .name(name)
                .bind(Bind.address(LOOPBACK))
                .tun(clientHost.tun())
                .clientTls(TlsClientConfig.builder()
                        .alpn(ALPN)
                        .serverName(SERVER_NAME)
                        .trust(TrustAnchors.of(identity.chain().get(0)))
                        .build())
                .listener((tunnel, event) -> onClientEvent(event))
                .build();
        client = Optional.of(connector);
        connector.start();
    }

    private void onServerEvent(TunnelEvent event) {
        if (event instanceof TunnelEvent.Listening(InetSocketAddress local)) {
            listening.complete(local);
        }
    }

    private void onClientEvent(TunnelEvent event) {
        switch (event) {
            case TunnelEvent.Up first -> {
                maxPacketBytes = first.maxPacketBytes();
                up.complete(first);
            }
            case TunnelEvent.PathMtu(int bytes) -> maxPacketBytes = bytes;
            case TunnelEvent.PacketPathKnown _,
                    TunnelEvent.Listening _,
                    TunnelEvent.Connecting _,
                    TunnelEvent.Replaced _,
                    TunnelEvent.Waiting _,
                    TunnelEvent.Resumed _,
                    TunnelEvent.Down _,
                    TunnelEvent.Closed _ -> {}
        }
    }

    /** Pings and transfers; whatever goes wrong is in the result. */
    DemoResult measure(Duration transfer) throws InterruptedException {
        String local = "";
        String remote = "";
        double handshakeMs = 0;
        double pingMs = 0;
        double upMbit = 0;
        double downMbit = 0;
        Optional<String> failure = Optional.empty();
        try {
            TunnelEvent.Up session = await(up, NO_CONNECTION);
            local = text(session.local());
            remote = text(session.remote());
            handshakeMs = session.handshakeNs() / 1e6;
            pingMs = medianPingMs();
            int packetBytes = Math.min(DemoHost.MTU_BYTES, maxPacketBytes);
            upMbit = clientHost.flood(serverHost, packetBytes, transfer.toNanos());
            downMbit = serverHost.flood(clientHost, packetBytes, transfer.toNanos());
            requireSuccess(upMbit, downMbit);
        } catch (DemoFailure e) {
            failure = Optional.of(String.valueOf(e.getMessage()));
        }
        return new DemoResult(name, local, remote, handshakeMs, pingMs, upMbit, downMbit, failure);
    }

    private double medianPingMs() throws DemoFailure, InterruptedException {
        long[] timesNs = new long[PINGS];
        for (int i = 0; i < PINGS; i++) {
            // Both ends ping in turn.
            boolean fromClient = i % 2 == 0;
            DemoHost from = fromClient ? clientHost : serverHost;
            timesNs[i] = from.ping(fromClient ? serverHost : clientHost, i, PING_TIMEOUT_NS);
            if (timesNs[i] < 0) {
                throw new DemoFailure(
                        "ping " + (i + 1) + " from the " + (fromClient ? "client" : "server") + " was not answered");
            }
        }
        Arrays.sort(timesNs);
        return timesNs[PINGS / 2] / 1e6;
    }

    private void requireSuccess(double upMbit, double downMbit) throws DemoFailure {
        if (upMbit <= 0) {
            throw new DemoFailure("nothing arrived at the server");
        }
        if (downMbit <= 0) {
            throw new DemoFailure("nothing arrived at the client");
        }
        long damaged = clientHost.damagedPackets() + serverHost.damagedPackets();
        if (damaged > 0) {
            throw new DemoFailure(damaged + " packets arrived other than they were sent");
        }
    }

    private static <T> T await(CompletableFuture<T> future, String failure) throws DemoFailure, InterruptedException {
        try {
            return future.get(UP_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            throw new DemoFailure(failure + " within " + UP_WITHIN.toSeconds() + " s");
        }
    }

    private static String text(InetSocketAddress address) {
        return address.getAddress().getHostAddress() + ":" + address.getPort();
    }

    @Override
    public void close() {
        client.ifPresent(Tunnel::close);
        server.ifPresent(Tunnel::close);
        clientHost.close();
        serverHost.close();
    }
}
