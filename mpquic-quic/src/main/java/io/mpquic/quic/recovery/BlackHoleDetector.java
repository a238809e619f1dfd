package io.mpquic.quic.recovery;

/**
 * Notices that a path no longer carries packets above the base size although smaller ones arrive (RFC 8899 §4.3).
 *
 * <p>Congestion loses packets of all sizes, and a burst loses many at once. So it takes several loss events, a round trip
 * or more from one to the next, with smaller packets arriving between them and not one of the lost size. How many is a
 * matter of chance: so many that the loss the path is known to have would hardly ever do the same.
 */
final class BlackHoleDetector {
    private static final int MIN_LOST_PACKETS = 6;
    private static final long NONE = Long.MIN_VALUE;
    /** The logarithm of how seldom an honest path may be taken for a black hole: once in ten million chances. */
    private static final double LOG_OF_ERROR = Math.log(1e-7);
    /** The loss that is reckoned with at least: a path that was clean so far may turn bad. Six events, then. */
    private static final double LEAST_LOSS = 0.06;
    /** With more, nothing can be told, and packet size is the least of its troubles. */
    private static final double MOST_LOSS = 0.5;
    /** How much a packet counts for the loss of the path: bursts have to average out. */
    private static final double WEIGHT = 1.0 / 1024;

    private final int baseBytes;
    private double lossShare;
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
        lossShare -= lossShare * WEIGHT;
        if (lostPackets == 0) {
            return;
        }
        if (bytes >= smallestLostBytes) {
            // What looked like a matter of size was common loss.
            for (int i = 0; i < lostPackets; i++) {
                countLoss();
            }
            reset();
        } else {
            smallerArrived = true;
        }
    }

    /** Returns whether the path has become a black hole. */
    boolean onPacketLost(int bytes, long sentNs, long nowNs) {
        if (bytes <= baseBytes) {
            countLoss();
            return false;
        }
        lostPackets++;
        smallestLostBytes = Math.min(smallestLostBytes, bytes);
        // What was sent before the last event was noticed belongs to that event: it is the same burst. So does what is
        // lost while nothing at all arrives.
        if (lastEventNs == NONE || (sentNs > lastEventNs && smallerArrived)) {
            lossEvents++;
            lastEventNs = nowNs;
            smallerArrived = false;
        }
        return lostPackets >= MIN_LOST_PACKETS && lossEvents >= eventsNeeded();
    }

    private void countLoss() {
        lossShare += (1 - lossShare) * WEIGHT;
    }

    private double eventsNeeded() {
        return LOG_OF_ERROR / Math.log(Math.min(MOST_LOSS, Math.max(LEAST_LOSS, lossShare)));
    }
}
