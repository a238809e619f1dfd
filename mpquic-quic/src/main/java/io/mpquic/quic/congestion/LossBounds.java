package io.mpquic.quic.congestion;

/**
 * The bounds that congestion sets to a model of rate and flight. One of the flight is for long: a probe for more that went
 * too far sets it, and later probes raise it. Those of rate and flight that congestion beside the probes sets last until
 * the next probe: others want their share, or the path has become slower.
 */
final class LossBounds {
    static final double UNBOUNDED = Double.MAX_VALUE;
    /** What is left of a bound after congestion. */
    private static final double BETA = 0.7;
    /** Others find this share of the path free while nobody probes. */
    private static final double HEADROOM = 0.15;

    private double flightHigh = UNBOUNDED;
    private double flightLow = UNBOUNDED;
    private double rateLow = UNBOUNDED;
    private double stepBytes;

    /** So many bytes in flight were too many; {@code targetBytes} is what the model wanted. */
    void onProbeFailed(double flightBytes, double targetBytes) {
        flightHigh = Math.max(flightBytes, BETA * targetBytes);
    }

    /** The first bound: the path is full with so much in flight. */
    void onFull(double flightBytes) {
        flightHigh = flightBytes;
    }

    /**
     * Congestion beside the probes.
     *
     * @param knownRate the rate to go by until now, in bytes each second
     * @param leastRate what the path delivered nevertheless
     * @param windowBytes the window until now
     * @param leastFlight what the path took nevertheless
     */
    void onCongestion(double knownRate, double leastRate, double windowBytes, double leastFlight) {
        rateLow = Math.max(leastRate, BETA * Math.min(rateLow, knownRate));
        flightLow = Math.max(leastFlight, BETA * Math.min(flightLow, windowBytes));
    }

    /** What congestion beside the probes has set counts no more. */
    void forgetShortTerm() {
        rateLow = UNBOUNDED;
        flightLow = UNBOUNDED;
    }

    /** A probe for more begins. */
    void startRaising(int datagramBytes) {
        stepBytes = datagramBytes;
    }

    /** So much was acknowledged while probing with a window that the bound holds back: it rises by a step each round. */
    void raise(long ackedBytes, double windowBytes) {
        if (flightHigh != UNBOUNDED && windowBytes >= flightHigh) {
            flightHigh += stepBytes * ackedBytes / Math.max(1, windowBytes);
        }
    }

    /** A round of probing is over: the next step is twice as large. */
    void onRaisingRound(double windowBytes) {
        stepBytes = Math.min(2 * stepBytes, windowBytes);
    }

    double flightHighBytes() {
        return flightHigh;
    }

    double flightHighWithHeadroomBytes() {
        return flightHigh == UNBOUNDED ? UNBOUNDED : (1 - HEADROOM) * flightHigh;
    }

    double flightLowBytes() {
        return flightLow;
    }

    double rateLowBytesPerSecond() {
        return rateLow;
    }
}
