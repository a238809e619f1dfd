package io.mpquic.quic.endpoint;

import io.mpquic.quic.connection.ConnectionSetup;
import io.mpquic.quic.connection.ConnectionTrace;
import io.mpquic.quic.connection.DatagramSink;
import io.mpquic.quic.connection.NewTokens;
import io.mpquic.quic.connection.Opening;
import io.mpquic.quic.connection.QuicConnection;
import io.mpquic.quic.connection.TransportSettings;
import io.mpquic.quic.crypto.CryptoProvider;
import io.mpquic.quic.tls.TlsEngine;
import io.mpquic.quic.wire.ConnectionId;
import io.mpquic.quic.wire.LongHeader;
import io.mpquic.quic.wire.MalformedPacketException;
import io.mpquic.quic.wire.PacketHeader;
import io.mpquic.quic.wire.Version;
import io.mpquic.quic.wire.VersionInvariant;
import io.mpquic.quic.wire.WireReader;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * All connections of one UDP socket, without the socket: datagrams and time go in, datagrams and the next deadline come
 * out. One thread drives an endpoint and owns its connections.
 */
public final class QuicEndpoint {
    /** RFC 9000 §14.1: a client's Initial packets come in datagrams of at least this size. */
    private static final int MIN_INITIAL_DATAGRAM_BYTES = 1200;
    /** RFC 9000 §7.2 */
    private static final int MIN_INITIAL_DESTINATION_BYTES = 8;

    private static final int CLIENT_DESTINATION_BYTES = 8;
    private static final int RESET_KEY_BYTES = 32;
    private static final byte[] NO_TOKEN = {};

    private final Supplier<TlsEngine> tls;
    private final boolean server;
    private final TransportSettings settings;
    private final CryptoProvider crypto;
    private final DatagramSink sink;
    private final RandomGenerator random;
    private final ConnectionTrace.Factory traces;
    private final ConnectionTable table;
    private final StatelessAnswers answers;
    private final Admission admission;
    private final TokenStore tokens;
    private final Connections connections = new Connections(this::onForgotten);
    private final EarlyArrivals earlyArrivals;
    private final WireReader reader = new WireReader();
    private final NewTokens newTokens = new NewTokens() {
        @Override
        public byte @Nullable [] issue(InetSocketAddress client, long nowNs) {
            return admission.tokenForLater(client, nowNs);
        }

        @Override
        public void received(InetSocketAddress from, byte[] token) {
            tokens.put(from, token);
        }
    };
    private int nextToTransmit;
    private @Nullable InetSocketAddress transmitTo;
    private @Nullable QuicConnection transmitFor;
    private long packetsUnroutable;

    private QuicEndpoint(ClientConfig config) {
        server = false;
        tls = config.tls()::newEngine;
        settings = config.settings();
        crypto = config.crypto();
        sink = config.sink();
        random = config.random();
        traces = config.traces();
        tokens = config.tokens();
        byte[] resetKey = new byte[RESET_KEY_BYTES];
        random.nextBytes(resetKey);
        table = new ConnectionTable(random, resetKey);
        answers = new StatelessAnswers(random);
        admission = new Admission(RetryPolicy.NEVER, false, TokenSecret.random(random), random);
        earlyArrivals = new EarlyArrivals(false);
    }

    private QuicEndpoint(ServerConfig config) {
        server = true;
        tls = config.tls()::newEngine;
        settings = config.settings();
        crypto = config.crypto();
        sink = config.sink();
        random = config.random();
        traces = config.traces();
        tokens = TokenStore.none();
        table = new ConnectionTable(random, config.statelessResetKey());
        answers = new StatelessAnswers(random);
        admission = new Admission(config.retry(), config.newTokens(), config.tokenSecret(), random);
        earlyArrivals = new EarlyArrivals(config.tls().isEarlyData());
    }

    /** An endpoint that opens connections and accepts none. */
    public static QuicEndpoint client(ClientConfig config) {
        return new QuicEndpoint(config);
    }

    /** An endpoint that accepts connections. */
    public static QuicEndpoint server(ServerConfig config) {
        return new QuicEndpoint(config);
    }

