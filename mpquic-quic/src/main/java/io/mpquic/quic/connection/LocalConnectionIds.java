package io.mpquic.quic.connection;

import io.mpquic.quic.wire.ConnectionId;
import io.mpquic.quic.wire.NewConnectionIdFrame;
import io.mpquic.quic.wire.PreferredAddress;
import io.mpquic.quic.wire.StatelessResetToken;
import io.mpquic.quic.wire.TransportError;
import io.mpquic.quic.wire.TransportException;
import java.lang.foreign.MemorySegment;
import java.util.TreeMap;

/** The connection IDs that the peer uses to reach this end (RFC 9000 §5.1). */
final class LocalConnectionIds {
    private static final long RETIRE_CONNECTION_ID_TYPE = 0x19;
    /** Enough for a peer that moves or rotates; more would only cost memory. */
    private static final int WANTED = 4;
    /** A peer that retires faster than it acknowledges waits: what is issued and not acknowledged has to be kept. */
    private static final int MAX_UNACKNOWLEDGED = 16;

    private final ConnectionIdRegistry registry;
    private final QuicConnection owner;
    private final TreeMap<Long, ConnectionId> active = new TreeMap<>();
    private final ConnectionId first;
    private long nextSequence;
    private int unacknowledged;

    LocalConnectionIds(ConnectionIdRegistry registry, QuicConnection owner) {
        this.registry = registry;
        this.owner = owner;
        first = registry.issue(owner);
        active.put(nextSequence++, first);
    }

    /** The ID of the handshake: Source Connection ID of this end's long headers. */
    ConnectionId first() {
        return first;
    }

    /** The stateless reset token of the first one. */
    StatelessResetToken firstResetToken() {
        return registry.resetToken(first);
    }

    /** Issues the ID that goes with a server's preferred addresses: RFC 9000 §5.1.1, the second of all. */
    PreferredAddress issueFor(PreferredAddresses addresses) {
        ConnectionId id = registry.issue(owner);
        active.put(nextSequence++, id);
        return addresses.parameter(id, registry.resetToken(id));
    }

    boolean contains(ConnectionId id) {
        return active.containsValue(id);
    }

    /** Issues as many further IDs as the peer wants to store and this end cares to give. */
    void replenish() {
        // RFC 9000 §5.1.1: never more than the peer's active_connection_id_limit.
        long limit = Math.min(WANTED, owner.peerLimits.activeConnectionIds());
        while (active.size() < limit && unacknowledged < MAX_UNACKNOWLEDGED) {
            ConnectionId id = registry.issue(owner);
            active.put(nextSequence, id);
            unacknowledged++;
            owner.pending.add(new NewConnectionIdFrame(nextSequence++, 0, id, registry.resetToken(id)));
        }
    }

    /** The peer has one of the IDs. */
    void onIssueAcknowledged() {
        unacknowledged = Math.max(0, unacknowledged - 1);
    }

    void onRetire(long sequence, MemorySegment packet, long destinationOffset) throws TransportException {
        if (sequence >= nextSequence) {
            throw violation("RETIRE_CONNECTION_ID for a sequence number that was never issued");
        }
        ConnectionId id = active.get(sequence);
        if (id == null) {
            return; // repeated
        }
        // RFC 9000 §19.16: the ID that carries the frame cannot be retired by it.
        if (id.matches(packet, destinationOffset)) {
            throw violation("RETIRE_CONNECTION_ID for the ID that its own packet uses");
        }
        active.remove(sequence);
        registry.retire(id);
    }

    void retireAll() {
        active.values().forEach(registry::retire);
        active.clear();
    }

    private static TransportException violation(String reason) {
        return new TransportException(TransportError.PROTOCOL_VIOLATION, RETIRE_CONNECTION_ID_TYPE, reason);
    }
}
