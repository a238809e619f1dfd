package io.mpquic.quic.scenario;

import io.mpquic.quic.connection.CloseReason;
import io.mpquic.quic.connection.ConnectionTrace;
import io.mpquic.quic.connection.QuicConnection;
import io.mpquic.quic.wire.DatagramFrame;
import io.mpquic.quic.wire.Frame;
import io.mpquic.quic.wire.LongHeader;
import io.mpquic.quic.wire.MalformedPacketException;
import io.mpquic.quic.wire.PacketNumberSpace;
import io.mpquic.quic.wire.PacketType;
import io.mpquic.quic.wire.PathChallengeFrame;
import io.mpquic.quic.wire.PathResponseFrame;
import io.mpquic.quic.wire.TransportException;
import io.mpquic.quic.wire.TransportParameters;
import io.mpquic.quic.wire.WireReader;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Watches one connection from what it sends and receives. It must not throw: the barrier around a connection would take
 * that for a defect of the connection.
 */
final class ConnectionWatch implements ConnectionTrace {
    private static final int AMPLIFICATION = 3;

    private final Findings findings;
    private final Ledger ledger;
    private final Chronicle chronicle;
    private final String name;
    private final Map<PacketType, Long> lastSent = new EnumMap<>(PacketType.class);
    private final Map<Long, InetSocketAddress> challenged = new HashMap<>();
    private final List<Long> newChallenges = new ArrayList<>();
    private final Set<InetSocketAddress> validated = new HashSet<>();
    private final Map<InetSocketAddress, Long> bytesFrom = new HashMap<>();
    private final Map<InetSocketAddress, Long> bytesTo = new HashMap<>();

    final long openedNs;
    final boolean client;

    @Nullable QuicConnection connection;

    @Nullable CloseReason closed;
    /** The server's process that knew it is gone. */
    boolean abandoned;

    long lastReceivedNs;
    long closedNs;
    int closedEvents;
    private final InetSocketAddress opener;

    ConnectionWatch(
            boolean client,
            InetSocketAddress opener,
            long openedNs,
            String name,
            Findings findings,
            Ledger ledger,
            Chronicle chronicle) {
        this.opener = opener;
        this.client = client;
        this.openedNs = openedNs;
        this.name = name;
        this.findings = findings;
        this.ledger = ledger;
        this.chronicle = chronicle;
        lastReceivedNs = openedNs;
    }

    boolean isOpen() {
        return closed == null && !abandoned;
    }

    String name() {
        return name;
    }

    // ---- what the party sees on the wire ----

    void received(InetSocketAddress address, int bytes, boolean withToken) {
        bytesFrom.merge(address, (long) bytes, Long::sum);
        if (withToken) {
            validated.add(address);
        }
    }

    /** Whether a datagram shows a token, which proves an address. */
    static boolean hasToken(byte[] datagram) {
        try {
            return LongHeader.parse(WireReader.of(datagram), false) instanceof LongHeader.Initial initial
                    && initial.token().length > 0;
        } catch (MalformedPacketException e) {
            return false;
        }
    }

    void sent(InetSocketAddress to, int bytes) {
        for (long data : newChallenges) {
            challenged.put(data, to);
        }
        newChallenges.clear();
        if (client || validated.contains(to)) {
            return;
        }
        long total = bytesTo.merge(to, (long) bytes, Long::sum);
        long came = bytesFrom.getOrDefault(to, 0L);
        findings.check(
                total <= AMPLIFICATION * came,
                Invariant.AMPLIFICATION,
                name + " sent " + total + " bytes to " + to + ", from which " + came + " came");
    }

    // ---- what the connection tells ----

    @Override
    public void packetSent(
            PacketType type, long number, int bytes, MemorySegment payload, long offset, int length, long nowNs) {
        Long before = lastSent.put(type, number);
        findings.check(
                before == null || before < number,
                Invariant.PACKET_NUMBER,
                name + " sent " + type + " packet " + number + " after " + before);
        List<Frame> frames = frames(payload, offset, length);
        for (Frame frame : frames) {
            if (frame instanceof PathChallengeFrame challenge) {
                newChallenges.add(challenge.data());
            }
        }
        chronicle.packet(name, "sends", type, number, bytes, frames);
    }

    @Override
    public void packetReceived(
            PacketType type, long number, int bytes, MemorySegment payload, long offset, int length, long nowNs) {
        lastReceivedNs = nowNs;
        if (type == PacketType.HANDSHAKE) {
            // RFC 9000 §8.1: it proves the address to which the server's Initial packets went.
            validated.add(opener);
        }
        List<Frame> frames = frames(payload, offset, length);
        for (Frame frame : frames) {
            if (frame instanceof PathResponseFrame response && challenged.containsKey(response.data())) {
                validated.add(challenged.get(response.data()));
            } else if (frame instanceof DatagramFrame datagram) {
                ledger.arrived(datagram.data().toArray(ValueLayout.JAVA_BYTE));
            }
        }
        chronicle.packet(name, "gets", type, number, bytes, frames);
    }

    private List<Frame> frames(MemorySegment payload, long offset, int length) {
        List<Frame> frames = new ArrayList<>();
        WireReader reader = new WireReader().wrap(payload, offset, length);
        try {
            while (reader.remaining() > 0) {
                frames.add(Frame.parse(reader));
            }
        } catch (TransportException e) {
            findings.report(Invariant.NO_EXCEPTION, name + " has a frame that cannot be read: " + e);
        }
        return frames;
    }

    @Override
    public void packetDropped(int packetBytes, DropCause cause, long nowNs) {
        chronicle.add(name, "drops " + packetBytes + " bytes: " + cause);
    }

    @Override
    public void packetLost(PacketNumberSpace space, long packetNumber, long nowNs) {
        chronicle.add(name, "takes " + space + " packet " + packetNumber + " for lost");
    }

    @Override
    public void metricsUpdated(Metrics metrics, long nowNs) {}

    @Override
    public void parametersSet(boolean own, TransportParameters parameters, long nowNs) {}

    @Override
    public void remoteChanged(InetSocketAddress remote, long nowNs) {
        chronicle.add(name, "follows to " + remote);
    }

    @Override
    public void keysUpdated(boolean own, long phase, long nowNs) {
        chronicle.add(name, (own ? "begins" : "follows to") + " key phase " + phase);
    }

    @Override
    public void closed(CloseReason reason, long nowNs) {
        findings.check(closed == null, Invariant.CLOSE_REASON, name + " closed twice: " + closed + ", " + reason);
        closed = reason;
        closedNs = nowNs;
        chronicle.add(name, "is over: " + reason);
    }

    @Override
    public void forgotten() {
        chronicle.add(name, "is forgotten");
        if (closed == null) {
            abandoned = true;
        }
    }
}
