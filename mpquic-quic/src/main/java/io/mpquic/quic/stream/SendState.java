package io.mpquic.quic.stream;

/**
 * States of the sending part of a stream (RFC 9000 §3.1).
 *
 * <pre>
 *   READY ---> SEND ---> DATA_SENT ---> DATA_RECVD
 *     |          |           |
 *     +----------+-----------+--> RESET_SENT ---> RESET_RECVD
 * </pre>
 */
public enum SendState {
    /** Nothing was sent. */
    READY,
    /** Data are under way, the end is not. */
    SEND,
    /** All data and the end were sent. */
    DATA_SENT,
    /** The peer has all. */
    DATA_RECVD,
    /** Given up, the peer may not know yet. */
    RESET_SENT,
    /** Given up, the peer knows. */
    RESET_RECVD;

    /** Whether nothing follows. */
    public boolean isFinal() {
        return this == DATA_RECVD || this == RESET_RECVD;
    }

    SendState to(SendState next) {
        boolean allowed = switch (this) {
            case READY -> next == SEND || next == RESET_SENT;
            case SEND -> next == DATA_SENT || next == RESET_SENT;
            case DATA_SENT -> next == DATA_RECVD || next == RESET_SENT;
            case RESET_SENT -> next == RESET_RECVD;
            case DATA_RECVD, RESET_RECVD -> false;
        };
        if (!allowed) {
            throw new IllegalStateException(this + " to " + next);
        }
        return next;
    }
}
