package io.mpquic.quic.congestion;

/**
 * BBR, by the model of its version 3: instead of taking each loss for congestion, it measures the rate at which the path
 * delivers and its shortest round trip, sends at that rate, and keeps about as much in flight as the path holds. From time
 * to time it sends faster, to see whether the path has more, and for a moment less, to see its round trip without a queue.
 * Loss above two percent bounds what it keeps in flight. A path that loses packets by chance, such as a radio link, is
 * filled nevertheless.
 *
 * <pre>
 *   STARTUP ──▶ DRAIN ──▶ DOWN ──▶ CRUISE ──▶ REFILL ──▶ UP ──┐
 *                          ▲                                   │
 *                          └───────────────────────────────────┘
 *   any of them ── shortest round trip older than five seconds ──▶ PROBE_RTT ──▶ DOWN
 * </pre>
 *
 * <p>Not thread-safe: one thread uses it. No call allocates in the steady state.
 */
public final class Bbr implements CongestionController {
    private enum State {
        STARTUP(2.77, 2),
        DRAIN(0.35, 2),
        DOWN(0.9, 2),
        CRUISE(1, 2),
        REFILL(1, 2),
        UP(1.25, 2.25),
        PROBE_RTT(1, 0.5);

        private final double pacingGain;
        private final double windowGain;

        State(double pacingGain, double windowGain) {
            this.pacingGain = pacingGain;
            this.windowGain = windowGain;
        }
    }

    /** Sends a little slower than the model says, so that a queue drains. */
    private static final double PACING_MARGIN = 0.99;
    /** A rate that has not grown by a quarter within three rounds is the path's. */
    private static final double STARTUP_GROWTH = 1.25;

    private static final int STARTUP_ROUNDS = 3;
    /** More loss than this is congestion. */
    private static final double LOSS_THRESHOLD = 0.02;
    /** In startup, so many separate losses in a round and too much of it mean that the path is full. */
    private static final int STARTUP_LOSSES = 6;
    /** What is left of a bound after congestion. */
    private static final double BETA = 0.7;
    /** Others find this share of the path free while nobody probes. */
    private static final double HEADROOM = 0.15;

    private static final int MIN_WINDOW_DATAGRAMS = 4;
    private static final long PROBE_RTT_INTERVAL_NS = 5_000_000_000L;
    private static final long PROBE_RTT_NS = 200_000_000;
    private static final long CRUISE_NS = 2_000_000_000;
    private static final long CRUISE_SPREAD_NS = 1_000_000_000;
    /** No longer between probes than a NewReno flow of the same window would take, but at most so many round trips. */
    private static final int CRUISE_ROUNDS = 63;

    private static final double NS_PER_SECOND = 1e9;
    private static final double UNBOUNDED = Double.MAX_VALUE;

    private final DeliveryRate rate = new DeliveryRate();
    private BbrModel model = new BbrModel();
    private int maxDatagramBytes;
    private double windowBytes;
    private boolean windowUntouched = true;
    private State state = State.STARTUP;

    private long nextRoundDelivered;
    private boolean roundStarts;
    private boolean lossInRound;
    private int lossesInRound;
    private double latestBytesPerSecond;
    private double latestInFlight;

    private boolean full;
    private double fullBytesPerSecond;
    private int roundsWithoutGrowth;

    /** Bounds by loss: the long-term one of what is in flight, and short-term ones of rate and flight. */
    private double inFlightHigh = UNBOUNDED;

    private double inFlightLow = UNBOUNDED;
    private double rateLow = UNBOUNDED;
    private boolean probingForHigh;
    private double upStepBytes;

    private long cruiseUntilNs;
    private int roundsInCycle;
    private long upSinceNs;

    private long probeRttMinNs = Long.MAX_VALUE;
    private long probeRttMinAtNs;
    private long probeRttDoneNs;
    private double windowBeforeProbe;

    /**
     * A controller at the start of a connection.
     *
     * @param maxDatagramBytes the largest UDP payload now, at least 1200
     */
    public Bbr(int maxDatagramBytes) {
        this.maxDatagramBytes = LossBased.checked(maxDatagramBytes);
        windowBytes = LossBased.initialWindowBytes(maxDatagramBytes);
    }

