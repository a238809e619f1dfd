package io.mpquic.quic.connection;

import io.mpquic.quic.wire.ConnectionId;
import io.mpquic.quic.wire.NewConnectionIdFrame;
import io.mpquic.quic.wire.PreferredAddress;
import io.mpquic.quic.wire.RetireConnectionIdFrame;
import io.mpquic.quic.wire.StatelessResetToken;
import io.mpquic.quic.wire.TransportError;
import io.mpquic.quic.wire.TransportException;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The connection IDs by which this end reaches the peer (RFC 9000 §5.1).
 *
 * <pre>
 *   NEW_CONNECTION_ID            take, or the current one                  retire
 *   ─────────────────▶  unused  ──────────────────────────▶  in use  ─────────────▶  retired: RETIRE_CONNECTION_ID
 * </pre>
 */
final class PeerConnectionIds {
    private static final long NEW_CONNECTION_ID_TYPE = 0x18;
    private static final long PREFERRED_SEQUENCE = 1;
    /** RFC 9000 §5.1.2: at least twice the limit may wait for an acknowledgement; who asks for more does it on purpose. */
    private static final int RETIREMENTS_PER_ID = 4;

    /** An ID of the peer's, with what belongs to it. */
    static final class Entry {
        final long sequence;
        final ConnectionId id;
        private @Nullable StatelessResetToken resetToken;
        private boolean used;

        private Entry(long sequence, ConnectionId id, @Nullable StatelessResetToken resetToken) {
            this.sequence = sequence;
            this.id = id;
            this.resetToken = resetToken;
        }
    }

    private final int limit;
    private final PendingFrames pending;
    private final TreeMap<Long, Entry> active = new TreeMap<>();
    /** What this end has retired by its own choice, from {@link #retiredBelow} on: a late copy does not revive it. */
    private final TreeSet<Long> retired = new TreeSet<>();

    private long retiredBelow;
    private int unacknowledgedRetirements;
    private Entry current;

    /**
     * The IDs of a new connection.
     *
     * @param limit this end's active_connection_id_limit
     * @param pending takes the retirements
     */
    PeerConnectionIds(ConnectionId initial, int limit, PendingFrames pending) {
        this.limit = limit;
        this.pending = pending;
        current = new Entry(0, initial, null);
        current.used = true;
        active.put(0L, current);
    }

    /** The ID that packets carry, but for those on another path. */
    ConnectionId current() {
        return current.id;
    }

    Entry currentEntry() {
        return current;
    }

    /** RFC 9000 §7.2: a client takes the Source Connection ID of the server's first packet, or of its Retry. */
    void replaceInitial(ConnectionId id) {
        current = new Entry(0, id, null);
        current.used = true;
        active.put(0L, current);
    }

    /** The token of transport parameter stateless_reset_token, which belongs to the handshake's ID. */
    void handshakeResetToken(StatelessResetToken token) {
        Entry entry = active.get(0L);
        if (entry != null) {
            entry.resetToken = token;
        }
    }

    /** Takes the ID that came with a preferred address. RFC 9000 §5.1.1: its sequence number is 1. */
    void onPreferred(PreferredAddress offer) throws TransportException {
        if (offer.id().equals(current.id)) {
            throw new TransportException(
                    TransportError.TRANSPORT_PARAMETER_ERROR, "one connection ID for the handshake and after it");
        }
        active.put(PREFERRED_SEQUENCE, new Entry(PREFERRED_SEQUENCE, offer.id(), offer.token()));
    }

    /** Takes an ID, and retires those that the frame asks to retire. */
    void onNew(NewConnectionIdFrame frame) throws TransportException {
        if (current.id.isEmpty()) {
            // RFC 9000 §19.15
            throw fault(TransportError.PROTOCOL_VIOLATION, "NEW_CONNECTION_ID from a peer with an empty ID");
        }
        Entry known = active.get(frame.sequence());
        if (known != null) {
            boolean otherToken = known.resetToken != null && !known.resetToken.equals(frame.token());
            if (!known.id.equals(frame.id()) || otherToken) {
                throw fault(TransportError.PROTOCOL_VIOLATION, "one sequence number for two connection IDs");
            }
        } else if (frame.sequence() < retiredBelow) {
            // RFC 9000 §19.15: late, and already retired by a later frame.
            sendRetirement(frame.sequence());
        } else if (!retired.contains(frame.sequence())) {
            add(frame);
        }
        retirePriorTo(frame.retirePriorTo());
        // RFC 9000 §5.1.1: counted after the frame's own retirements.
        if (active.size() > limit) {
            throw fault(TransportError.CONNECTION_ID_LIMIT_ERROR, "more than " + limit + " connection IDs");
        }
        if (unacknowledgedRetirements > RETIREMENTS_PER_ID * limit) {
            throw fault(TransportError.CONNECTION_ID_LIMIT_ERROR, "too many connection IDs to retire at a time");
        }
    }

    private void add(NewConnectionIdFrame frame) throws TransportException {
        for (Entry entry : active.values()) {
            if (entry.id.equals(frame.id())) {
                throw fault(TransportError.PROTOCOL_VIOLATION, "one connection ID under two sequence numbers");
            }
        }
        active.put(frame.sequence(), new Entry(frame.sequence(), frame.id(), frame.token()));
    }

    private void retirePriorTo(long bound) throws TransportException {
        if (bound <= retiredBelow) {
            return;
        }
        retiredBelow = bound;
        retired.headSet(bound, false).clear();
        var old = active.headMap(bound, false);
        old.keySet().forEach(this::sendRetirement);
        old.clear();
        if (active.isEmpty()) {
            throw fault(TransportError.PROTOCOL_VIOLATION, "every connection ID was retired");
        }
        if (current.sequence < bound) {
            Entry unused = take();
            use(unused != null ? unused : active.firstEntry().getValue());
        }
    }

    /** An ID that no packet has carried yet, the oldest; null when there is none. From now on it is in use. */
    @Nullable Entry take() {
        for (Entry entry : active.values()) {
            if (!entry.used) {
                entry.used = true;
                return entry;
            }
        }
        return null;
    }

    /** Makes an ID the current one. */
    void use(Entry entry) {
        entry.used = true;
        current = entry;
    }

    boolean isActive(Entry entry) {
        return active.get(entry.sequence) == entry;
    }

    /** No packet will carry this ID any more. RFC 9000 §5.1.2: its token is forgotten with it. */
    void retire(Entry entry) {
        if (entry != current && active.remove(entry.sequence, entry)) {
            retired.add(entry.sequence);
            while (!retired.isEmpty() && retired.first() == retiredBelow) {
                retired.pollFirst();
                retiredBelow++;
            }
            sendRetirement(entry.sequence);
        }
    }

    private void sendRetirement(long sequence) {
        unacknowledgedRetirements++;
        pending.add(new RetireConnectionIdFrame(sequence));
    }

    /** The peer has a retirement. */
    void onRetirementAcknowledged() {
        unacknowledgedRetirements = Math.max(0, unacknowledgedRetirements - 1);
    }

    /**
     * Whether the 16 bytes are the stateless reset token of an ID in use. RFC 9000 §10.3.1: those of IDs that are unused
     * or retired do not count.
     */
    boolean isResetToken(StatelessResetToken candidate) {
        for (Entry entry : active.values()) {
            if (entry.used && candidate.equals(entry.resetToken)) {
                return true;
            }
        }
        return false;
    }

    private static TransportException fault(long code, String reason) {
        return new TransportException(code, NEW_CONNECTION_ID_TYPE, reason);
    }
}
