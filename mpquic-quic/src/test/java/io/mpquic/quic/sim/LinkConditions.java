package io.mpquic.quic.sim;

import java.util.ArrayList;
import java.util.List;

/**
 * What one direction of a path does to datagrams. Sizes are of UDP payloads.
 *
 * <p>A datagram meets the conditions in this order: black hole, maximum size, bottleneck with its queue, loss, marks,
 * damage, delay. So a datagram that is lost has used up its share of the rate.
 *
 * @param delayNs time from end to end without any queue
 * @param jitterNs largest delay on top, drawn evenly; it does not change the order
 * @param bottleneck the slowest part of the path
 * @param loss how datagrams are lost
 * @param reordering which datagrams are held back while later ones pass
 * @param duplication which datagrams arrive twice
 * @param damage which datagrams arrive with other bytes
 * @param ecn what becomes of ECN codepoints
 * @param maxDatagramBytes larger datagrams vanish
 * @param blackHoles when everything vanishes
 */
public record LinkConditions(
        long delayNs,
        long jitterNs,
        Bottleneck bottleneck,
        LossModel loss,
        Chance reordering,
        Chance duplication,
        Damage damage,
        EcnTreatment ecn,
        int maxDatagramBytes,
        List<Interval> blackHoles) {

    private static final long NS_PER_MS = 1_000_000;

    /** A stretch of virtual time, its end not included. */
    public record Interval(long startNs, long endNs) {
        boolean contains(long timeNs) {
            return startNs <= timeNs && timeNs < endNs;
        }
    }

    /** Something that happens to a datagram with a probability, and delays it. */
    public record Chance(double probability, long delayNs) {
        static final Chance NEVER = new Chance(0, 0);

        public Chance {
            LossModel.requireProbability(probability);
            if (delayNs < 0) {
                throw new IllegalArgumentException("times are not negative");
            }
        }
    }

    /**
     * What becomes of ECN codepoints (RFC 3168 §5).
     *
     * @param ceProbability probability that a marked datagram arrives as Congestion Experienced, whatever the queue
     * @param bleached whether every mark is cleared
     */
    public record EcnTreatment(double ceProbability, boolean bleached) {
        static final EcnTreatment NONE = new EcnTreatment(0, false);

        public EcnTreatment {
            LossModel.requireProbability(ceProbability);
        }
    }

    public LinkConditions {
        if (delayNs < 0 || jitterNs < 0) {
            throw new IllegalArgumentException("times are not negative");
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
        private Bottleneck bottleneck = Bottleneck.NONE;
        private LossModel loss = LossModel.none();
        private Chance reordering = Chance.NEVER;
        private Chance duplication = Chance.NEVER;
        private Damage damage = Damage.NONE;
        private EcnTreatment ecn = EcnTreatment.NONE;
        private int maxDatagramBytes = 65_527;
        private final List<Interval> blackHoles = new ArrayList<>();

        private Builder() {}

        public Builder delayMs(long delayMs) {
            this.delayNs = delayMs * NS_PER_MS;
            return this;
        }

        public Builder jitterMs(long jitterMs) {
            this.jitterNs = jitterMs * NS_PER_MS;
            return this;
        }

        /** A bottleneck whose queue holds so many bytes, and drops what comes on top. */
        public Builder rate(long bitsPerSecond, int queueBytes) {
            return bottleneck(new Bottleneck(bitsPerSecond, queueBytes, Integer.MAX_VALUE, Integer.MAX_VALUE));
        }

        public Builder bottleneck(Bottleneck slowest) {
            this.bottleneck = slowest;
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
            this.reordering = new Chance(probability, delayMs * NS_PER_MS);
            return this;
        }

        public Builder duplicate(double probability) {
            return duplicate(probability, 0);
        }

        /** The second copy comes so much later. */
        public Builder duplicate(double probability, long delayMs) {
            this.duplication = new Chance(probability, delayMs * NS_PER_MS);
            return this;
        }

        /** One to three bits of a datagram flip. */
        public Builder corrupt(double probability) {
            return damage(new Damage(probability, 0, 0));
        }

        public Builder damage(Damage kinds) {
            this.damage = kinds;
            return this;
        }

        /** See {@link EcnTreatment}. */
        public Builder ecn(double ceProbability, boolean bleached) {
            this.ecn = new EcnTreatment(ceProbability, bleached);
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
                    bottleneck,
                    loss,
                    reordering,
                    duplication,
                    damage,
                    ecn,
                    maxDatagramBytes,
                    blackHoles);
        }
    }
}
