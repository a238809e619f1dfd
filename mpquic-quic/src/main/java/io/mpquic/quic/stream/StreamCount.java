package io.mpquic.quic.stream;

/** How many streams of one kind there may be and were: RFC 9000 §4.6. Counts run over the life of the connection. */
final class StreamCount {
    /** RFC 9000 §4.6: more cannot have stream IDs. */
    private static final long MAX_STREAMS = 1L << 60;

    private final long atOnce;
    private long permittedToPeer;
    private long openedByPeer;
    private long closedByPeer;
    private long permittedToUs;
    private long openedByUs;
    private boolean raisePending;
    private boolean blockedPending;
    private long blockedToldAt = -1;

    StreamCount(long atOnce) {
        this.atOnce = atOnce;
        permittedToPeer = atOnce;
    }

    long permittedToPeer() {
        return permittedToPeer;
    }

    long openedByPeer() {
        return openedByPeer;
    }

    long openNextOfPeer() {
        return openedByPeer++;
    }

    /** A place is free again; told when half of them are. */
    void onPeerStreamOver() {
        closedByPeer++;
        raisePending |= (limit() - permittedToPeer) * 2 >= atOnce && limit() > permittedToPeer;
    }

    private long limit() {
        return Math.min(MAX_STREAMS, closedByPeer + atOnce);
    }

    boolean isRaisePending() {
        return raisePending;
    }

    long raise() {
        raisePending = false;
        permittedToPeer = limit();
        return permittedToPeer;
    }

    void onRaiseLost(long limit) {
        raisePending |= limit == permittedToPeer;
    }

    // RFC 9000 §4.6: a limit never falls.
    void permit(long streams) {
        permittedToUs = Math.max(permittedToUs, streams);
    }

    long openedByUs() {
        return openedByUs;
    }

    /** The index of the next stream of this end; -1 when the peer does not permit one. */
    long openNext() {
        if (openedByUs < permittedToUs) {
            return openedByUs++;
        }
        blockedPending |= blockedToldAt != permittedToUs;
        return -1;
    }

    /** This end begins anew: the peer has seen none of its streams. */
    void forgetOurs() {
        permittedToUs = 0;
        openedByUs = 0;
        blockedPending = false;
        blockedToldAt = -1;
    }

    boolean isBlockedPending() {
        return blockedPending && openedByUs >= permittedToUs;
    }

    long takeBlocked() {
        blockedPending = false;
        blockedToldAt = permittedToUs;
        return permittedToUs;
    }

    void onBlockedLost(long limit) {
        blockedPending |= limit == permittedToUs;
    }
}
