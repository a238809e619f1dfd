package io.mpquic.quic.connection;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** Datagrams of an embedder that does not build packets in place: copies, bounded, oldest first. */
final class DatagramQueue {
    private static final int LIMIT = 1024;

    private final ArrayDeque<byte[]> queue = new ArrayDeque<>();
    private long dropped;

    boolean offer(byte[] payload) {
        return queue.size() < LIMIT && queue.add(payload.clone());
    }

    boolean isEmpty() {
        return queue.isEmpty();
    }

    /** The length of the next datagram in bytes; -1 when there is none. */
    int nextLengthBytes() {
        byte[] next = queue.peek();
        return next == null ? -1 : next.length;
    }

    byte @Nullable [] poll() {
        return queue.poll();
    }

    /** Gives up the next datagram: it will never be sent. */
    void drop() {
        queue.remove();
        dropped++;
    }

    int size() {
        return queue.size();
    }

    /** How many were given up. */
    long dropped() {
        return dropped;
    }
}
