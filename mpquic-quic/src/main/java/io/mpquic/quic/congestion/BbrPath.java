package io.mpquic.quic.congestion;

/** All that BBR has found out about a path, and what it may therefore use of it. */
final class BbrPath {
    /** More loss than this is congestion. */
    private static final double LOSS_THRESHOLD = 0.02;
    /** In a small flight, two percent is a packet or less, and one more or less is chance. */
    private static final int LOSS_SLACK_DATAGRAMS = 2;

    private static final double NS_PER_SECOND = 1e9;

    final DeliveryRate rate = new DeliveryRate();
    final BbrRound round = new BbrRound();
    final BbrWindow window;
    BbrModel model = new BbrModel();
    LossBounds bounds = new LossBounds();

    BbrPath(int maxDatagramBytes) {
        window = new BbrWindow(maxDatagramBytes);
    }

    /** Another path: all of it is void. */
    void reset() {
        rate.reset();
        round.reset(rate);
        window.reset();
        model = new BbrModel();
        bounds = new LossBounds();
    }

    /** An ACK frame gave a sample; {@code guarded} when congestion that it tells of is not that of a probe for more. */
    void onSample(long nowNs, boolean guarded) {
        round.onSample(rate);
        if (round.starts()) {
            model.onRound();
            if (guarded) {
                judgeRound();
            }
        }
        round.measure(rate);
        double sample = rate.sampleBytesPerSecond();
        if (!rate.isSampleLimited() || sample >= model.maxBytesPerSecond()) {
            model.onRate(sample);
        }
        model.shortest().onSample(nowNs - rate.sampleSentNs(), nowNs);
        model.onAcked(rate.deliveredBytes(), rate.ackedBytes(), bytesPerSecond(), window.bytes(), nowNs);
    }

    private void judgeRound() {
        if (round.isMarked()) {
            // Marks come before the queue is full, and what arrived in the round was partly in that queue.
            bounds.onCongestion(bytesPerSecond(), round.bytesPerSecond(), window.bytes(), bdpBytes());
        } else if (round.losses() > 0 && isTooMuchLost(rate.sampleSentNs())) {
            bounds.onCongestion(bytesPerSecond(), round.bytesPerSecond(), window.bytes(), round.flightBytes());
        }
    }

    /** Whether since a packet was sent more was lost than chance explains. */
    boolean isTooMuchLost(long sentNs) {
        return rate.lostSince(sentNs)
                > LOSS_THRESHOLD * rate.inFlightAt(sentNs) + LOSS_SLACK_DATAGRAMS * window.maxDatagramBytes();
    }

    /** The rate to go by: the measured one, within the bound that congestion has set. */
    double bytesPerSecond() {
        return Math.min(model.maxBytesPerSecond(), bounds.rateLowBytesPerSecond());
    }

    /** The same; before the first sample it is the initial window in a round trip. */
    double bytesPerSecond(long smoothedRttNs) {
        double known = bytesPerSecond();
        return known == 0 ? window.bytes() * NS_PER_SECOND / Math.max(1, smoothedRttNs) : known;
    }

    /** What the path holds at that rate. */
    double bdpBytes() {
        return model.bdpBytes(bytesPerSecond());
    }

    /** What it holds at the measured rate, whatever congestion says. */
    double unboundedBdpBytes() {
        return model.bdpBytes(model.maxBytesPerSecond());
    }

    double targetInFlight() {
        return Math.min(bdpBytes(), window.bytes());
    }

    /** The bound of the flight that leaves something to others. */
    double highWithHeadroom() {
        return Math.max(bounds.flightHighWithHeadroomBytes(), window.minimumBytes());
    }

    /** With no more than this in flight, there is no queue of this sender in a round trip. */
    double probeRttWindowBytes() {
        return Math.max(BbrPhase.PROBE_RTT.windowGain() * bdpBytes(), window.minimumBytes());
    }

    /** An ACK frame is done with: the window follows; {@code full} when startup has found the path's rate. */
    void updateWindow(BbrPhase phase, boolean full) {
        double target = phase.windowGain() * bdpBytes() + model.extraBytes() + window.minimumBytes();
        double cap = switch (phase) {
            case STARTUP, DRAIN -> LossBounds.UNBOUNDED;
            case DOWN, REFILL, UP -> bounds.flightHighBytes();
            case CRUISE -> highWithHeadroom();
            case PROBE_RTT -> probeRttWindowBytes();
        };
        window.update(rate, target, Math.min(cap, bounds.flightLowBytes()), full);
    }
}