    /**
     * Opens a connection; its first packet waits in {@link #transmit}.
     *
     * @throws IllegalStateException on a server
     */
    public QuicConnection connect(InetSocketAddress remote, long nowNs) {
        if (server) {
            throw new IllegalStateException("a server endpoint does not connect");
        }
        byte[] destination = new byte[CLIENT_DESTINATION_BYTES];
        random.nextBytes(destination);
        QuicConnection connection =
                QuicConnection.client(setup(remote, tokens.take(remote)), new ConnectionId(destination), nowNs);
        connections.opened(connection);
        return connection;
    }

    private ConnectionSetup setup(InetSocketAddress remote, byte @Nullable [] token) {
        return new ConnectionSetup(
                settings,
                tls.get(),
                crypto,
                table,
                sink,
                remote,
                random,
                token == null ? NO_TOKEN : token,
                newTokens,
                traces);
    }

    /** The next connection whose handshake has completed since the last call, on a server; null when there is none. */
    public @Nullable QuicConnection pollAccepted() {
        return connections.pollAccepted();
    }

    /** The connections that are not forgotten yet, closing ones included. Not to be changed. */
    public List<QuicConnection> connections() {
        return connections.all();
    }

    /** How many packets came that belong to no connection and open none. */
    public long packetsUnroutable() {
        return packetsUnroutable;
    }

    /**
     * Takes a UDP payload; it is decrypted in place.
     *
     * @param from who sent it
     */
    public void receive(MemorySegment datagram, long offset, int lengthBytes, InetSocketAddress from, long nowNs) {
        receive(datagram, offset, lengthBytes, from, 0, nowNs);
    }

    /**
     * Takes a UDP payload, as above, from a socket that can tell its ECN codepoint.
     *
     * @param codepoint the two ECN bits of its IP header (RFC 3168 §5)
     */
    public void receive(
            MemorySegment datagram, long offset, int lengthBytes, InetSocketAddress from, int codepoint, long nowNs) {
        if (lengthBytes < 1) {
            return;
        }
        int first = datagram.get(ValueLayout.JAVA_BYTE, offset);
        boolean isLong = PacketHeader.isLong(first);
        QuicConnection connection = isLong
                ? routeLong(datagram, offset, lengthBytes, from, nowNs)
                : routeShort(datagram, offset, lengthBytes, from, nowNs);
        if (connection == null) {
            // RFC 9000 §10.3: a stateless reset of another version may look like a long header.
            if (isLong) {
                connections.isReset(datagram, offset + lengthBytes, lengthBytes, from, nowNs);
            }
            packetsUnroutable++;
            return;
        }
        connection.receive(datagram, offset, lengthBytes, from, codepoint, nowNs);
        earlyArrivals.deliver(connection, nowNs);
        connections.onReceived(connection);
    }

    private @Nullable QuicConnection routeShort(
            MemorySegment datagram, long offset, int length, InetSocketAddress from, long nowNs) {
        if (length < 1 + ConnectionTable.ID_BYTES) {
            return null;
        }
        QuicConnection connection = table.find(datagram, offset + 1);
        if (connection == null && connections.isReset(datagram, offset + length, length, from, nowNs)) {
            return null;
        }
        if (connection == null && server) {
            ConnectionId unknown = ConnectionId.read(datagram, offset + 1, ConnectionTable.ID_BYTES);
            answers.statelessReset(unknown, table.resetToken(unknown), length, from, nowNs);
        }
        return connection;
    }

    private @Nullable QuicConnection routeLong(
            MemorySegment datagram, long offset, int length, InetSocketAddress from, long nowNs) {
        try {
            VersionInvariant invariant = VersionInvariant.parse(reader.wrap(datagram, offset, length));
            if (invariant.version() != Version.V1 && invariant.version() != Version.NEGOTIATION) {
                // RFC 9000 §6.1: only what could open a connection is answered.
                if (server && length >= MIN_INITIAL_DATAGRAM_BYTES) {
                    answers.versionNegotiation(invariant, from, nowNs);
                }
                return null;
            }
            byte[] id = invariant.dcid();
            if (id.length == ConnectionTable.ID_BYTES) {
                QuicConnection known = table.find(datagram, offset + 1 + Integer.BYTES + 1);
                if (known != null) {
                    return known;
                }
            }
            if (!server || id.length > ConnectionId.MAX_LENGTH_BYTES) {
                return null;
            }
            QuicConnection known = connections.begunBy(new ConnectionId(id));
            return known != null ? known : open(datagram, offset, length, from, nowNs);
        } catch (MalformedPacketException malformed) {
            return null;
        }
    }

