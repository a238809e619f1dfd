package io.mpquic.quic.scenario;

import io.mpquic.quic.connection.ConnectionProbe;
import io.mpquic.quic.connection.QuicConnection;
import io.mpquic.quic.connection.QuicEvent;
import io.mpquic.quic.connection.SendResult;
import io.mpquic.quic.endpoint.QuicEndpoint;
import io.mpquic.quic.sim.SimulatedNode;
import io.mpquic.quic.wire.LongHeader;
import io.mpquic.quic.wire.MalformedPacketException;
import io.mpquic.quic.wire.WireReader;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One end: its endpoint, an application that sends and receives messages, and watches on all connections. */
final class Party implements SimulatedNode {
    private static final int MOST_REMEMBERED = 16;
    private static final int MOST_PAYLOADS_IN_A_ROW = 5_000;
    static final long CLOSE_CODE = 7;

    record Payload(byte[] bytes, InetSocketAddress address, int ecn) {}

    final Side side;
    final List<ConnectionWatch> watches = new ArrayList<>();
    final ArrayDeque<Payload> remembered = new ArrayDeque<>();
    QuicEndpoint endpoint;
    private final Findings findings;
    private final Ledger ledger;
    private final Chronicle chronicle;
    private final ArrayDeque<Payload> outbox = new ArrayDeque<>();
    private final Map<InetSocketAddress, Long> bytesFrom = new HashMap<>();
    private final Map<InetSocketAddress, Long> statelessTo = new HashMap<>();
    private @Nullable Payload current;
    private @Nullable ConnectionWatch opened;
    private boolean closedByUs;
    private int payloadsInARow;

    Party(Side side, Findings findings, Ledger ledger, Chronicle chronicle, EndpointFactory factory) {
        this.side = side;
        this.findings = findings;
        this.ledger = ledger;
        this.chronicle = chronicle;
        this.endpoint = factory.open(this);
    }

    /** Makes the endpoint of a party, with the party's hooks in it. */
    interface EndpointFactory {
        QuicEndpoint open(Party party);
    }

    // ---- hooks of the endpoint ----

    ConnectionWatch watch(boolean client, InetSocketAddress remote, long nowNs) {
        String name = (client ? "client " : "server ") + watches.size();
        ConnectionWatch watch = new ConnectionWatch(client, remote, nowNs, name, findings, ledger, chronicle);
        watches.add(watch);
        opened = watch;
        return watch;
    }

