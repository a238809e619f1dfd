package io.mpquic.quic.congestion;

/** Tells when a rate has stopped growing: the path has no more. */
final class GrowthWatch {
    /** The gains of the phases that look for more would show a quarter more in each round, if there was more. */
    private static final double GROWTH = 1.25;
    /** One round may be noise, and a window in the way at the receiver takes another. */
    private static final int ROUNDS = 3;

    private double base;
    private int rounds;

    /** Starts watching, from a rate that is known already. */
    void restart(double rate) {
        base = rate;
        rounds = 0;
    }

    /** A round is over in which the sender had always something to send. */
    void onRound(double rate) {
        if (rate >= GROWTH * base) {
            restart(rate);
        } else {
            rounds++;
        }
    }

    boolean hasStopped() {
        return rounds >= ROUNDS;
    }
}
