package io.mpquic.quic.conformance;

import io.mpquic.quic.connection.CloseReason;
import io.mpquic.quic.connection.DatagramSink;
import io.mpquic.quic.connection.QuicConnection;
import io.mpquic.quic.connection.QuicEvent;
import io.mpquic.quic.connection.TransportSettings;
import io.mpquic.quic.endpoint.ClientConfig;
import io.mpquic.quic.endpoint.QuicEndpoint;
import io.mpquic.quic.endpoint.ServerConfig;
import io.mpquic.quic.tls.Identity;
import io.mpquic.quic.tls.TlsClientConfig;
import io.mpquic.quic.tls.TlsServerConfig;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The endpoint under test, on virtual time and without a network: what it sends waits in {@link #outbox}. */
final class Target {
    static final InetSocketAddress PEER = new InetSocketAddress("192.0.2.9", 9999);
    static final InetSocketAddress STRANGER = new InetSocketAddress("203.0.113.66", 666);
    static final String ALPN = "mpquic-ip";
    static final Identity IDENTITY = Identity.selfSigned("mpquic-server");
    static final byte[] RESET_KEY = new byte[32];

    /** Quiet: no keep-alive, and no larger path MTU to probe for. */
    static final TransportSettings QUIET =
            TransportSettings.builder().keepAliveNs(0).maxUdpPayloadBytes(1200).build();

    /** So many deadlines at one instant, or payloads in a row, are an endpoint that spins. */
    private static final int SPINNING = 2_000;

    private static final int CAPACITY_BYTES = 65_527;
    private static final int LEAD_BYTES = 5;
    private static final long SERVER_SEED = 11;
    private static final long CLIENT_SEED = 12;

    /** A UDP payload of the endpoint's. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Sent(byte[] bytes, InetSocketAddress to, long atNs, int codepoint) {}

    final QuicEndpoint endpoint;
    final ArrayDeque<Sent> outbox = new ArrayDeque<>();
    final List<QuicEvent> events = new ArrayList<>();
    final List<byte[]> datagrams;
    long nowNs = 1_234_567_891L;
    /** The newest connection, forgotten or not. */
    @Nullable QuicConnection connection;

    long bytesIn;
    long bytesOut;

    private final Set<QuicConnection> seen = new LinkedHashSet<>();
    private final MemorySegment buffer = Arena.ofAuto().allocate(CAPACITY_BYTES);

    private Target(QuicEndpoint endpoint, List<byte[]> datagrams) {
        this.endpoint = endpoint;
        this.datagrams = datagrams;
    }

    static Target server() {
        return server(QUIET);
    }

    static Target server(TransportSettings settings) {
        return server(settings, SERVER_SEED);
    }

    /** A server that makes other random choices than the usual one. */
    static Target server(TransportSettings settings, long seed) {
        return server(seed, each -> each.settings(settings));
    }

    /** A server that differs from a {@link #QUIET} one in what a test wants. */
    static Target server(UnaryOperator<ServerConfig.Builder> changes) {
        return server(SERVER_SEED, changes);
    }

    /** A server that shakes hands in a way of the test's. */
    static Target server(TlsServerConfig tls, TransportSettings settings) {
        return server(tls, SERVER_SEED, each -> each.settings(settings));
    }

    private static Target server(long seed, UnaryOperator<ServerConfig.Builder> changes) {
        return server(TlsServerConfig.builder().alpn(ALPN).identity(IDENTITY).build(), seed, changes);
    }

    private static Target server(TlsServerConfig tls, long seed, UnaryOperator<ServerConfig.Builder> changes) {
        List<byte[]> received = new ArrayList<>();
        return new Target(
                QuicEndpoint.server(changes.apply(ServerConfig.builder(tls, new SplittableRandom(seed))
                                .settings(QUIET)
                                .sink(copyInto(received))
                                .statelessResetKey(RESET_KEY))
                        .build()),
                received);
    }

    /** A client that has sent its first flight. */
    static Target client() {
        return client(QUIET);
    }

    static Target client(TransportSettings settings) {
        return client(settings, CLIENT_SEED);
    }

    /** A client that makes other random choices than the usual one. */
    static Target client(TransportSettings settings, long seed) {
        TlsClientConfig tls = TlsClientConfig.builder()
                .alpn(ALPN)
                .serverName("mpquic-server")
                .insecure()
                .build();
        return client(tls, settings, seed, connection -> {});
    }

    /** A client that shakes hands in a way of the test's, and does something before its first flight. */
    static Target client(
            TlsClientConfig tls, TransportSettings settings, long seed, Consumer<QuicConnection> beforeFlight) {
        List<byte[]> received = new ArrayList<>();
        Target target = new Target(
                QuicEndpoint.client(ClientConfig.builder(tls, new SplittableRandom(seed))
                        .settings(settings)
                        .sink(copyInto(received))
                        .build()),
                received);
        target.connection = target.endpoint.connect(PEER, target.nowNs);
        beforeFlight.accept(target.connection());
        target.flush();
        return target;
    }

    private static DatagramSink copyInto(List<byte[]> received) {
        return (connection, buffer, offset, length) ->
                received.add(buffer.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE));
    }

    /** Hands a UDP payload to the endpoint; the memory ends where the payload does. */
    void deliver(byte[] payload) {
        deliver(payload, PEER);
    }

    void deliver(byte[] payload, InetSocketAddress from) {
        deliver(payload, from, 0);
    }

    /** Hands over a UDP payload with an ECN codepoint. */
    void deliver(byte[] payload, InetSocketAddress from, int codepoint) {
        byte[] copy = new byte[LEAD_BYTES + payload.length];
        System.arraycopy(payload, 0, copy, LEAD_BYTES, payload.length);
        bytesIn += payload.length;
        endpoint.receive(MemorySegment.ofArray(copy), LEAD_BYTES, payload.length, from, codepoint, nowNs);
        Arrays.fill(copy, (byte) 0xdb);
        flush();
    }

    /** Lets time pass; what is due meanwhile happens. */
    void advance(long durationNs) {
        long endNs = nowNs + durationNs;
        int still = 0;
        flush();
        for (long next = endpoint.nextTimeoutNs(); next <= endNs; next = endpoint.nextTimeoutNs()) {
            still = next <= nowNs ? still + 1 : 0;
            if (still > SPINNING) {
                throw new AssertionError("a deadline of " + next + " ns does not move, it is " + nowNs);
            }
            nowNs = Math.max(nowNs, next);
            endpoint.onTimeout(nowNs);
            flush();
        }
        nowNs = endNs;
    }

    void advanceMs(long ms) {
        advance(TimeUnit.MILLISECONDS.toNanos(ms));
    }

    /** Takes all that the endpoint wants to send. */
    void flush() {
        seen.addAll(endpoint.connections());
        for (int count = 0; ; count++) {
            if (count > SPINNING) {
                throw new AssertionError("the endpoint sends without end");
            }
            int length = endpoint.transmit(buffer, 0, CAPACITY_BYTES, nowNs);
            if (length == 0) {
                break;
            }
            bytesOut += length;
            outbox.add(new Sent(
                    buffer.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE),
                    endpoint.transmitTo(),
                    nowNs,
                    endpoint.transmitEcn()));
        }
        seen.addAll(endpoint.connections());
        while (endpoint.pollAccepted() != null) {
            continue;
        }
        for (QuicConnection each : seen) {
            connection = each;
            for (QuicEvent event = each.pollEvent(); event != null; event = each.pollEvent()) {
                events.add(event);
            }
        }
    }

    QuicConnection connection() {
        if (connection == null) {
            throw new AssertionError("there is no connection");
        }
        return connection;
    }

    /** Why the connection ended; null while it lives. */
    @Nullable CloseReason closeReason() {
        return events.stream()
                .filter(QuicEvent.Closed.class::isInstance)
                .map(event -> ((QuicEvent.Closed) event).reason())
                .findFirst()
                .orElse(null);
    }
}
