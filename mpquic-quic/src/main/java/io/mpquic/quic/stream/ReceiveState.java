package io.mpquic.quic.stream;

/**
 * States of the receiving part of a stream (RFC 9000 §3.2).
 *
 * <pre>
 *   RECV ---> SIZE_KNOWN ---> DATA_RECVD ---> DATA_READ
 *     |           |
 *     +-----------+--> RESET_RECVD ---> RESET_READ
 * </pre>
 */
public enum ReceiveState {
    /** Data arrive, the end is unknown. */
    RECV,
    /** The end is known, data are missing. */
    SIZE_KNOWN,
    /** All data are here. */
    DATA_RECVD,
    /** The application has read all. */
    DATA_READ,
    /** The peer gave the stream up. */
    RESET_RECVD,
    /** The application knows that the peer gave it up, or does not want to. */
    RESET_READ;

    /** Whether nothing follows. */
    public boolean isFinal() {
        return this == DATA_READ || this == RESET_READ;
    }

    ReceiveState to(ReceiveState next) {
        boolean allowed = switch (this) {
            case RECV -> next == SIZE_KNOWN || next == RESET_RECVD;
            case SIZE_KNOWN -> next == DATA_RECVD || next == RESET_RECVD;
            case DATA_RECVD -> next == DATA_READ;
            case RESET_RECVD -> next == RESET_READ;
            case DATA_READ, RESET_READ -> false;
        };
        if (!allowed) {
            throw new IllegalStateException(this + " to " + next);
        }
        return next;
    }
}
