package io.mpquic.quic.congestion;

/** When BBR is to probe for more again: after some seconds, or some rounds. */
final class ProbeSchedule {
    private static final long CRUISE_NS = 2_000_000_000;
    private static final long CRUISE_SPREAD_NS = 1_000_000_000;
    /** No longer between probes than a NewReno flow of the same window would take, but at most so many round trips. */
    private static final int CRUISE_ROUNDS = 63;
    /** 2^64 over the golden ratio: multiplied by it, close numbers get far from each other. */
    private static final long SCATTER = 0x9E3779B97F4A7C15L;

    private long untilNs;
    private int rounds;

    /**
     * A probe is over. Flows that share a path must not probe in step, not even when their probes end together: the last
     * digits of clock and counter are the dice, spread over the whole range.
     */
    void restart(long deliveredBytes, long nowNs) {
        rounds = 0;
        long dice = ((nowNs + deliveredBytes) * SCATTER) >>> 16;
        untilNs = nowNs + CRUISE_NS + dice % CRUISE_SPREAD_NS;
    }

    void onRound() {
        rounds++;
    }

    /** How many rounds have begun since the last probe. */
    int rounds() {
        return rounds;
    }

    /** Whether it is time, with so many datagrams in flight. */
    boolean isDue(double flightDatagrams, long nowNs) {
        return nowNs > untilNs || (rounds > 1 && rounds >= Math.min(CRUISE_ROUNDS, flightDatagrams));
    }
}
