package io.mpquic.quic.connection;

import io.mpquic.quic.wire.Frame;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** Control frames that wait for a 1-RTT packet, oldest first. */
final class PendingFrames {
    /**
     * A peer can ask for answers (PATH_RESPONSE, RETIRE_CONNECTION_ID) faster than this end may send them. What is above
     * this number is not queued: the peer asks again.
     */
    private static final int LIMIT = 256;

    private final ArrayDeque<Frame> queue = new ArrayDeque<>();

    void add(Frame frame) {
        if (queue.size() < LIMIT) {
            queue.add(frame);
        }
    }

    /** Adds a frame of a lost packet, unless an equal one waits already. */
    void addOnce(Frame frame) {
        if (!queue.contains(frame)) {
            add(frame);
        }
    }

    boolean isEmpty() {
        return queue.isEmpty();
    }

    /** Takes the next frame if it has at most this many bytes. */
    @Nullable Frame poll(int capacityBytes) {
        Frame next = queue.peek();
        return next != null && next.lengthBytes() <= capacityBytes ? queue.poll() : null;
    }
}
