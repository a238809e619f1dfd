package io.mpquic.quic.congestion;

/**
 * BBR, by the model of its version 3: instead of taking each loss for congestion, it measures the rate at which the path
 * delivers and its shortest round trip, sends at that rate, and keeps about as much in flight as the path holds. From time
 * to time it sends faster, to see whether the path has more, and for a moment less, to see its round trip without a queue.
 * Loss above two percent, and marks of routers, bound what it keeps in flight. A path that loses packets by chance, such as
 * a radio link, is filled nevertheless.
 *
 * <pre>
 *   STARTUP ──▶ DRAIN ──▶ DOWN ──▶ CRUISE ──▶ REFILL ──▶ UP ──┐
 *                          ▲                                   │
 *                          └───────────────────────────────────┘
 *   any of them ── shortest round trip not seen for five seconds ──▶ PROBE_RTT ──▶ CRUISE, or STARTUP
 * </pre>
 *
 * <p>Not thread-safe: one thread uses it. No call allocates in the steady state.
 */
public final class Bbr implements CongestionController {
    /** Sends a little slower than the model says, so that a queue drains. */
    private static final double PACING_MARGIN = 0.99;
    /** More loss than this is congestion. */
    private static final double LOSS_THRESHOLD = 0.02;
    /** In a small flight, two percent is a packet or less, and one more or less is chance. */
    private static final int LOSS_SLACK_DATAGRAMS = 2;
    /** In startup, so many separate losses in a round and too much of it mean that the path is full. */
    private static final int STARTUP_LOSSES = 6;

    private static final int MIN_WINDOW_DATAGRAMS = 4;
    private static final long PROBE_RTT_NS = 200_000_000;
    private static final long CRUISE_NS = 2_000_000_000;
    private static final long CRUISE_SPREAD_NS = 1_000_000_000;
    /** No longer between probes than a NewReno flow of the same window would take, but at most so many round trips. */
    private static final int CRUISE_ROUNDS = 63;

    private static final double NS_PER_SECOND = 1e9;

    private final DeliveryRate rate = new DeliveryRate();
    private BbrModel model = new BbrModel();
    private LossBounds bounds = new LossBounds();
    private final GrowthWatch growth = new GrowthWatch();
    private int maxDatagramBytes;
    private double windowBytes;
    private boolean windowUntouched = true;
    private BbrPhase phase = BbrPhase.STARTUP;
    /** Whether startup has found the path's rate. */
    private boolean full;

    private long nextRoundDelivered;
    private boolean roundStarts;
    private int lossesInRound;
    private boolean markedInRound;
    private double latestBytesPerSecond;
    private double latestInFlight;

    private boolean probing;
    private long cruiseUntilNs;
    private int roundsInCycle;
    private long upSinceNs;

    private boolean afterIdle;
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
    public void onApplicationPause(long bytesInFlight) {
        rate.onPause(bytesInFlight);
    }

    @Override
    public void onPacketSent(int bytes, long bytesInFlight, long nowNs) {
        afterIdle |= bytesInFlight <= bytes;
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
        lossesInRound++;
        if (probing && isTooMuchLost(largestLostSentNs)) {
            endProbe(largestLostSentNs, nowNs);
        }
    }

    @Override
    public void onCongestionExperienced(long sentNs, long nowNs) {
        // RFC 9002 §7.1: a router that marks means what one that drops means.
        windowUntouched = false;
        markedInRound = true;
        if (probing) {
            endProbe(sentNs, nowNs);
        }
    }

    private boolean isTooMuchLost(long sentNs) {
        return rate.lostSince(sentNs)
                > LOSS_THRESHOLD * rate.inFlightAt(sentNs) + LOSS_SLACK_DATAGRAMS * maxDatagramBytes;
    }

    /** The probe for more went too far: what was in flight then is more than the path takes. */
    private void endProbe(long sentNs, long nowNs) {
        probing = false;
        bounds.onProbeFailed((double) rate.inFlightAt(sentNs), targetInFlight());
        if (phase == BbrPhase.UP) {
            startDown(nowNs);
        }
    }

    private double targetInFlight() {
        return Math.min(bdpBytes(), windowBytes);
    }

