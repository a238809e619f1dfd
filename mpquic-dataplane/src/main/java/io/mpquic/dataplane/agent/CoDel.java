package io.mpquic.dataplane.agent;

/**
 * Keeps a queue short without a word about rates: controlled delay (RFC 8289). A queue that empties now and then only evens
 * out bursts. One in which, for the length of a round trip, every packet has waited too long stands for nothing but delay:
 * its senders are asked to slow down, with one packet at first and with more of them the longer it lasts.
 *
 * <p>The congestion control of the connection decides what the path takes; the senders behind the tunnel fill whatever
 * queue is before it. Without this, all their packets wait for as long as the queue is.
 */
final class CoDel {
    /** RFC 8289 §4.4: a queue that never gets shorter than this does no good. */
    static final long TARGET_NS = 5_000_000;

    /** RFC 8289 §4.3: for how long at least, so that senders at any usual distance have had the time to react. */
    static final long INTERVAL_NS = 100_000_000;

    /** RFC 8289 §5.5: as long as this after the last one, the next spell begins with the rate that ended it. */
    private static final int REMEMBERED_INTERVALS = 16;

    private static final long NOT_ABOVE = Long.MIN_VALUE;

    private long dueNs = NOT_ABOVE;
    private long nextNs;
    private int count;
    private int countBefore;
    private boolean signalling;

    /**
     * A packet left the queue.
     *
     * @param waitedNs how long it had waited
     * @param last whether the queue is empty now
     * @return whether the packet that follows it is to tell its sender: by a mark, or by not arriving
     */
    boolean onSent(long waitedNs, boolean last, long nowNs) {
        if (waitedNs < TARGET_NS || last) {
            dueNs = NOT_ABOVE;
            signalling = false;
            return false;
        }
        if (dueNs == NOT_ABOVE) {
            dueNs = nowNs + INTERVAL_NS;
        }
        if (nowNs - dueNs < 0) {
            return false;
        }
        if (!signalling) {
            begin(nowNs);
            return true;
        }
        if (nowNs - nextNs < 0) {
            return false;
        }
        count++;
        nextNs += pauseNs();
        return true;
    }

    private void begin(long nowNs) {
        signalling = true;
        int added = count - countBefore;
        count = added > 1 && nowNs - nextNs < REMEMBERED_INTERVALS * INTERVAL_NS ? added : 1;
        countBefore = count;
        nextNs = nowNs + pauseNs();
    }

    /** RFC 8289 §5.3: the pauses shrink with the square root of the signals, for the rate of TCP goes with their inverse. */
    private long pauseNs() {
        return (long) (INTERVAL_NS / Math.sqrt(count));
    }
}
