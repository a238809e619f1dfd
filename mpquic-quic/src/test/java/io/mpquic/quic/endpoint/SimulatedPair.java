package io.mpquic.quic.endpoint;

import io.mpquic.quic.connection.DatagramSink;
import io.mpquic.quic.connection.QuicConnection;
import io.mpquic.quic.connection.QuicEvent;
import io.mpquic.quic.connection.TransportSettings;
import io.mpquic.quic.sim.LinkConditions;
import io.mpquic.quic.sim.SimulatedNetwork;
import io.mpquic.quic.sim.SimulatedNode;
import io.mpquic.quic.tls.Identity;
import io.mpquic.quic.tls.TlsClientConfig;
import io.mpquic.quic.tls.TlsServerConfig;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/** A client and a server endpoint on a simulated network, on virtual time. */
final class SimulatedPair {
    static final InetSocketAddress CLIENT = new InetSocketAddress("192.0.2.1", 40_000);
    static final InetSocketAddress SERVER = new InetSocketAddress("192.0.2.2", 45_001);
    static final Identity IDENTITY = Identity.selfSigned("mpquic-server");
    static final byte[] RESET_KEY = new byte[32];

    final SimulatedNetwork network;
    final Side client;
    final Side server;
    QuicConnection connection;

    /** One endpoint, and all that it received. */
    static final class Side implements SimulatedNode {
        QuicEndpoint endpoint;
        final List<byte[]> datagrams;
        final List<QuicEvent> events = new ArrayList<>();
        QuicConnection accepted;

        Side(QuicEndpoint endpoint, List<byte[]> datagrams) {
            this.endpoint = endpoint;
            this.datagrams = datagrams;
        }

        @Override
        public void receive(MemorySegment datagram, InetSocketAddress from, long nowNs) {
            endpoint.receive(datagram, 0, (int) datagram.byteSize(), from, nowNs);
            collect();
        }

        @Override
        public int transmit(MemorySegment out, long nowNs) {
            int length = endpoint.transmit(out, 0, (int) out.byteSize(), nowNs);
            collect(); // a close of our own is an event too
            return length;
        }

        @Override
        public InetSocketAddress transmitTo() {
            return endpoint.transmitTo();
        }

        @Override
        public long nextTimeoutNs() {
            return endpoint.nextTimeoutNs();
        }

        @Override
        public void onTimeout(long nowNs) {
            List<QuicConnection> before = List.copyOf(endpoint.connections());
            endpoint.onTimeout(nowNs);
            before.forEach(this::poll);
        }

        private void collect() {
            for (QuicConnection next = endpoint.pollAccepted(); next != null; next = endpoint.pollAccepted()) {
                accepted = next;
            }
            List.copyOf(endpoint.connections()).forEach(this::poll);
        }

        private void poll(QuicConnection connection) {
            for (QuicEvent event = connection.pollEvent(); event != null; event = connection.pollEvent()) {
                events.add(event);
            }
        }

        <T extends QuicEvent> List<T> eventsOf(Class<T> type) {
            return events.stream().filter(type::isInstance).map(type::cast).toList();
        }
    }

    SimulatedPair(long seed, LinkConditions conditions) {
        this(seed, conditions, TransportSettings.defaults(), TransportSettings.defaults());
    }

    SimulatedPair(
            long seed, LinkConditions conditions, TransportSettings clientSettings, TransportSettings serverSettings) {
        this(seed, conditions, each -> each.settings(clientSettings), each -> each.settings(serverSettings));
    }

    /** A pair with what a test wants to be different. */
    SimulatedPair(
            long seed,
            LinkConditions conditions,
            UnaryOperator<ClientConfig.Builder> clientChanges,
            UnaryOperator<ServerConfig.Builder> serverChanges) {
        network = new SimulatedNetwork(seed);
        SplittableRandom random = new SplittableRandom(seed);
        TlsClientConfig tls = TlsClientConfig.builder()
                .alpn("mpquic-ip")
                .serverName("mpquic-server")
                .insecure()
                .build();
        List<byte[]> received = new ArrayList<>();
        client = new Side(
                QuicEndpoint.client(clientChanges
                        .apply(ClientConfig.builder(tls, random.split()).sink(copyInto(received)))
                        .build()),
                received);
        server = newServer(random, serverChanges);
        network.attach(CLIENT, client);
        network.attach(SERVER, server);
        network.linkBothWays(CLIENT, SERVER, conditions);
    }

    static Side newServer(SplittableRandom random, TransportSettings settings) {
        return newServer(random, each -> each.settings(settings));
    }

    private static Side newServer(SplittableRandom random, UnaryOperator<ServerConfig.Builder> changes) {
        TlsServerConfig tls =
                TlsServerConfig.builder().alpn("mpquic-ip").identity(IDENTITY).build();
        List<byte[]> received = new ArrayList<>();
        return new Side(
                QuicEndpoint.server(changes.apply(ServerConfig.builder(tls, random.split())
                                .sink(copyInto(received))
                                .statelessResetKey(RESET_KEY))
                        .build()),
                received);
    }

    private static DatagramSink copyInto(List<byte[]> received) {
        return (connection, buffer, offset, length) ->
                received.add(buffer.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE));
    }

    /** Opens a connection and runs until both ends have it, or fails. */
    void connect() {
        connection = client.endpoint.connect(SERVER, network.nowNs());
        network.runUntil(
                "both ends are established",
                () -> connection.isEstablished() && server.accepted != null,
                TimeUnit.SECONDS.toNanos(30));
    }
}