    @Override
    public void onPacketSent(int bytes, long bytesInFlight, long nowNs) {
        rate.onSent(bytes, bytesInFlight, nowNs);
    }

    @Override
    public void onPacketAcked(int bytes, long sentNs, long nowNs, boolean appLimited) {
        windowUntouched = false;
        rate.onAcked(bytes, sentNs, nowNs, appLimited);
    }

    @Override
    public void onPacketsLost(long bytes, long largestLostSentNs, long nowNs) {
        windowUntouched = false;
        rate.onLost(bytes);
        lossInRound = true;
        lossesInRound++;
        long inFlightThen = rate.inFlightAt(largestLostSentNs);
        if (probingForHigh && rate.lostSince(largestLostSentNs) > LOSS_THRESHOLD * inFlightThen) {
            onTooMuchInFlight((double) inFlightThen, nowNs);
        }
    }

    @Override
    public void onCongestionExperienced(long sentNs, long nowNs) {
        lossInRound = true;
    }

    /** The probe for more went too far: so much in flight is more than the path takes. */
    private void onTooMuchInFlight(double inFlightThen, long nowNs) {
        probingForHigh = false;
        inFlightHigh = Math.max(inFlightThen, BETA * targetInFlight());
        if (state == State.UP) {
            startDown(nowNs);
        }
    }

    private double targetInFlight() {
        return Math.min(model.bdpBytes(bytesPerSecond()), windowBytes);
    }

    /** The rate to go by: the measured one, within the bound that loss has set. */
    private double bytesPerSecond() {
        return Math.min(model.maxBytesPerSecond(), rateLow);
    }

    @Override
    public void onAckProcessed(long bytesInFlight, long nowNs) {
        if (!rate.hasSample()) {
            rate.endAck();
            return;
        }
        updateRound();
        updateModel(nowNs);
        switch (state) {
            case STARTUP -> checkStartup();
            case DRAIN -> {
                if (bytesInFlight <= model.bdpBytes(bytesPerSecond())) {
                    startDown(nowNs);
                }
            }
            case DOWN, CRUISE, REFILL, UP -> probeBandwidth(bytesInFlight, nowNs);
            case PROBE_RTT -> probeRtt(bytesInFlight, nowNs);
        }
        if (state != State.PROBE_RTT && nowNs - probeRttMinAtNs > PROBE_RTT_INTERVAL_NS) {
            startProbeRtt(nowNs);
        }
        updateWindow();
        rate.endAck();
    }

    private void updateRound() {
        roundStarts = rate.sampleDeliveredThen() >= nextRoundDelivered;
        if (!roundStarts) {
            return;
        }
        nextRoundDelivered = rate.deliveredBytes();
        roundsInCycle++;
        model.onRound();
        if (lossInRound && full && state != State.UP && state != State.REFILL) {
            // Loss beside the probes: others want their share, or the path has become slower.
            double knownRate = rateLow == UNBOUNDED ? model.maxBytesPerSecond() : rateLow;
            double knownFlight = inFlightLow == UNBOUNDED ? windowBytes : inFlightLow;
            if (tooMuchLost()) {
                rateLow = Math.max(latestBytesPerSecond, BETA * knownRate);
                inFlightLow = Math.max(latestInFlight, BETA * knownFlight);
            }
        }
    }

    private boolean tooMuchLost() {
        long sentNs = rate.sampleSentNs();
        return rate.lostSince(sentNs) > LOSS_THRESHOLD * rate.inFlightAt(sentNs);
    }

    private void updateModel(long nowNs) {
        double sample = rate.sampleBytesPerSecond();
        if (roundStarts) {
            latestBytesPerSecond = sample;
            latestInFlight = rate.sampleBytes();
        } else {
            latestBytesPerSecond = Math.max(latestBytesPerSecond, sample);
            latestInFlight = Math.max(latestInFlight, (double) rate.sampleBytes());
        }
        if (!rate.isSampleLimited() || sample >= model.maxBytesPerSecond()) {
            model.onRate(sample);
        }
        long rttNs = nowNs - rate.sampleSentNs();
        if (rttNs <= probeRttMinNs || state == State.PROBE_RTT) {
            probeRttMinNs = rttNs;
            probeRttMinAtNs = nowNs;
        }
        model.onRtt(rttNs, nowNs);
        model.onAcked(rate.deliveredBytes(), rate.ackedBytes(), bytesPerSecond(), windowBytes, nowNs);
    }

