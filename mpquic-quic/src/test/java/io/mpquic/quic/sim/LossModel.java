package io.mpquic.quic.sim;

import java.util.random.RandomGenerator;

/** How a link loses datagrams. A model is immutable; what it remembers of the past is in its {@link Process}. */
public sealed interface LossModel {
    /** One link's course of losses. */
    interface Process {
        /** Whether the next datagram is lost. */
        boolean loses(RandomGenerator random);
    }

    /** Starts a course of losses. */
    Process start();

    /** Nothing is lost. */
    static LossModel none() {
        return new Independent(0);
    }

    /** Each datagram is lost with the same probability, whatever happened to the one before. */
    static LossModel independent(double probability) {
        return new Independent(probability);
    }

    /**
     * Losses come in bursts.
     *
     * @param meanLoss share of the datagrams that are lost in the long run, 0 to below 1
     * @param meanBurstDatagrams mean number of datagrams lost in a row, at least 1
     */
    static LossModel bursts(double meanLoss, double meanBurstDatagrams) {
        double leaveBad = 1 / meanBurstDatagrams;
        return new GilbertElliott(leaveBad * meanLoss / (1 - meanLoss), leaveBad, 0, 1);
    }

    /** Each datagram is lost with this probability, 0 to 1. */
    record Independent(double probability) implements LossModel {
        public Independent {
            requireProbability(probability);
        }

        @Override
        public Process start() {
            return random -> random.nextDouble() < probability;
        }
    }

    /**
     * The Gilbert-Elliott model: a chain with a good and a bad state, each with its own probability of loss.
     *
     * <pre>
     *            goodToBad
     *   ( good ) ---------> ( bad )
     *            <---------
     *            badToGood
     * </pre>
     */
    record GilbertElliott(double goodToBad, double badToGood, double lossInGood, double lossInBad)
            implements LossModel {
        public GilbertElliott {
            requireProbability(goodToBad);
            requireProbability(badToGood);
            requireProbability(lossInGood);
            requireProbability(lossInBad);
        }

        @Override
        public Process start() {
            return new Process() {
                private boolean bad;

                @Override
                public boolean loses(RandomGenerator random) {
                    bad = random.nextDouble() < (bad ? 1 - badToGood : goodToBad);
                    return random.nextDouble() < (bad ? lossInBad : lossInGood);
                }
            };
        }
    }

    /** Refuses what is not a probability. */
    static void requireProbability(double probability) {
        if (!(probability >= 0 && probability <= 1)) {
            throw new IllegalArgumentException(probability + " is not a probability");
        }
    }
}
