package io.mpquic.quic.recovery;

/**
 * Notices that a path no longer carries packets above the base size although smaller ones arrive (RFC 8899 §4.3).
 *
 * <p>Congestion loses packets of all sizes, and a burst loses many at once. So it takes many lost packets, in several
 * separate loss events, with smaller packets arriving meanwhile and not one of the lost size.
 */
final class BlackHoleDetector {
    private static final int MIN_LOST_PACKETS = 6;
    private static final int MIN_LOSS_EVENTS = 3;
    private static final long NONE = Long.MIN_VALUE;

    private final int baseBytes;
    private int lostPackets;
    private int lossEvents;
    private int smallestLostBytes;
    private boolean smallerArrived;
    private long lastEventNs;

    BlackHoleDetector(int baseBytes) {
        this.baseBytes = baseBytes;
        reset();
    }

    void reset() {
        lostPackets = 0;
        lossEvents = 0;
        smallestLostBytes = Integer.MAX_VALUE;
        smallerArrived = false;
        lastEventNs = NONE;
    }

    void onPacketAcked(int bytes) {
        if (lostPackets == 0) {
            return;
        }
        if (bytes >= smallestLostBytes) {
            reset();
        } else {
            smallerArrived = true;
        }
    }

    /** Returns whether the path has become a black hole. */
    boolean onPacketLost(int bytes, long sentNs, long nowNs) {
        if (bytes <= baseBytes) {
            return false;
        }
        lostPackets++;
        smallestLostBytes = Math.min(smallestLostBytes, bytes);
        // What was sent before the last event was noticed belongs to that event: it is the same burst.
        if (lastEventNs == NONE || sentNs > lastEventNs) {
            lossEvents++;
            lastEventNs = nowNs;
        }
        return lostPackets >= MIN_LOST_PACKETS && lossEvents >= MIN_LOSS_EVENTS && smallerArrived;
    }
}
