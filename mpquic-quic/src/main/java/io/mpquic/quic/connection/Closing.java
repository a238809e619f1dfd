package io.mpquic.quic.connection;

import io.mpquic.quic.wire.ConnectionCloseFrame;
import org.jspecify.annotations.Nullable;

/**
 * The end of a connection (RFC 9000 §10.2).
 *
 * <pre>
 *             close() or a fault of the peer          3 PTO
 *   OPEN ─┬─────────────────────────────────▶ CLOSING ──────┬─▶ CLOSED
 *         ├─────────────────────────────────▶ DRAINING ─────┤
 *         │   CONNECTION_CLOSE or stateless reset   3 PTO   │
 *         └─────────────────────────────────────────────────┘
 *             idle or handshake timeout
 * </pre>
 */
final class Closing {
    enum State {
        OPEN,
        CLOSING,
        DRAINING,
        CLOSED
    }

    private State state = State.OPEN;
    private @Nullable CloseReason reason;
    private @Nullable ConnectionCloseFrame frame;
    private boolean sendPending;
    private long received;
    private long deadlineNs = Long.MAX_VALUE;

    boolean isOpen() {
        return state == State.OPEN;
    }

    boolean isClosed() {
        return state == State.CLOSED;
    }

    @Nullable CloseReason reason() {
        return reason;
    }

    long deadlineNs() {
        return deadlineNs;
    }

    void close(CloseReason why, ConnectionCloseFrame toSend, long untilNs) {
        if (isOpen()) {
            state = State.CLOSING;
            reason = why;
            frame = toSend;
            sendPending = true;
            deadlineNs = untilNs;
        }
    }

    // RFC 9000 §10.2.2: in the draining state nothing is sent.
    void drain(CloseReason why, long untilNs) {
        if (isOpen()) {
            reason = why;
            deadlineNs = untilNs;
        }
        if (state != State.CLOSED) {
            state = State.DRAINING;
            sendPending = false;
        }
    }

    void end(CloseReason why) {
        if (isOpen()) {
            reason = why;
        }
        end();
    }

    void end() {
        state = State.CLOSED;
        sendPending = false;
        deadlineNs = Long.MAX_VALUE;
    }

    // RFC 9000 §10.2.1: packets of the peer are answered with the close again, ever more seldom.
    void onPacketWhileClosing() {
        if (state == State.CLOSING && Long.bitCount(++received) == 1) {
            sendPending = true;
        }
    }

    /** The frame to send now, or null. */
    @Nullable ConnectionCloseFrame pending() {
        return sendPending ? frame : null;
    }

    void onSent() {
        sendPending = false;
    }
}