    /** The rate to go by: the measured one, within the bound that congestion has set. */
    private double bytesPerSecond() {
        return Math.min(model.maxBytesPerSecond(), bounds.rateLowBytesPerSecond());
    }

    private double bdpBytes() {
        return model.bdpBytes(bytesPerSecond());
    }

    @Override
    public void onAckProcessed(long bytesInFlight, long nowNs) {
        if (!rate.hasSample()) {
            rate.endAck();
            return;
        }
        updateRound();
        updateModel(nowNs);
        switch (phase) {
            case STARTUP -> checkStartup();
            case DRAIN -> {
                if (bytesInFlight <= bdpBytes()) {
                    startDown(nowNs);
                }
            }
            case DOWN, CRUISE, REFILL, UP -> probeBandwidth(bytesInFlight, nowNs);
            case PROBE_RTT -> probeRtt(bytesInFlight, nowNs);
        }
        // Idleness has drained the path already: its first samples are as good as those of a look with little in
        // flight.
        if (phase != BbrPhase.PROBE_RTT && model.shortest().isLookDue() && !afterIdle) {
            startProbeRtt();
        }
        if (roundStarts) {
            lossesInRound = 0;
            markedInRound = false;
        }
        afterIdle = false;
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
        if (!full || phase == BbrPhase.UP || phase == BbrPhase.REFILL) {
            return;
        }
        if (markedInRound) {
            // Marks come before the queue is full, and what arrived in the round was partly in that queue.
            bounds.onCongestion(bytesPerSecond(), latestBytesPerSecond, windowBytes, bdpBytes());
        } else if (lossesInRound > 0 && isTooMuchLost(rate.sampleSentNs())) {
            bounds.onCongestion(bytesPerSecond(), latestBytesPerSecond, windowBytes, latestInFlight);
        }
    }

    private void updateModel(long nowNs) {
        double sample = rate.sampleBytesPerSecond();
        latestBytesPerSecond = roundStarts ? sample : Math.max(latestBytesPerSecond, sample);
        latestInFlight = roundStarts ? rate.sampleBytes() : Math.max(latestInFlight, (double) rate.sampleBytes());
        if (!rate.isSampleLimited() || sample >= model.maxBytesPerSecond()) {
            model.onRate(sample);
        }
        model.shortest().onSample(nowNs - rate.sampleSentNs(), nowNs);
        model.onAcked(rate.deliveredBytes(), rate.ackedBytes(), bytesPerSecond(), windowBytes, nowNs);
    }

    private void checkStartup() {
        if (!roundStarts) {
            return;
        }
        if (!rate.isSampleLimited()) {
            growth.onRound(model.maxBytesPerSecond());
            full = growth.hasStopped();
        }
        if (markedInRound || (lossesInRound >= STARTUP_LOSSES && isTooMuchLost(rate.sampleSentNs()))) {
            full = true;
            bounds.onFull(Math.max(model.bdpBytes(model.maxBytesPerSecond()), latestInFlight));
        }
        if (full) {
            phase = BbrPhase.DRAIN;
        }
    }

    // ---- the cycle of probing for more

    private void startDown(long nowNs) {
        phase = BbrPhase.DOWN;
        roundsInCycle = 0;
        // Flows that share a path must not probe in step: the nanoseconds are as good as dice.
        cruiseUntilNs = nowNs + CRUISE_NS + Math.floorMod(nowNs, CRUISE_SPREAD_NS);
    }

    private void probeBandwidth(long bytesInFlight, long nowNs) {
        switch (phase) {
            case DOWN, CRUISE -> {
                if (roundStarts && roundsInCycle > 1) {
                    probing = false;
                }
                if (isTimeToProbe(nowNs)) {
                    startRefill();
                } else if (bytesInFlight <= Math.min(highWithHeadroom(), bdpBytes())) {
                    phase = BbrPhase.CRUISE;
                }
            }
            case REFILL -> {
                if (roundStarts) {
                    startUp(nowNs);
                }
            }
            case UP -> raise(bytesInFlight, nowNs);
            case STARTUP, DRAIN, PROBE_RTT -> throw new IllegalStateException(phase + " does not probe for more");
        }
    }

