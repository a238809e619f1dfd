package io.mpquic.quic.sim;

import java.util.ArrayList;
import java.util.List;

/**
 * What one direction of a path does to datagrams. Sizes are of UDP payloads.
 *
 * <p>A datagram meets the conditions in this order: black hole, maximum size, bottleneck with its queue, loss, damage,
 * delay. So a datagram that is lost has used up its share of the rate.
 *
 * @param delayNs time from end to end without any queue
 * @param jitterNs largest delay on top, drawn evenly; it does not change the order
 * @param rateBitsPerSecond rate of the bottleneck; {@link #UNLIMITED} for none
 * @param queueBytes what can wait at the bottleneck, 1 to 10^9
 * @param loss how datagrams are lost
 * @param reorderProbability probability that a datagram is held back while later ones pass
 * @param reorderDelayNs for how long it is held back
 * @param duplicateProbability probability that a datagram arrives twice
 * @param corruptProbability probability that one to three bits of a datagram flip
 * @param maxDatagramBytes larger datagrams vanish
 * @param blackHoles when everything vanishes
 */
public record LinkConditions(
        long delayNs,
        long jitterNs,
        long rateBitsPerSecond,
        int queueBytes,
        LossModel loss,
        double reorderProbability,
        long reorderDelayNs,
        double duplicateProbability,
        double corruptProbability,
        int maxDatagramBytes,
        List<Interval> blackHoles) {

    /** A rate without limit. */
    public static final long UNLIMITED = 0;

    private static final int LARGEST_QUEUE_BYTES = 1_000_000_000;

    /** A stretch of virtual time, its end not included. */
    public record Interval(long startNs, long endNs) {
        boolean contains(long timeNs) {
            return startNs <= timeNs && timeNs < endNs;
        }
    }

    public LinkConditions {
        if (delayNs < 0 || jitterNs < 0 || rateBitsPerSecond < 0 || reorderDelayNs < 0) {
            throw new IllegalArgumentException("times and rates are not negative");
        }
        if (queueBytes < 1 || queueBytes > LARGEST_QUEUE_BYTES) {
            throw new IllegalArgumentException("queue of " + queueBytes + " bytes");
        }
        blackHoles = List.copyOf(blackHoles);
    }

    /** Nothing happens to a datagram, and it takes no time. */
    public static LinkConditions perfect() {
        return builder().build();
    }

    /** Starts from {@link #perfect()}. */
    public static Builder builder() {
        return new Builder();
    }

    boolean inBlackHole(long timeNs) {
        for (Interval interval : blackHoles) {
            if (interval.contains(timeNs)) {
                return true;
            }
        }
        return false;
    }

    /** Collects conditions; what is not set is perfect. */
    public static final class Builder {
        private long delayNs;
        private long jitterNs;
        private long rateBitsPerSecond = UNLIMITED;
        private int queueBytes = LARGEST_QUEUE_BYTES;
        private LossModel loss = LossModel.none();
        private double reorderProbability;
        private long reorderDelayNs;
        private double duplicateProbability;
        private double corruptProbability;
        private int maxDatagramBytes = 65_527;
        private final List<Interval> blackHoles = new ArrayList<>();

        private Builder() {}

        public Builder delayMs(long delayMs) {
            this.delayNs = delayMs * 1_000_000;
            return this;
        }

        public Builder jitterMs(long jitterMs) {
            this.jitterNs = jitterMs * 1_000_000;
            return this;
        }

        public Builder rate(long bitsPerSecond, int queueBytes) {
            this.rateBitsPerSecond = bitsPerSecond;
            this.queueBytes = queueBytes;
            return this;
        }

        public Builder loss(LossModel model) {
            this.loss = model;
            return this;
        }

        public Builder loss(double probability) {
            return loss(LossModel.independent(probability));
        }

        public Builder reorder(double probability, long delayMs) {
            this.reorderProbability = probability;
            this.reorderDelayNs = delayMs * 1_000_000;
            return this;
        }

        public Builder duplicate(double probability) {
            this.duplicateProbability = probability;
            return this;
        }

        public Builder corrupt(double probability) {
            this.corruptProbability = probability;
            return this;
        }

        public Builder maxDatagramBytes(int bytes) {
            this.maxDatagramBytes = bytes;
            return this;
        }

        public Builder blackHole(long startNs, long endNs) {
            blackHoles.add(new Interval(startNs, endNs));
            return this;
        }

        public LinkConditions build() {
            return new LinkConditions(
                    delayNs,
                    jitterNs,
                    rateBitsPerSecond,
                    queueBytes,
                    loss,
                    reorderProbability,
                    reorderDelayNs,
                    duplicateProbability,
                    corruptProbability,
                    maxDatagramBytes,
                    blackHoles);
        }
    }
}
