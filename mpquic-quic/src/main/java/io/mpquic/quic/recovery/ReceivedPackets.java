package io.mpquic.quic.recovery;

import io.mpquic.quic.wire.AckRanges;
import java.util.Arrays;

/**
 * What arrived in one packet number space, and when to acknowledge it (RFC 9000 §12.3, §13.2).
 *
 * <p>Memory is bounded. Duplicates are told apart within the last {@value #DUPLICATE_WINDOW} numbers; whatever is older
 * counts as one. At most {@value #MAX_RANGES} ranges are acknowledged; the oldest is dropped.
 *
 * <p>Not thread-safe: one thread uses it. No call allocates once the ranges have grown.
 */
public final class ReceivedPackets {
    /** How many ranges an ACK frame gets at most. */
    public static final int MAX_RANGES = 32;
    // RFC 9000 §13.2.2: acknowledge at least every second ack-eliciting packet.
    private static final int DEFAULT_ACK_ELICITING_THRESHOLD = 2;
    // Enough for 40 ms of reordering at 200,000 packets a second, in one KiB. A power of two.
    private static final int DUPLICATE_WINDOW = 8192;
    private static final long NO_DEADLINE = Long.MAX_VALUE;
    private static final int WORD_BITS = 64;

    private final long maxAckDelayNs;
    private final int ackElicitingThreshold;
    private final AckRanges ranges = new AckRanges(MAX_RANGES);
    private final long[] seen = new long[DUPLICATE_WINDOW / WORD_BITS];
    private long largest = -1;
    private long largestReceivedNs;
    private long largestReported = -1;
    private long largestEliciting = -1;
    private long prunedUpTo = -1;
    private int unacknowledged;
    private long smallestUnacknowledged = Long.MAX_VALUE;
    private long deadlineNs = NO_DEADLINE;
    private long ect0;
    private long ect1;
    private long ce;

    /**
     * For the application space, with the usual threshold of two ack-eliciting packets.
     *
     * @param maxAckDelayNs how long an acknowledgement may wait: the max_ack_delay that we advertised, less what timers
     *     are late
     */
    public ReceivedPackets(long maxAckDelayNs) {
        this(maxAckDelayNs, DEFAULT_ACK_ELICITING_THRESHOLD);
    }

    /**
     * For a space with its own rules.
     *
     * @param maxAckDelayNs how long an acknowledgement may wait; 0 for at once
     * @param ackElicitingThreshold after how many ack-eliciting packets one is due; at least 1
     */
    public ReceivedPackets(long maxAckDelayNs, int ackElicitingThreshold) {
        if (maxAckDelayNs < 0 || ackElicitingThreshold < 1) {
            throw new IllegalArgumentException(
                    "ack delay " + maxAckDelayNs + " ns, threshold " + ackElicitingThreshold);
        }
        this.maxAckDelayNs = maxAckDelayNs;
        this.ackElicitingThreshold = ackElicitingThreshold;
    }

    /** For the Initial and the Handshake space: RFC 9000 §13.2.1 wants these acknowledged at once. */
    public static ReceivedPackets immediate() {
        return new ReceivedPackets(0, 1);
    }

    /** Whether a packet with this number was received before, or is too old to tell. Ask before processing it. */
    public boolean isDuplicate(long packetNumber) {
        if (packetNumber > largest) {
            return false;
        }
        // RFC 9000 §12.3: below the floor all packets count as seen.
        return packetNumber <= largest - DUPLICATE_WINDOW || (seen[word(packetNumber)] & bit(packetNumber)) != 0;
    }

    /**
     * A packet was authenticated and processed. Must not be a duplicate.
     *
     * @param packetNumber its number
     * @param ackEliciting whether it has to be acknowledged
     * @param nowNs when it arrived
     */
    public void onPacketReceived(long packetNumber, boolean ackEliciting, long nowNs) {
        markSeen(packetNumber);
        ranges.add(packetNumber, packetNumber);
        if (packetNumber > largest) {
            largest = packetNumber;
            largestReceivedNs = nowNs;
        }
        if (!ackEliciting) {
            return;
        }
        unacknowledged++;
        smallestUnacknowledged = Math.min(smallestUnacknowledged, packetNumber);
        if (unacknowledged >= ackElicitingThreshold || isOutOfOrder(packetNumber)) {
            deadlineNs = Math.min(deadlineNs, nowNs);
        } else {
            deadlineNs = Math.min(deadlineNs, nowNs + maxAckDelayNs);
        }
        largestEliciting = Math.max(largestEliciting, packetNumber);
    }