    void deliver(QuicConnection connection, MemorySegment buffer, long offset, int length) {
        ledger.deliver(side, connection, buffer.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE));
    }

    // ---- what the application does ----

    void connect(InetSocketAddress server, long nowNs) {
        QuicConnection connection = endpoint.connect(server, nowNs);
        adopt(connection);
    }

    private void adopt(QuicConnection connection) {
        if (opened != null) {
            opened.connection = connection;
            opened = null;
        }
    }

    /** The newest connection over which messages can be sent; null when there is none. */
    @Nullable QuicConnection usable() {
        for (ConnectionWatch watch : watches.reversed()) {
            if (watch.isOpen() && watch.connection != null && watch.connection.isEstablished()) {
                return watch.connection;
            }
        }
        return null;
    }

    void say(QuicConnection connection, int bytes, boolean inPlace, long nowNs, long networkNs) {
        byte[] message = ledger.write(Math.min(bytes, connection.maxDatagramBytes()));
        if (!inPlace) {
            if (connection.offerDatagram(message)) {
                ledger.accept(side, connection, message, networkNs);
            }
            return;
        }
        int headroom = QuicConnection.HEADROOM_BYTES;
        MemorySegment buffer =
                MemorySegment.ofArray(new byte[headroom + message.length + QuicConnection.TAILROOM_BYTES]);
        MemorySegment.copy(message, 0, buffer, ValueLayout.JAVA_BYTE, headroom, message.length);
        if (connection.sealDatagram(buffer, headroom, message.length, nowNs) == SendResult.SENT) {
            byte[] packet = buffer.asSlice(connection.sealedOffset(), connection.sealedLengthBytes())
                    .toArray(ValueLayout.JAVA_BYTE);
            outbox.add(new Payload(packet, connection.remoteAddress(), connection.transmitEcn()));
            watchOf(connection).sent(connection.remoteAddress(), packet.length);
            ledger.accept(side, connection, message, networkNs);
        }
    }

    void close(long nowNs) {
        QuicConnection connection = usable();
        if (connection != null) {
            closedByUs = true;
            connection.close(CLOSE_CODE, "done", nowNs);
        }
    }

    boolean hasClosed() {
        return closedByUs;
    }

    /** The process is gone, and a new one in its place. */
    void restart(EndpointFactory factory) {
        for (ConnectionWatch watch : watches) {
            watch.abandoned = true;
        }
        outbox.clear();
        endpoint = factory.open(this);
    }

    private ConnectionWatch watchOf(QuicConnection connection) {
        for (ConnectionWatch watch : watches.reversed()) {
            if (watch.connection == connection) {
                return watch;
            }
        }
        throw new AssertionError("a connection that nobody watches");
    }

    // ---- the network ----

    @Override
    public void receive(MemorySegment datagram, InetSocketAddress from, long nowNs) {
        receive(datagram, from, 0, nowNs);
    }

    @Override
    public void receive(MemorySegment datagram, InetSocketAddress from, int ecn, long nowNs) {
        payloadsInARow = 0;
        byte[] bytes = datagram.toArray(ValueLayout.JAVA_BYTE);
        remember(new Payload(bytes, from, ecn));
        chronicle.add(side.name(), "is handed " + bytes.length + " bytes from " + from);
        List<ConnectionWatch> known = List.copyOf(watches);
        bytesFrom.merge(from, (long) bytes.length, Long::sum);
        long countedBefore = counted(known);
        long[] bytesBefore = known.stream().mapToLong(Party::bytesReceived).toArray();
        endpoint.receive(datagram, 0, bytes.length, from, ecn, nowNs);
        boolean accounted = counted(known) != countedBefore || opened != null;
        for (int i = 0; i < known.size(); i++) {
            ConnectionWatch watch = known.get(i);
            if (bytesReceived(watch) != bytesBefore[i]) {
                watch.received(from, bytes.length, false);
                // What waits for its keys is counted later; what comes after the end is not.
                accounted |= !watch.isOpen() || (watch.connection != null && !watch.connection.isEstablished());
            }
        }
        findings.check(
                accounted, Invariant.ACCOUNTING, side + " did not count a datagram of " + bytes.length + " bytes");
        if (opened != null) {
            opened.received(from, bytes.length, hasToken(bytes));
            List<QuicConnection> connections = endpoint.connections();
            if (connections.isEmpty() || opened.abandoned) {
                opened = null;
            } else {
                adopt(connections.getLast());
            }
        }
        poll();
    }

    private void remember(Payload payload) {
        if (remembered.size() >= MOST_REMEMBERED) {
            remembered.remove();
        }
        remembered.add(payload);
    }

    private long counted(List<ConnectionWatch> known) {
        long counted = endpoint.packetsUnroutable();
        for (ConnectionWatch watch : known) {
            if (watch.connection != null) {
                var statistics = watch.connection.statistics();
                counted += statistics.packetsReceived() + statistics.packetsDropped();
            }
        }
        return counted;
    }

    private static long bytesReceived(ConnectionWatch watch) {
        return watch.connection == null ? 0 : watch.connection.statistics().bytesReceived();
    }

    private static boolean hasToken(byte[] datagram) {
        try {
            return LongHeader.parse(WireReader.of(datagram), false) instanceof LongHeader.Initial initial
                    && initial.token().length > 0;
        } catch (MalformedPacketException e) {
            return false;
        }
    }

    @Override
    public int transmit(MemorySegment out, long nowNs) {
        current = outbox.poll();
        if (current != null) {
            MemorySegment.copy(current.bytes(), 0, out, ValueLayout.JAVA_BYTE, 0, current.bytes().length);
            return current.bytes().length;
        }
        int length = endpoint.transmit(out, 0, (int) out.byteSize(), nowNs);
        if (length > 0) {
            findings.check(++payloadsInARow < MOST_PAYLOADS_IN_A_ROW, Invariant.PROGRESS, side + " sends without end");
            byte[] bytes = out.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
            current = new Payload(bytes, endpoint.transmitTo(), endpoint.transmitEcn());
            chronicle.add(side.name(), "hands out " + length + " bytes for " + endpoint.transmitTo());
            QuicConnection connection = endpoint.transmitFor();
            if (connection != null) {
                watchOf(connection).sent(endpoint.transmitTo(), length);
            } else {
                checkStateless(endpoint.transmitTo(), length);
            }
        }
        poll();
        return length;
    }

    private void checkStateless(InetSocketAddress to, int length) {
        long total = statelessTo.merge(to, (long) length, Long::sum);
        findings.check(
                total <= 3 * bytesFrom.getOrDefault(to, 0L),
                Invariant.AMPLIFICATION,
                side + " has answered " + to + " without state with " + total + " bytes");
    }

    @Override
    public InetSocketAddress transmitTo() {
        return current == null ? endpoint.transmitTo() : current.address();
    }

    @Override
    public int transmitEcn() {
        return current == null ? 0 : current.ecn();
    }

    @Override
    public long nextTimeoutNs() {
        return endpoint.nextTimeoutNs();
    }

    @Override
    public void onTimeout(long nowNs) {
        payloadsInARow = 0;
        endpoint.onTimeout(nowNs);
        poll();
    }

    /** Hears what happened, also on connections that the endpoint has forgotten. */
    private void poll() {
        while (endpoint.pollAccepted() != null) {
            continue;
        }
        for (ConnectionWatch watch : watches) {
            QuicConnection connection = watch.connection;
            for (QuicEvent event = connection == null ? null : connection.pollEvent();
                    connection != null && event != null;
                    event = connection.pollEvent()) {
                findings.check(
                        watch.closedEvents == 0,
                        Invariant.CLOSE_REASON,
                        watch.name() + ": after the last event " + event);
                watch.closedEvents += event instanceof QuicEvent.Closed ? 1 : 0;
            }
        }
    }

    /** The largest probe timeout of a connection that is not forgotten, in nanoseconds. */
    long largestPtoNs() {
        return watches.stream()
                .filter(watch -> watch.connection != null && !watch.connection.isClosed())
                .mapToLong(watch -> ConnectionProbe.ptoNs(watch.connection))
                .max()
                .orElse(0);
    }
}
