package io.mpquic.quic.stream;

/**
 * What the peer may send, on one stream or on all together (RFC 9000 §4.1). The limit moves on when half of the window is
 * used up, so that the news is there before the peer stops. A window that is used up fast grows: see {@link StreamMemory}.
 */
final class ReceiveCredit {
    /** A sender that fills its path takes two round trips for half of a window of four times what is under way. */
    private static final int ROUND_TRIPS_FOR_HALF = 2;

    private final long largestWindowBytes;
    private long windowBytes;
    private long consumed;
    private long received;
    private long limit;
    private boolean wasRaised;
    private long raisedNs;

    ReceiveCredit(long windowBytes, long largestWindowBytes) {
        this.windowBytes = windowBytes;
        this.largestWindowBytes = largestWindowBytes;
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

    /** The newest limit, to be told; a window that was half used up since the last one may grow. */
    long raise(long nowNs, long roundTripNs) {
        if (isRaiseDue()) {
            boolean fast = wasRaised && nowNs - raisedNs < ROUND_TRIPS_FOR_HALF * roundTripNs;
            if (fast && windowBytes < largestWindowBytes) {
                windowBytes = Math.min(2 * windowBytes, largestWindowBytes);
            }
            wasRaised = true;
            raisedNs = nowNs;
        }
        limit = consumed + windowBytes;
        return limit;
    }

    long limitBytes() {
        return limit;
    }

    long receivedBytes() {
        return received;
    }

    long windowBytes() {
        return windowBytes;
    }
}