    private void checkStartup() {
        if (roundStarts) {
            if (!rate.isSampleLimited()) {
                if (model.maxBytesPerSecond() >= STARTUP_GROWTH * fullBytesPerSecond) {
                    fullBytesPerSecond = model.maxBytesPerSecond();
                    roundsWithoutGrowth = 0;
                } else if (++roundsWithoutGrowth >= STARTUP_ROUNDS) {
                    full = true;
                }
            }
            if (lossesInRound >= STARTUP_LOSSES && tooMuchLost()) {
                full = true;
                inFlightHigh = Math.max(model.bdpBytes(model.maxBytesPerSecond()), latestInFlight);
            }
        }
        endRound();
        if (full) {
            state = State.DRAIN;
        }
    }

    private void endRound() {
        if (roundStarts) {
            lossInRound = false;
            lossesInRound = 0;
        }
    }

    // ---- the cycle of probing for more

    private void startDown(long nowNs) {
        state = State.DOWN;
        roundsInCycle = 0;
        // Flows that share a path must not probe in step: the nanoseconds are as good as dice.
        cruiseUntilNs = nowNs + CRUISE_NS + nowNs % CRUISE_SPREAD_NS;
    }

    private void probeBandwidth(long bytesInFlight, long nowNs) {
        endRound();
        switch (state) {
            case DOWN -> {
                if (isTimeToProbe(nowNs)) {
                    startRefill();
                } else if (bytesInFlight <= Math.min(highWithHeadroom(), model.bdpBytes(bytesPerSecond()))) {
                    state = State.CRUISE;
                }
            }
            case CRUISE -> {
                if (isTimeToProbe(nowNs)) {
                    startRefill();
                }
            }
            case REFILL -> {
                if (roundStarts) {
                    startUp(nowNs);
                }
            }
            default -> raise(bytesInFlight, nowNs);
        }
    }

    private boolean isTimeToProbe(long nowNs) {
        double renoRounds = Math.min(CRUISE_ROUNDS, targetInFlight() / maxDatagramBytes);
        return nowNs > cruiseUntilNs || (roundsInCycle >= renoRounds && roundsInCycle > 1);
    }

    private void startRefill() {
        state = State.REFILL;
        rateLow = UNBOUNDED;
        inFlightLow = UNBOUNDED;
        roundStarts = false;
        nextRoundDelivered = rate.deliveredBytes();
    }

    private void startUp(long nowNs) {
        state = State.UP;
        model.nextCycle();
        probingForHigh = true;
        upSinceNs = nowNs;
        upStepBytes = maxDatagramBytes;
        fullBytesPerSecond = model.maxBytesPerSecond();
        roundsWithoutGrowth = 0;
    }

    private void raise(long bytesInFlight, long nowNs) {
        if (inFlightHigh != UNBOUNDED && windowBytes >= inFlightHigh) {
            // The bound is what holds the flight back: it rises, each round twice as fast.
            inFlightHigh += upStepBytes * rate.ackedBytes() / Math.max(1, windowBytes);
        }
        if (roundStarts) {
            upStepBytes = Math.min(2 * upStepBytes, windowBytes);
            if (model.maxBytesPerSecond() >= STARTUP_GROWTH * fullBytesPerSecond) {
                fullBytesPerSecond = model.maxBytesPerSecond();
                roundsWithoutGrowth = 0;
            } else {
                roundsWithoutGrowth++;
            }
        }
        boolean longEnough = model.hasRtt() && nowNs - upSinceNs > model.minRttNs();
        boolean queue = bytesInFlight > State.UP.pacingGain * model.bdpBytes(model.maxBytesPerSecond());
        if (longEnough && (queue || roundsWithoutGrowth >= STARTUP_ROUNDS)) {
            probingForHigh = false;
            startDown(nowNs);
        }
    }

    private double highWithHeadroom() {
        return inFlightHigh == UNBOUNDED ? UNBOUNDED : Math.max((1 - HEADROOM) * inFlightHigh, minimumWindowBytes());
    }