    /**
     * Counts the ECN codepoint of the packet that was just received.
     *
     * @param codepoint the two bits of the IP header (RFC 3168 §5)
     */
    public void onCodepoint(int codepoint, long nowNs) {
        switch (codepoint) {
            case EcnValidation.ECT_0 -> ect0++;
            case EcnValidation.ECT_1 -> ect1++;
            case EcnValidation.CE -> {
                ce++;
                // RFC 9000 §13.2.1: congestion is told of at once.
                deadlineNs = unacknowledged > 0 ? Math.min(deadlineNs, nowNs) : deadlineNs;
            }
            default -> {}
        }
    }

    /** Whether a packet with a mark has come, so that ACK frames have to tell of it (RFC 9000 §13.4.1). */
    public boolean hasMarks() {
        return ect0 + ect1 + ce > 0;
    }

    /** How many packets came with ECT(0). */
    public long ect0() {
        return ect0;
    }

    /** How many packets came with ECT(1). */
    public long ect1() {
        return ect1;
    }

    /** How many packets came with CE. */
    public long ce() {
        return ce;
    }

    /** The largest number received; -1 before the first. */
    public long largest() {
        return largest;
    }

    /** The largest number in the ACK frames that went out; -1 before the first. */
    public long largestReported() {
        return largestReported;
    }

    /** When an ACK frame has to go out; {@code Long.MAX_VALUE}: none has to. */
    public long ackDeadlineNs() {
        return deadlineNs;
    }

    /** Whether an ACK frame has to go out now. */
    public boolean ackDue(long nowNs) {
        return deadlineNs != NO_DEADLINE && deadlineNs <= nowNs;
    }

    /** Whether an ack-eliciting packet arrived since the last ACK frame: worth a frame in a packet that goes anyway. */
    public boolean hasUnacknowledged() {
        return unacknowledged > 0;
    }

    /**
     * What to acknowledge, valid until the next call that changes it; empty before the first packet. Do not change it.
     */
    public AckRanges ranges() {
        return ranges;
    }

    /** How long ago the largest packet arrived: the delay to report, in nanoseconds. */
    public long ackDelayNs(long nowNs) {
        return largest < 0 ? 0 : Math.max(0, nowNs - largestReceivedNs);
    }

    /** An ACK frame with {@link #ranges} went out. */
    public void onAckSent(long nowNs) {
        largestReported = largest;
        unacknowledged = 0;
        smallestUnacknowledged = Long.MAX_VALUE;
        deadlineNs = NO_DEADLINE;
    }

    /**
     * The peer has an ACK frame of ours: what it listed needs no further acknowledgement (RFC 9000 §13.2.4).
     *
     * @param largestInFrame the largest number that the frame acknowledged; -1 is ignored
     */
    public void onAckAcknowledged(long largestInFrame) {
        // RFC 9000 §13.2.3: the range with the largest number stays in every frame.
        // A packet that came late, after that frame, still has to get into one.
        long upTo = Math.min(largestInFrame, Math.min(largest, smallestUnacknowledged) - 1);
        ranges.removeUpTo(upTo);
        prunedUpTo = Math.max(prunedUpTo, upTo);
    }

    /** RFC 9000 §13.2.1: a packet that arrives late, or one that shows a gap, is worth an ACK frame at once. */
    private boolean isOutOfOrder(long packetNumber) {
        if (largestEliciting < 0) {
            return false;
        }
        // In order, the newest range reaches from this packet down to the largest ack-eliciting one before it, or to
        // where acknowledged numbers were cut off.
        return packetNumber < largestEliciting || ranges.smallest(0) > Math.max(largestEliciting, prunedUpTo) + 1;
    }

    private void markSeen(long packetNumber) {
        if (packetNumber > largest) {
            if (packetNumber - largest >= DUPLICATE_WINDOW) {
                Arrays.fill(seen, 0);
            } else {
                for (long number = largest + 1; number < packetNumber; number++) {
                    seen[word(number)] &= ~bit(number);
                }
            }
        }
        seen[word(packetNumber)] |= bit(packetNumber);
    }

    private static int word(long packetNumber) {
        return (int) (packetNumber & (DUPLICATE_WINDOW - 1)) / WORD_BITS;
    }

    private static long bit(long packetNumber) {
        return 1L << packetNumber;
    }
}
