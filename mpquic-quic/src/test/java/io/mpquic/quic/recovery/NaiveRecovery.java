package io.mpquic.quic.recovery;

import io.mpquic.quic.wire.AckRanges;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** One packet number space, written down as in appendix A of RFC 9002: a map, and a walk over all of it each time. */
final class NaiveRecovery {
    record Packet(long sentNs, int bytes, boolean eliciting, boolean inFlight) {}

    final TreeMap<Long, Packet> unacked = new TreeMap<>();
    final Set<Long> acked = new TreeSet<>();
    final Set<Long> lost = new TreeSet<>();
    final List<Long> skipped = new ArrayList<>();
    long largestAcked = -1;
    long lossNs = Long.MAX_VALUE;

    void onAck(AckRanges ranges, RttEstimator rttAfterwards, long nowNs) {
        largestAcked = Math.max(largestAcked, ranges.largest(0));
        boolean any = false;
        for (Iterator<Long> numbers = unacked.keySet().iterator(); numbers.hasNext(); ) {
            long number = numbers.next();
            if (ranges.contains(number)) {
                numbers.remove();
                acked.add(number);
                any = true;
            }
        }
        if (any) {
            detectLost(rttAfterwards, nowNs);
        }
    }

    void detectLost(RttEstimator rtt, long nowNs) {
        lossNs = Long.MAX_VALUE;
        long rttNs = Math.max(rtt.latestNs(), rtt.smoothedNs());
        long delayNs = Math.max(rttNs + rttNs / 8, 1_000_000);
        for (Iterator<Map.Entry<Long, Packet>> entries = unacked.entrySet().iterator(); entries.hasNext(); ) {
            Map.Entry<Long, Packet> entry = entries.next();
            long number = entry.getKey();
            Packet packet = entry.getValue();
            if (number > largestAcked) {
                continue;
            }
            long gaps = skipped.stream()
                    .filter(each -> each > number && each < largestAcked)
                    .count();
            if (packet.sentNs <= nowNs - delayNs || largestAcked - number - gaps >= 3) {
                entries.remove();
                if (packet.inFlight) {
                    lost.add(number);
                }
            } else if (packet.inFlight) {
                lossNs = Math.min(lossNs, packet.sentNs + delayNs);
            }
        }
    }

    void discard() {
        unacked.clear();
        lossNs = Long.MAX_VALUE;
    }

    long bytesInFlight() {
        return unacked.values().stream()
                .filter(Packet::inFlight)
                .mapToLong(Packet::bytes)
                .sum();
    }
}