    // ---- looking for the shortest round trip

    private void startProbeRtt(long nowNs) {
        windowBeforeProbe = windowBytes;
        state = State.PROBE_RTT;
        probeRttDoneNs = 0;
        probeRttMinNs = Long.MAX_VALUE;
        probeRttMinAtNs = nowNs;
        probingForHigh = false;
    }

    private void probeRtt(long bytesInFlight, long nowNs) {
        endRound();
        double smallFlight =
                Math.max(State.PROBE_RTT.windowGain * model.bdpBytes(bytesPerSecond()), minimumWindowBytes());
        if (probeRttDoneNs == 0) {
            if (bytesInFlight <= smallFlight) {
                probeRttDoneNs = nowNs + Math.max(PROBE_RTT_NS, model.minRttNs());
            }
        } else if (nowNs > probeRttDoneNs) {
            model.confirmMinRtt(nowNs);
            probeRttMinAtNs = nowNs;
            windowBytes = Math.max(windowBytes, windowBeforeProbe);
            if (full) {
                rateLow = UNBOUNDED;
                inFlightLow = UNBOUNDED;
                startDown(nowNs);
                state = State.CRUISE;
            } else {
                state = State.STARTUP;
            }
        }
    }

    // ---- what follows for the sender

    private void updateWindow() {
        double target = state.windowGain * model.bdpBytes(bytesPerSecond())
                + model.extraBytes()
                + MIN_WINDOW_DATAGRAMS * (double) maxDatagramBytes;
        if (full) {
            windowBytes = Math.min(windowBytes + rate.ackedBytes(), target);
        } else if (windowBytes < target || rate.deliveredBytes() < LossBased.initialWindowBytes(maxDatagramBytes)) {
            windowBytes += rate.ackedBytes();
        }
        double cap = switch (state) {
            case STARTUP, DRAIN -> UNBOUNDED;
            case DOWN, REFILL, UP -> inFlightHigh;
            case CRUISE -> highWithHeadroom();
            case PROBE_RTT ->
                Math.max(State.PROBE_RTT.windowGain * model.bdpBytes(bytesPerSecond()), minimumWindowBytes());
        };
        windowBytes = Math.max(Math.min(windowBytes, Math.min(cap, inFlightLow)), minimumWindowBytes());
    }

    private double minimumWindowBytes() {
        return (double) MIN_WINDOW_DATAGRAMS * maxDatagramBytes;
    }

    @Override
    public void onPersistentCongestion(long nowNs) {
        // RFC 9002 §7.6.2: the minimum; the model brings the window back as soon as the path delivers again.
        windowBytes = minimumWindowBytes();
    }

    @Override
    public void reset() {
        rate.reset();
        model = new BbrModel();
        windowBytes = LossBased.initialWindowBytes(maxDatagramBytes);
        windowUntouched = true;
        state = State.STARTUP;
        full = false;
        fullBytesPerSecond = 0;
        roundsWithoutGrowth = 0;
        inFlightHigh = UNBOUNDED;
        inFlightLow = UNBOUNDED;
        rateLow = UNBOUNDED;
        probingForHigh = false;
        probeRttMinNs = Long.MAX_VALUE;
        nextRoundDelivered = rate.deliveredBytes();
    }

    @Override
    public void onMaxDatagramSize(int bytes) {
        maxDatagramBytes = LossBased.checked(bytes);
        windowBytes =
                windowUntouched ? LossBased.initialWindowBytes(bytes) : Math.max(windowBytes, minimumWindowBytes());
    }

    @Override
    public int maxDatagramBytes() {
        return maxDatagramBytes;
    }

    @Override
    public long windowBytes() {
        return (long) windowBytes;
    }

    @Override
    public boolean inSlowStart() {
        return state == State.STARTUP;
    }

    @Override
    public long pacingBytesPerSecond(long smoothedRttNs) {
        double bytesPerSecond = bytesPerSecond();
        if (bytesPerSecond == 0) {
            // Before the first sample: the initial window in a round trip.
            bytesPerSecond = windowBytes * NS_PER_SECOND / Math.max(1, smoothedRttNs);
        }
        return Math.max(1, (long) (state.pacingGain * PACING_MARGIN * bytesPerSecond));
    }
}
