package io.mpquic.quic.endpoint;

import io.mpquic.quic.connection.QuicConnection;
import io.mpquic.quic.wire.ConnectionId;
import io.mpquic.quic.wire.LongHeader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * Datagrams that begin with a 0-RTT packet and have overtaken the Initial packet that opens their connection, or outlived
 * one that was lost (RFC 9000 §5.2.2). Few of them and not for long, as anybody can send such: the oldest makes room.
 */
final class EarlyArrivals {
    /** The first flights of a few clients. */
    static final int MOST_DATAGRAMS = 32;

    /** A client sends none that is larger before it knows the path. */
    static final int LONGEST_BYTES = 1_500;

    /** A client that hears nothing sends its Initial packet again after a second (RFC 9002 §6.2.2), and once more by then. */
    static final long KEPT_NS = 3_000_000_000L;

    /** The datagram is native memory, as what a {@code DatagramSink} gets may have to be. */
    private record Waiting(ConnectionId destination, InetSocketAddress from, MemorySegment datagram, long cameNs) {}

    private final boolean accepted;
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
    /** What is for the connection that was opened last. */
    private List<Waiting> due = List.of();

    /**
     * Creates it.
     *
     * @param accepted whether early data are; otherwise nothing is kept
     */
    EarlyArrivals(boolean accepted) {
        this.accepted = accepted;
    }

    /** A datagram came that belongs to no connection; it is kept when it begins with a 0-RTT packet. */
    void onUnknown(
            LongHeader header,
            MemorySegment datagram,
            long offset,
            int lengthBytes,
            InetSocketAddress from,
            long nowNs) {
        if (!accepted || !(header instanceof LongHeader.ZeroRtt) || lengthBytes > LONGEST_BYTES) {
            return;
        }
        expire(nowNs);
        if (waiting.size() == MOST_DATAGRAMS) {
            waiting.remove();
        }
        MemorySegment copy = Arena.ofAuto().allocate(lengthBytes).copyFrom(datagram.asSlice(offset, lengthBytes));
        waiting.add(new Waiting(header.dcid(), from, copy, nowNs));
    }

    /** A connection is opened by an Initial packet with this ID; {@link #deliver} comes when it has read that. */
    void onOpened(ConnectionId destination, InetSocketAddress from, long nowNs) {
        expire(nowNs);
        due = new ArrayList<>();
        for (Iterator<Waiting> all = waiting.iterator(); all.hasNext(); ) {
            Waiting each = all.next();
            // Only of the same address: what this server may send before the address is proven is counted for each.
            if (each.destination.equals(destination) && each.from.equals(from)) {
                due.add(each);
                all.remove();
            }
        }
    }

    /** Hands over what came before its connection, oldest first, if there is anything. */
    void deliver(QuicConnection connection, long nowNs) {
        if (due.isEmpty()) {
            return;
        }
        for (Waiting each : due) {
            connection.receive(each.datagram, 0, (int) each.datagram.byteSize(), each.from, nowNs);
        }
        due = List.of();
    }

    /** How many datagrams wait. */
    int size() {
        return waiting.size();
    }

    /** How many are to be delivered. */
    int dueSize() {
        return due.size();
    }

    private void expire(long nowNs) {
        while (!waiting.isEmpty() && nowNs - waiting.element().cameNs > KEPT_NS) {
            waiting.remove();
        }
    }
}