    // RFC 9000 §5.2.2, §14.1: only a well-formed Initial packet in a full-size datagram opens a connection.
    private @Nullable QuicConnection open(
            MemorySegment datagram, long offset, int length, InetSocketAddress from, long nowNs)
            throws MalformedPacketException {
        LongHeader header = LongHeader.parse(reader.wrap(datagram, offset, length), !settings.greaseQuicBit());
        earlyArrivals.onUnknown(header, datagram, offset, length, from, nowNs);
        if (!(header instanceof LongHeader.Initial initial)
                || length < MIN_INITIAL_DATAGRAM_BYTES
                || header.dcid().lengthBytes() < MIN_INITIAL_DESTINATION_BYTES) {
            return null;
        }
        return switch (admission.decide(initial, from, nowNs)) {
            case Admission.Admit(Opening opening) -> begin(opening, from, nowNs);
            case Admission.AskForProof() -> {
                ConnectionId source = randomId();
                byte[] token = admission.tokens().forRetry(from, initial.dcid(), source, nowNs);
                answers.retry(initial, source, token, from);
                yield null;
            }
            case Admission.RejectToken() -> {
                answers.invalidToken(initial, randomId(), crypto, from);
                yield null;
            }
            case Admission.Ignore() -> null;
        };
    }

    private ConnectionId randomId() {
        return ConnectionId.ofLong(random.nextLong());
    }

    private QuicConnection begin(Opening opening, InetSocketAddress from, long nowNs) {
        connections.makeRoom();
        QuicConnection connection = QuicConnection.server(setup(from, null), opening, nowNs);
        connections.begun(connection, opening.destination());
        earlyArrivals.onOpened(opening.destination(), from, nowNs);
        return connection;
    }

    /** Does what is due by the clock. */
    public void onTimeout(long nowNs) {
        connections.onTimeout(nowNs);
    }

    private void onForgotten(QuicConnection connection) {
        if (transmitFor == connection) {
            transmitFor = null;
        }
    }

    /** When {@link #onTimeout} is next to be called; in the past: at once; {@code Long.MAX_VALUE}: never. */
    public long nextTimeoutNs() {
        return connections.nextTimeoutNs();
    }

    /**
     * Builds the next UDP payload; to be called until it returns 0. Where it goes is {@link #transmitTo}.
     *
     * @param capacity room in bytes, at least {@link TransportSettings#maxUdpPayloadBytes}
     * @return its length in bytes; 0 when there is nothing to send now
     */
    public int transmit(MemorySegment out, long offset, int capacity, long nowNs) {
        StatelessAnswers.Answer answer = answers.peek();
        if (answer != null) {
            answers.remove();
            MemorySegment.copy(answer.bytes(), 0, out, ValueLayout.JAVA_BYTE, offset, answer.bytes().length);
            transmitTo = answer.to();
            transmitFor = null;
            return answer.bytes().length;
        }
        // In turn, so that one busy connection does not starve the others.
        List<QuicConnection> all = connections.all();
        for (int i = 0; i < all.size(); i++) {
            nextToTransmit = nextToTransmit + 1 < all.size() ? nextToTransmit + 1 : 0;
            QuicConnection connection = all.get(nextToTransmit);
            int length = connection.transmit(out, offset, capacity, nowNs);
            if (length > 0) {
                transmitTo = connection.transmitTo();
                transmitFor = connection;
                return length;
            }
        }
        return 0;
    }

    /** Where the payload goes that {@link #transmit} built last. */
    public InetSocketAddress transmitTo() {
        if (transmitTo == null) {
            throw new IllegalStateException("nothing was transmitted yet");
        }
        return transmitTo;
    }

    /** The ECN codepoint for the IP header of the payload that {@link #transmit} built last (RFC 9000 §13.4). */
    public int transmitEcn() {
        return transmitFor == null ? 0 : transmitFor.transmitEcn();
    }

    /** Whose payload {@link #transmit} built last; null when it belongs to no connection. */
    public @Nullable QuicConnection transmitFor() {
        return transmitFor;
    }
}
