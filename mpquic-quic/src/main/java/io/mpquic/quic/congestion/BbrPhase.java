package io.mpquic.quic.congestion;

/** What BBR is about to find out, and how much faster than the model's rate it sends for it. */
enum BbrPhase {
    /** Doubles the rate each round trip: 2 / ln 2 lets the flight keep up with it. */
    STARTUP(2.77, 2),
    /** Empties the queue that startup has built. */
    DRAIN(0.35, 2),
    /** Empties the queue that a probe has built, and leaves room for others. */
    DOWN(0.9, 2),
    /** Keeps to what is known. */
    CRUISE(1, 2),
    /** Fills the path without a queue before a probe, so that the probe's losses are its own. */
    REFILL(1, 2),
    /** Probes for more. */
    UP(1.25, 2.25),
    /** Looks for the shortest round trip with little in flight. */
    PROBE_RTT(1, 0.5);

    private final double pacingGain;
    private final double windowGain;

    BbrPhase(double pacingGain, double windowGain) {
        this.pacingGain = pacingGain;
        this.windowGain = windowGain;
    }

    double pacingGain() {
        return pacingGain;
    }

    double windowGain() {
        return windowGain;
    }
}
