package io.mpquic.quic.endpoint;

import io.mpquic.quic.connection.QuicConnection;
import io.mpquic.quic.wire.ConnectionId;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The connections of an endpoint, from the packet that opens one until it is forgotten. */
final class Connections {
    /**
     * Connections that are not established, not yet or not any more: each has some 130 KB, and a flood of first packets
     * must not eat the memory. At {@link HandshakeRate}, a handshake has two and a half seconds before it has to make room.
     */
    static final int MAX_UNESTABLISHED = 128;

    private final Consumer<QuicConnection> onForgotten;
    private final List<QuicConnection> all = new ArrayList<>();
    private final Map<ConnectionId, QuicConnection> byOriginalDestination = new HashMap<>();
    private final List<QuicConnection> handshaking = new ArrayList<>();
    private final ArrayDeque<QuicConnection> accepted = new ArrayDeque<>();

    /**
     * None yet.
     *
     * @param onForgotten hears of each that goes
     */
    Connections(Consumer<QuicConnection> onForgotten) {
        this.onForgotten = onForgotten;
    }

    /** All of them, closing ones included. Not to be changed. */
    List<QuicConnection> all() {
        return all;
    }

    /** Adds one that this end opened. */
    void opened(QuicConnection connection) {
        all.add(connection);
    }

    /** Adds one that a client's packet to this ID opened. */
    void begun(QuicConnection connection, ConnectionId originalDestination) {
        all.add(connection);
        handshaking.add(connection);
        byOriginalDestination.put(originalDestination, connection);
    }

    /** The one that a client's packet to this ID opened. */
    @Nullable QuicConnection begunBy(ConnectionId originalDestination) {
        return byOriginalDestination.get(originalDestination);
    }

    /** The next one whose handshake has completed since the last call, on a server. */
    @Nullable QuicConnection pollAccepted() {
        return accepted.poll();
    }

    /** A datagram was given to this one: perhaps its handshake is complete now, or the datagram was a forgery. */
    void onReceived(QuicConnection connection) {
        if (handshaking.isEmpty() || connection.isClient()) {
            return;
        }
        if (connection.isEstablished()) {
            if (handshaking.remove(connection)) {
                accepted.add(connection);
            }
        } else if (!connection.isClosing() && connection.statistics().packetsReceived() == 0) {
            // Its first packet was not authentic: whoever sent it gets no memory for it.
            forget(connection);
        }
    }

    /**
     * Whether the datagram is a stateless reset, which ends a connection. RFC 9000 §10.3.1: its ID is random, so each
     * connection to its sender is asked for its token.
     */
    boolean isReset(MemorySegment datagram, long end, int lengthBytes, InetSocketAddress from, long nowNs) {
        for (int i = 0; lengthBytes >= StatelessAnswers.MIN_RESET_BYTES && i < all.size(); i++) {
            QuicConnection connection = all.get(i);
            if (connection.remoteAddress().equals(from) && connection.receiveStatelessReset(datagram, end, nowNs)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Makes room for one more. The oldest goes, not the newest: who fills the places with addresses that never answer would
     * otherwise keep every honest client out, with a dozen packets a second.
     */
    void makeRoom() {
        @Nullable QuicConnection oldest = null;
        int unestablished = 0;
        for (QuicConnection connection : all) {
            if (!connection.isEstablished()) {
                unestablished++;
                oldest = oldest == null ? connection : oldest;
            }
        }
        if (oldest != null && unestablished >= MAX_UNESTABLISHED) {
            forget(oldest);
        }
    }

    void onTimeout(long nowNs) {
        for (int i = all.size() - 1; i >= 0; i--) {
            QuicConnection connection = all.get(i);
            if (connection.nextTimeoutNs() <= nowNs) {
                connection.onTimeout(nowNs);
            }
            if (connection.isClosed()) {
                forget(connection);
            }
        }
    }

    long nextTimeoutNs() {
        long next = Long.MAX_VALUE;
        for (int i = 0; i < all.size(); i++) {
            next = Math.min(next, all.get(i).nextTimeoutNs());
        }
        return next;
    }

    private void forget(QuicConnection connection) {
        all.remove(connection);
        handshaking.remove(connection);
        byOriginalDestination.values().remove(connection);
        connection.releaseIds();
        onForgotten.accept(connection);
    }
}
