package io.mpquic.quic.recovery;

import io.mpquic.quic.wire.AckRanges;
import io.mpquic.quic.wire.PacketNumberSpace;
import java.util.Arrays;

/** What loss recovery knows about one packet number space (RFC 9002 appendix A.3). */
final class SpaceState {
    static final long NO_TIME = Long.MAX_VALUE;
    private static final int INITIAL_CAPACITY = 64;

    final PacketNumberSpace space;
    final SentPackets sent = new SentPackets();
    final LostPackets lost = new LostPackets();
    final SkippedNumbers skipped = new SkippedNumbers();
    long largestSent = -1;
    long largestAcked = -1;
    /** When the first packet below {@link #largestAcked} becomes lost by time. */
    long lossNs = NO_TIME;

    long lastElicitingSentNs;
    int elicitingInFlight;
    long bytesInFlight;
    int probesOwed;

    private long[] newlyAcked = new long[INITIAL_CAPACITY];
    private int newlyAckedCount;

    SpaceState(PacketNumberSpace space) {
        this.space = space;
    }

    /**
     * Marks the tracked packets that an ACK frame covers and collects their numbers. Only the part of the ranges inside
     * the window is walked, and inside the window at most a few packets are done already: whatever is three packets
     * older than the largest acknowledged one was declared lost.
     *
     * @return whether one of them was ack-eliciting
     */
    boolean collectAcked(AckRanges ranges) {
        newlyAckedCount = 0;
        boolean eliciting = false;
        for (int i = ranges.size() - 1; i >= 0; i--) {
            long last = Math.min(ranges.largest(i), sent.end() - 1);
            for (long number = Math.max(ranges.smallest(i), sent.first()); number <= last; number++) {
                byte flags = sent.flags(number);
                if (flags != 0) {
                    sent.markAcked(number);
                    eliciting |= (flags & SentPackets.ACK_ELICITING) != 0;
                    remember(number);
                }
            }
        }
        return eliciting;
    }

    int newlyAckedCount() {
        return newlyAckedCount;
    }

    /** A packet number that {@link #collectAcked} found; they rise with the index. */
    long newlyAcked(int index) {
        return newlyAcked[index];
    }

    long largestNewlyAcked() {
        return newlyAcked[newlyAckedCount - 1];
    }

    /** A packet is neither open nor in flight any more. Call {@link SentPackets#advance} when a series is done. */
    void remove(long number) {
        byte flags = sent.flags(number);
        if ((flags & SentPackets.IN_FLIGHT) != 0) {
            bytesInFlight -= sent.bytes(number);
        }
        if ((flags & SentPackets.ACK_ELICITING) != 0) {
            elicitingInFlight--;
        }
        sent.remove(number);
    }

    /** The path is another one: what is under way counts no longer as in flight, and its frames are still awaited. */
    void moveElsewhere() {
        for (long number = sent.first(); number < sent.end(); number++) {
            if (sent.flags(number) != 0) {
                sent.moveElsewhere(number);
            }
        }
        lost.clear();
        bytesInFlight = 0;
    }

    /** Forgets all packets; the numbers go on. */
    void discard() {
        sent.clear();
        lost.clear();
        lossNs = NO_TIME;
        elicitingInFlight = 0;
        bytesInFlight = 0;
        probesOwed = 0;
    }

    private void remember(long number) {
        if (newlyAckedCount == newlyAcked.length) {
            newlyAcked = Arrays.copyOf(newlyAcked, 2 * newlyAckedCount);
        }
        newlyAcked[newlyAckedCount++] = number;
    }
}
