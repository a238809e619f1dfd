package io.mpquic.quic.stream;

import io.mpquic.quic.wire.StreamFrame;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Which stream sends next: one frame each, in turns, so that a long one does not hold up short ones. Streams that only
 * wait for credit of the connection stand aside until it comes.
 */
final class SendQueue {
    private final ArrayDeque<OpenStream> ready = new ArrayDeque<>();
    private final ArrayDeque<OpenStream> withoutCredit = new ArrayDeque<>();
    private final ArrayDeque<OpenStream> control = new ArrayDeque<>();
    private long limit;
    private long sent;
    private long blockedToldAt = -1;

    // RFC 9000 §4.1: a limit never falls.
    void connectionLimit(long bytes) {
        if (bytes > limit) {
            limit = bytes;
            for (OpenStream stream = withoutCredit.poll(); stream != null; stream = withoutCredit.poll()) {
                stream.aside = false;
                ready.add(stream);
            }
        }
    }

    /** Begins anew, without streams and without credit. */
    void restart() {
        ready.clear();
        withoutCredit.clear();
        control.clear();
        limit = 0;
        sent = 0;
        blockedToldAt = -1;
    }

    /** Puts a stream into its place when it wants to send. */
    void add(OpenStream stream, SendPart sending) {
        if (sending.wantsToSend(credit())) {
            if (!stream.queued) {
                stream.queued = true;
                ready.add(stream);
            } else if (stream.aside) {
                stream.aside = false;
                withoutCredit.remove(stream);
                ready.add(stream);
            }
        } else if (sending.newBytes() > 0 && !stream.queued) {
            stream.queued = true;
            stream.aside = true;
            withoutCredit.add(stream);
        }
        addControlIfBlocked(stream, sending);
    }

    void addControl(OpenStream stream) {
        if (!stream.controlQueued) {
            stream.controlQueued = true;
            control.add(stream);
        }
    }

    @Nullable OpenStream pollControl() {
        OpenStream next = control.poll();
        if (next != null) {
            next.controlQueued = false;
        }
        return next;
    }

    boolean isEmpty() {
        return ready.isEmpty() && control.isEmpty() && !isBlockedNews();
    }

    /** The next frame of at most {@code roomBytes}; null when there is none or none fits. */
    @Nullable StreamFrame next(int roomBytes) {
        for (OpenStream stream = ready.poll(); stream != null; stream = ready.poll()) {
            SendPart sending = stream.requireSending();
            long before = sending.sentBytes();
            StreamFrame frame = sending.next(roomBytes, credit());
            sent += sending.sentBytes() - before;
            boolean more = sending.wantsToSend(credit());
            if (frame == null && more) {
                ready.addFirst(stream);
                return null;
            }
            if (more) {
                ready.add(stream);
            } else if (sending.newBytes() > 0) {
                stream.aside = true;
                withoutCredit.add(stream);
            } else {
                stream.queued = false;
            }
            if (frame != null) {
                addControlIfBlocked(stream, sending);
                return frame;
            }
        }
        return null;
    }

    private void addControlIfBlocked(OpenStream stream, SendPart sending) {
        if (sending.isBlockedNews()) {
            addControl(stream);
        }
    }

    private long credit() {
        return limit - sent;
    }

    private boolean isBlockedNews() {
        return !withoutCredit.isEmpty() && credit() == 0 && blockedToldAt != limit;
    }

    /** The limit to complain about, once for each; -1 when the connection is not blocked by it (RFC 9000 §4.1). */
    long takeBlockedLimit() {
        if (!isBlockedNews()) {
            return -1;
        }
        blockedToldAt = limit;
        return limit;
    }

    /** RFC 9000 §13.3: told again while it is still so. */
    void onBlockedLost(long limitBytes) {
        if (limitBytes == limit) {
            blockedToldAt = -1;
        }
    }
}
