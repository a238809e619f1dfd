package io.mpquic.quic.recovery;

import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * The sizes above the confirmed one that are being probed, and what is known of each. Not on the hot path: a connection
 * sends a few dozen probes in its life.
 */
final class ProbeSizes {
    /** What is known of one size. */
    private static final class Candidate {
        int toSend;
        int underWay;
        int lost;
    }

    private final NavigableMap<Integer, Candidate> candidates = new TreeMap<>();

    /** Has a size probed so many more times. */
    void request(int bytes, int times) {
        candidates.computeIfAbsent(bytes, size -> new Candidate()).toSend += times;
    }

    /**
     * The largest size that waits to be sent; 0 for none. Large before small: the small ones that arrive then show at
     * once which large ones did not.
     */
    int next() {
        for (var entry : candidates.descendingMap().entrySet()) {
            if (entry.getValue().toSend > 0) {
                return entry.getKey();
            }
        }
        return 0;
    }

    void onSent(int bytes) {
        Candidate candidate = candidates.get(bytes);
        if (candidate != null) {
            candidate.toSend = Math.max(0, candidate.toSend - 1);
            candidate.underWay++;
        }
    }

    void onLost(int bytes) {
        Candidate candidate = candidates.get(bytes);
        if (candidate != null) {
            candidate.underWay = Math.max(0, candidate.underWay - 1);
            candidate.lost++;
        }
    }

    /** The path carries this size, and so all below it: nothing about these is open any more. */
    void confirm(int bytes) {
        candidates.headMap(bytes, true).clear();
    }

    /** The path cannot carry this size: it counts as lost so many times, and nothing as large is sent. */
    void refuse(int bytes, int losses) {
        Candidate refused = candidates.computeIfAbsent(bytes, size -> new Candidate());
        refused.lost = Math.max(refused.lost, losses);
        for (Candidate candidate : candidates.tailMap(bytes, true).values()) {
            candidate.toSend = 0;
        }
    }

    /** Whether a probe is under way or waits to be sent. */
    boolean isBusy() {
        for (Candidate candidate : candidates.values()) {
            if (candidate.toSend > 0 || candidate.underWay > 0) {
                return true;
            }
        }
        return false;
    }

    /** The smallest size of which a probe was lost; 0 for none. */
    int smallestLost() {
        for (var entry : candidates.entrySet()) {
            if (entry.getValue().lost > 0) {
                return entry.getKey();
            }
        }
        return 0;
    }

    /**
     * How many probes of this size or below were lost: a path that does not carry a smaller one does not carry this.
     */
    int lossesUpTo(int bytes) {
        int sum = 0;
        for (Candidate candidate : candidates.headMap(bytes, true).values()) {
            sum += candidate.lost;
        }
        return sum;
    }

    void clear() {
        candidates.clear();
    }
}
