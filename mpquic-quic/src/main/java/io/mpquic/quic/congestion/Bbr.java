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
    /** In startup, so many separate losses in a round and too much of it mean that the path is full. */
    private static final int STARTUP_LOSSES = 6;

    private static final long PROBE_RTT_NS = 200_000_000;

    private final BbrPath path;
    private final GrowthWatch growth = new GrowthWatch();
    private final ProbeSchedule schedule = new ProbeSchedule();
    private BbrPhase phase = BbrPhase.STARTUP;
    /** Whether startup has found the path's rate. */
    private boolean full;

    /** Whether losses now are those of a probe for more. */
    private boolean probing;
    /** Whether the last packets of a probe are still under way, and with them what it will have found. */
    private boolean findingsOpen;

    private long upSinceNs;
    private boolean afterIdle;
    private long probeRttDoneNs;

    /**
     * A controller at the start of a connection.
     *
     * @param maxDatagramBytes the largest UDP payload now, at least 1200
     */
    public Bbr(int maxDatagramBytes) {
        path = new BbrPath(maxDatagramBytes);
    }

    @Override
    public void onApplicationPause(long bytesInFlight) {
        path.rate.onPause(bytesInFlight);
    }

    @Override
    public void onPacketSent(int bytes, long bytesInFlight, long nowNs) {
        afterIdle |= bytesInFlight <= bytes;
        path.rate.onSent(bytes, bytesInFlight, nowNs);
    }

    @Override
    public void onPacketAcked(int bytes, long sentNs, long nowNs, boolean appLimited) {
        path.window.touch();
        path.rate.onAcked(bytes, sentNs, nowNs, appLimited);
    }

    @Override
    public void onPacketsLost(long bytes, long largestLostSentNs, long nowNs) {
        path.window.touch();
        path.rate.onLost(bytes);
        path.round.onLoss();
        if (probing && path.isTooMuchLost(largestLostSentNs)) {
            endProbe(largestLostSentNs, nowNs);
        }
    }

    @Override
    public void onCongestionExperienced(long sentNs, long nowNs) {
        // RFC 9002 §7.1: a router that marks means what one that drops means.
        path.window.touch();
        path.round.onMark();
        if (probing) {
            endProbe(sentNs, nowNs);
        }
    }

    /** The probe for more went too far: what was in flight then is more than the path takes. */
    private void endProbe(long sentNs, long nowNs) {
        probing = false;
        path.bounds.onProbeFailed((double) path.rate.inFlightAt(sentNs), path.targetInFlight());
        if (phase == BbrPhase.UP) {
            startDown(nowNs);
        }
    }

    @Override
    public void onAckProcessed(long bytesInFlight, long nowNs) {
        if (!path.rate.hasSample()) {
            path.rate.endAck();
            return;
        }
        path.onSample(nowNs, full && phase != BbrPhase.UP && phase != BbrPhase.REFILL);
        if (path.round.starts()) {
            schedule.onRound();
        }
        switch (phase) {
            case STARTUP -> checkStartup();
            case DRAIN -> {
                if (bytesInFlight <= path.bdpBytes()) {
                    startDown(nowNs);
                }
            }
            case DOWN, CRUISE, REFILL, UP -> probeBandwidth(bytesInFlight, nowNs);
            case PROBE_RTT -> probeRtt(bytesInFlight, nowNs);
        }
        // Idleness has drained the path already: its first samples are as good as those of a look with little in
        // flight.
        if (phase != BbrPhase.PROBE_RTT && path.model.shortest().isLookDue() && !afterIdle) {
            startProbeRtt();
        }
        path.round.endAck();
        afterIdle = false;
        path.updateWindow(phase, full);
        path.rate.endAck();
    }

    private void checkStartup() {
        if (!path.round.starts()) {
            return;
        }
        if (!path.rate.isSampleLimited()) {
            growth.onRound(path.model.maxBytesPerSecond());
            full = growth.hasStopped();
        }
        if (path.round.isMarked()
                || (path.round.losses() >= STARTUP_LOSSES && path.isTooMuchLost(path.rate.sampleSentNs()))) {
            full = true;
            path.bounds.onFull(Math.max(path.unboundedBdpBytes(), path.round.flightBytes()));
        }
        if (full) {
            phase = BbrPhase.DRAIN;
        }
    }

    // ---- the cycle of probing for more

    private void startDown(long nowNs) {
        phase = BbrPhase.DOWN;
        // What was sent last is judged a round trip later.
        findingsOpen = true;
        path.round.restart(path.rate);
        schedule.restart(path.rate.deliveredBytes(), nowNs);
    }

    private void probeBandwidth(long bytesInFlight, long nowNs) {
        switch (phase) {
            case DOWN, CRUISE -> {
                if (path.round.starts()) {
                    closeFindings();
                }
                if (schedule.isDue(path.targetInFlight() / path.window.maxDatagramBytes(), nowNs)) {
                    startRefill();
                } else if (bytesInFlight <= Math.min(path.highWithHeadroom(), path.bdpBytes())) {
                    phase = BbrPhase.CRUISE;
                }
            }
            case REFILL -> {
                if (path.round.starts()) {
                    startUp(nowNs);
                }
            }
            case UP -> raise(bytesInFlight, nowNs);
            case STARTUP, DRAIN, PROBE_RTT -> throw new IllegalStateException(phase + " does not probe for more");
        }
    }

    private void closeFindings() {
        if (schedule.rounds() > 1) {
            probing = false;
        }
        if (findingsOpen) {
            findingsOpen = false;
            if (!path.rate.isSampleLimited()) {
                path.model.nextCycle();
            }
        }
    }

    private void startRefill() {
        phase = BbrPhase.REFILL;
        path.bounds.forgetShortTerm();
        path.round.restart(path.rate);
    }

    private void startUp(long nowNs) {
        phase = BbrPhase.UP;
        probing = true;
        upSinceNs = nowNs;
        path.bounds.startRaising(path.window.maxDatagramBytes());
        growth.restart(path.model.maxBytesPerSecond());
    }

    private void raise(long bytesInFlight, long nowNs) {
        // While the bound is what holds the probe back, that the rate does not grow and a queue is there says nothing:
        // the
        // bound has to rise first, faster each round, until it is out of the way or losses confirm it.
        boolean held = path.window.bytes() >= path.bounds.flightHighBytes()
                && path.window.isFull(bytesInFlight + path.rate.ackedBytes());
        path.bounds.raise(path.rate.ackedBytes(), path.window.bytes());
        if (path.round.starts()) {
            path.bounds.onRaisingRound(path.window.bytes());
            growth.onRound(path.model.maxBytesPerSecond());
        }
        if (held) {
            growth.restart(path.rate.sampleBytesPerSecond());
            return;
        }
        boolean longEnough = nowNs - upSinceNs > path.model.shortest().ns();
        boolean queue = bytesInFlight > BbrPhase.UP.pacingGain() * path.unboundedBdpBytes();
        if (longEnough && (queue || growth.hasStopped())) {
            startDown(nowNs);
        }
    }

    // ---- looking for the shortest round trip

    private void startProbeRtt() {
        path.window.save();
        phase = BbrPhase.PROBE_RTT;
        probeRttDoneNs = 0;
        probing = false;
    }

    private void probeRtt(long bytesInFlight, long nowNs) {
        if (probeRttDoneNs == 0) {
            if (bytesInFlight <= path.probeRttWindowBytes()) {
                probeRttDoneNs =
                        nowNs + Math.max(PROBE_RTT_NS, path.model.shortest().ns());
            }
        } else if (nowNs > probeRttDoneNs) {
            path.model.shortest().onLooked(nowNs);
            path.window.restore();
            if (full) {
                path.bounds.forgetShortTerm();
                startDown(nowNs);
                phase = BbrPhase.CRUISE;
            } else {
                phase = BbrPhase.STARTUP;
            }
        }
    }

    // ---- what follows for the sender

    @Override
    public void onPersistentCongestion(long nowNs) {
        // RFC 9002 §7.6.2: the minimum; the model brings the window back as soon as the path delivers again.
        path.window.shrinkToMinimum();
    }

    @Override
    public void reset() {
        path.reset();
        growth.restart(0);
        phase = BbrPhase.STARTUP;
        full = false;
        probing = false;
        findingsOpen = false;
    }

    @Override
    public void onMaxDatagramSize(int bytes) {
        path.window.onMaxDatagramSize(bytes);
    }

    @Override
    public int maxDatagramBytes() {
        return path.window.maxDatagramBytes();
    }

    @Override
    public long windowBytes() {
        return (long) path.window.bytes();
    }

    @Override
    public boolean inSlowStart() {
        return phase == BbrPhase.STARTUP;
    }

    @Override
    public long pacingBytesPerSecond(long smoothedRttNs) {
        return Math.max(1, (long) (phase.pacingGain() * PACING_MARGIN * path.bytesPerSecond(smoothedRttNs)));
    }
}
