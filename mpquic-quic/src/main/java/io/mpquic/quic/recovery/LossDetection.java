package io.mpquic.quic.recovery;

import io.mpquic.quic.congestion.CongestionController;
import io.mpquic.quic.wire.AckRanges;

/** Declares packets lost because later ones arrived (RFC 9002 §6.1), and finds losses that were none. */
final class LossDetection {
    // RFC 9002 §6.1.1: fewer would take mild reordering for loss.
    private static final int PACKET_THRESHOLD = 3;
    // A lost packet that has not arrived after three probe timeouts never will.
    private static final int REMEMBERED_TIMEOUTS = 3;

    /** Packets whose loss means something. */
    private static final int AWAITED = SentPackets.IN_FLIGHT | SentPackets.ACK_ELICITING;

    private final RttEstimator rtt;
    private final ProbeTimeouts probes;
    private final CongestionController congestion;
    private final DeliveryListener listener;
    private final EcnValidation ecn;
    private final PersistentCongestion persistent = new PersistentCongestion();

    // What one call of detect found, for the congestion controller.
    private long foundBytes;
    private long foundLargestSentNs;
    private boolean foundPersistent;

    private long packetsLost;
    private long bytesLost;
    private long spuriousLosses;
    private long mtuProbesLost;
    private long persistentCongestions;

    LossDetection(
            RttEstimator rtt,
            ProbeTimeouts probes,
            CongestionController congestion,
            DeliveryListener listener,
            EcnValidation ecn) {
        this.rtt = rtt;
        this.probes = probes;
        this.congestion = congestion;
        this.listener = listener;
        this.ecn = ecn;
    }

    /** Packets were newly acknowledged: nothing sent before and after them belongs to one stretch of loss. */
    void onNewlyAcked(SpaceState state) {
        long durationNs = probes.persistentCongestionNs();
        for (int i = 0; i < state.newlyAckedCount(); i++) {
            persistent.onAcked(state.sent.sentNs(state.newlyAcked(i)), durationNs);
        }
    }

    /**
     * Declares lost what the thresholds say, and sets the time at which the next packet is due. Both thresholds cut off
     * the oldest packets, so the walk ends at the first that stays. Packets acknowledged at this moment may still be
     * in the window, marked.
     */
    void detect(SpaceState state, long nowNs) {
        begin();
        state.lossNs = SpaceState.NO_TIME;
        state.lost.expire(nowNs - REMEMBERED_TIMEOUTS * probes.periodNs(state.space));
        SentPackets sent = state.sent;
        long delayNs = lossDelayNs();
        long last = Math.min(state.largestAcked, sent.end() - 1);
        for (long number = sent.first(); number <= last; number++) {
            byte flags = sent.flags(number);
            if (flags == 0 || (flags & SentPackets.ACKED) != 0) {
                continue;
            }
            long dueNs = sent.sentNs(number) + delayNs;
            // RFC 9002 §6.1.1, §6.1.2: three packets older, or older by a good round trip.
            if (dueNs <= nowNs || isOlderByThreshold(state, number)) {
                lose(state, number, nowNs);
            } else if ((flags & AWAITED) != 0) {
                state.lossNs = dueNs;
                break;
            }
        }
        report(nowNs);
    }

    /** Declares the whole window lost: the peer has not acknowledged its start for an absurd number of packets. */
    void giveUp(SpaceState state, long nowNs) {
        begin();
        for (long number = state.sent.first(); number < state.sent.end(); number++) {
            if (state.sent.flags(number) != 0) {
                lose(state, number, nowNs);
            }
        }
        state.sent.advance();
        state.lossNs = SpaceState.NO_TIME;
        report(nowNs);
    }

    /** Looks for packets in an ACK frame that were declared lost before. */
    void findSpurious(SpaceState state, AckRanges ranges) {
        LostPackets lost = state.lost;
        for (int i = 0; i < ranges.size() && !lost.isEmpty() && ranges.largest(i) >= lost.smallestNumber(); i++) {
            int position = lost.lowerBound(ranges.smallest(i));
            while (position < lost.end() && lost.number(position) <= ranges.largest(i)) {
                long number = lost.number(position);
                int bytes = lost.bytes(position);
                boolean mtuProbe = lost.isMtuProbe(position);
                lost.remove(position);
                if (mtuProbe) {
                    listener.onMtuProbeAcked(bytes);
                } else {
                    spuriousLosses++;
                }
                listener.onSpuriousLoss(state.space, number, bytes);
            }
        }
    }

    long packetsLost() {
        return packetsLost;
    }

    long bytesLost() {
        return bytesLost;
    }

    long spuriousLosses() {
        return spuriousLosses;
    }

    long mtuProbesLost() {
        return mtuProbesLost;
    }

    long persistentCongestions() {
        return persistentCongestions;
    }

    private long lossDelayNs() {
        long rttNs = Math.max(rtt.latestNs(), rtt.smoothedNs());
        return Math.max(rttNs + rttNs / 8, ProbeTimeouts.GRANULARITY_NS);
    }

    private static boolean isOlderByThreshold(SpaceState state, long number) {
        long distance = state.largestAcked - number;
        return distance >= PACKET_THRESHOLD
                && distance - state.skipped.between(number, state.largestAcked) >= PACKET_THRESHOLD;
    }

    private void lose(SpaceState state, long number, long nowNs) {
        SentPackets sent = state.sent;
        byte flags = sent.flags(number);
        int bytes = sent.bytes(number);
        long sentNs = sent.sentNs(number);
        Object frames = sent.frames(number);
        state.remove(number);
        if ((flags & AWAITED) == 0) {
            // Nobody had to acknowledge it, so nothing can be said about it.
            return;
        }
        if ((flags & (SentPackets.MARKED | SentPackets.ELSEWHERE)) == SentPackets.MARKED) {
            ecn.onMarkedLost();
        }
        if ((flags & SentPackets.ELSEWHERE) != 0) {
            // RFC 9000 §9.4: what it carried has to be sent again, and that is all.
            listener.onPacketLost(state.space, number, frames, bytes, false);
            return;
        }
        boolean mtuProbe = (flags & SentPackets.MTU_PROBE) != 0;
        state.lost.add(number, bytes, mtuProbe, nowNs);
        if (mtuProbe) {
            // RFC 9000 §14.4: the loss of a probe is no sign of congestion.
            mtuProbesLost++;
        } else {
            packetsLost++;
            bytesLost += bytes;
            foundBytes += bytes;
            foundLargestSentNs = sentNs;
            // RFC 9002 §7.6.2: only ack-eliciting packets sent after the first round-trip sample count.
            if ((flags & SentPackets.ACK_ELICITING) != 0 && sentNs > rtt.firstSampleNs()) {
                foundPersistent |= persistent.onLost(sentNs, probes.persistentCongestionNs());
            }
        }
        listener.onPacketLost(state.space, number, frames, bytes, mtuProbe);
        if (!mtuProbe) {
            listener.onSizeLost(state.space, bytes, sentNs, nowNs);
        }
    }

    private void begin() {
        foundBytes = 0;
        foundPersistent = false;
    }

    private void report(long nowNs) {
        if (foundBytes > 0) {
            congestion.onPacketsLost(foundBytes, foundLargestSentNs, nowNs);
        }
        if (foundPersistent) {
            persistentCongestions++;
            persistent.clear();
            congestion.onPersistentCongestion(nowNs);
            rtt.onPersistentCongestion();
        }
    }
}
