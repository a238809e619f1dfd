package io.mpquic.quic.connection;

import io.mpquic.quic.wire.ConnectionId;
import io.mpquic.quic.wire.NewConnectionIdFrame;
import io.mpquic.quic.wire.RetireConnectionIdFrame;
import io.mpquic.quic.wire.StatelessResetToken;
import io.mpquic.quic.wire.TransportError;
import io.mpquic.quic.wire.TransportException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The connection IDs by which this end reaches the peer (RFC 9000 §5.1). */
final class PeerConnectionIds {
    private static final long NEW_CONNECTION_ID_TYPE = 0x18;
    /** This end's active_connection_id_limit. */
    static final int LIMIT = 4;

    private record Entry(ConnectionId id, @Nullable StatelessResetToken resetToken) {}

    private final TreeMap<Long, Entry> active = new TreeMap<>();
    private long retiredBelow;
    private long currentSequence;
    private ConnectionId current;

    PeerConnectionIds(ConnectionId initial) {
        current = initial;
        active.put(0L, new Entry(initial, null));
    }

    ConnectionId current() {
        return current;
    }

    /** RFC 9000 §7.2: a client takes the Source Connection ID of the server's first packet, or of its Retry. */
    void replaceInitial(ConnectionId id) {
        current = id;
        active.put(0L, new Entry(id, null));
    }

    /** The token of transport parameter stateless_reset_token, which belongs to the handshake's ID. */
    void handshakeResetToken(StatelessResetToken token) {
        Entry entry = active.get(0L);
        if (entry != null) {
            active.put(0L, new Entry(entry.id(), token));
        }
    }

    /** Takes an ID and returns the retirements that it asks for. */
    List<RetireConnectionIdFrame> onNew(NewConnectionIdFrame frame) throws TransportException {
        if (current.isEmpty()) {
            throw fault(TransportError.PROTOCOL_VIOLATION, "NEW_CONNECTION_ID from a peer with an empty ID");
        }
        List<RetireConnectionIdFrame> retire = new ArrayList<>();
        Entry known = active.get(frame.sequence());
        if (known != null) {
            if (!known.id().equals(frame.id())) {
                throw fault(TransportError.PROTOCOL_VIOLATION, "one sequence number for two connection IDs");
            }
        } else if (frame.sequence() < retiredBelow) {
            // RFC 9000 §19.15: late, and already retired by a later frame.
            retire.add(new RetireConnectionIdFrame(frame.sequence()));
        } else {
            for (Entry entry : active.values()) {
                if (entry.id().equals(frame.id())) {
                    throw fault(TransportError.PROTOCOL_VIOLATION, "one connection ID under two sequence numbers");
                }
            }
            active.put(frame.sequence(), new Entry(frame.id(), frame.token()));
        }
        retirePriorTo(frame.retirePriorTo(), retire);
        if (active.size() > LIMIT) {
            throw fault(TransportError.CONNECTION_ID_LIMIT_ERROR, "more than " + LIMIT + " connection IDs");
        }
        return retire;
    }

    private void retirePriorTo(long bound, List<RetireConnectionIdFrame> retire) throws TransportException {
        if (bound <= retiredBelow) {
            return;
        }
        retiredBelow = bound;
        var old = active.headMap(bound, false);
        old.keySet().forEach(sequence -> retire.add(new RetireConnectionIdFrame(sequence)));
        old.clear();
        Map.Entry<Long, Entry> oldest = active.firstEntry();
        if (oldest == null) {
            throw fault(TransportError.PROTOCOL_VIOLATION, "every connection ID was retired");
        }
        if (currentSequence < bound) {
            currentSequence = oldest.getKey();
            current = oldest.getValue().id();
        }
    }

    /** Whether the 16 bytes are the stateless reset token of an ID in use (RFC 9000 §10.3.1). */
    boolean isResetToken(StatelessResetToken candidate) {
        return active.values().stream().anyMatch(entry -> candidate.equals(entry.resetToken()));
    }

    private static TransportException fault(long code, String reason) {
        return new TransportException(code, NEW_CONNECTION_ID_TYPE, reason);
    }
}