    private boolean isTimeToProbe(long nowNs) {
        double renoRounds = Math.min(CRUISE_ROUNDS, targetInFlight() / maxDatagramBytes);
        return nowNs > cruiseUntilNs || (roundsInCycle >= renoRounds && roundsInCycle > 1);
    }

    private void startRefill() {
        phase = BbrPhase.REFILL;
        bounds.forgetShortTerm();
        roundStarts = false;
        nextRoundDelivered = rate.deliveredBytes();
    }

    private void startUp(long nowNs) {
        phase = BbrPhase.UP;
        model.nextCycle();
        probing = true;
        upSinceNs = nowNs;
        bounds.startRaising(maxDatagramBytes);
        growth.restart(model.maxBytesPerSecond());
    }

    private void raise(long bytesInFlight, long nowNs) {
        bounds.raise(rate.ackedBytes(), windowBytes);
        if (roundStarts) {
            bounds.onRaisingRound(windowBytes);
            growth.onRound(model.maxBytesPerSecond());
        }
        boolean longEnough = nowNs - upSinceNs > model.shortest().ns();
        boolean queue = bytesInFlight > BbrPhase.UP.pacingGain() * model.bdpBytes(model.maxBytesPerSecond());
        if (longEnough && (queue || growth.hasStopped())) {
            startDown(nowNs);
            // What was sent last is judged a round trip later.
            nextRoundDelivered = rate.deliveredBytes();
        }
    }

    private double highWithHeadroom() {
        return Math.max(bounds.flightHighWithHeadroomBytes(), minimumWindowBytes());
    }

    // ---- looking for the shortest round trip

    private void startProbeRtt() {
        windowBeforeProbe = windowBytes;
        phase = BbrPhase.PROBE_RTT;
        probeRttDoneNs = 0;
        probing = false;
    }

    private void probeRtt(long bytesInFlight, long nowNs) {
        if (probeRttDoneNs == 0) {
            if (bytesInFlight <= probeRttWindowBytes()) {
                probeRttDoneNs = nowNs + Math.max(PROBE_RTT_NS, model.shortest().ns());
            }
        } else if (nowNs > probeRttDoneNs) {
            model.shortest().onLooked(nowNs);
            windowBytes = Math.max(windowBytes, windowBeforeProbe);
            if (full) {
                bounds.forgetShortTerm();
                startDown(nowNs);
                phase = BbrPhase.CRUISE;
            } else {
                phase = BbrPhase.STARTUP;
            }
        }
    }

    private double probeRttWindowBytes() {
        return Math.max(BbrPhase.PROBE_RTT.windowGain() * bdpBytes(), minimumWindowBytes());
    }

    // ---- what follows for the sender

    private void updateWindow() {
        double target = phase.windowGain() * bdpBytes() + model.extraBytes() + minimumWindowBytes();
        if (full) {
            windowBytes = Math.min(windowBytes + rate.ackedBytes(), target);
        } else if (windowBytes < target || rate.deliveredBytes() < LossBased.initialWindowBytes(maxDatagramBytes)) {
            windowBytes += rate.ackedBytes();
        }
        double cap = switch (phase) {
            case STARTUP, DRAIN -> LossBounds.UNBOUNDED;
            case DOWN, REFILL, UP -> bounds.flightHighBytes();
            case CRUISE -> highWithHeadroom();
            case PROBE_RTT -> probeRttWindowBytes();
        };
        windowBytes = Math.max(Math.min(windowBytes, Math.min(cap, bounds.flightLowBytes())), minimumWindowBytes());
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
        bounds = new LossBounds();
        growth.restart(0);
        windowBytes = LossBased.initialWindowBytes(maxDatagramBytes);
        windowUntouched = true;
        phase = BbrPhase.STARTUP;
        full = false;
        probing = false;
        lossesInRound = 0;
        markedInRound = false;
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
        return phase == BbrPhase.STARTUP;
    }

    @Override
    public long pacingBytesPerSecond(long smoothedRttNs) {
        double bytesPerSecond = bytesPerSecond();
        if (bytesPerSecond == 0) {
            // Before the first sample: the initial window in a round trip.
            bytesPerSecond = windowBytes * NS_PER_SECOND / Math.max(1, smoothedRttNs);
        }
        return Math.max(1, (long) (phase.pacingGain() * PACING_MARGIN * bytesPerSecond));
    }
}
