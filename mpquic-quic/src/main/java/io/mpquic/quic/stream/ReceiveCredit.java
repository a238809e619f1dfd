package io.mpquic.quic.stream;

/**
 * What the peer may send, on one stream or on all together (RFC 9000 §4.1). The limit moves on when half of the window is
 * used up, so that the news is there before the peer stops.
 */
final class ReceiveCredit {
    private final long windowBytes;
    private long consumed;
    private long received;
    private long limit;

    ReceiveCredit(long windowBytes) {
        this.windowBytes = windowBytes;
        limit = windowBytes;
    }

    /** Whether the peer may send so many bytes more. */
    boolean covers(long additionalBytes) {
        return additionalBytes <= limit - received;
    }

    void onReceived(long additionalBytes) {
        received += additionalBytes;
    }

    void onConsumed(long bytes) {
        consumed += bytes;
    }

    /** Whether the peer should hear of a higher limit. */
    boolean isRaiseDue() {
        return windowBytes > 0 && consumed + windowBytes - limit >= Math.max(1, windowBytes / 2);
    }

    /** The newest limit, to be told. */
    long raise() {
        limit = consumed + windowBytes;
        return limit;
    }

    long limitBytes() {
        return limit;
    }

    long receivedBytes() {
        return received;
    }
}
