package io.mpquic.quic.recovery;

import io.mpquic.quic.wire.PacketNumberSpace;

/** When to send probes because acknowledgements stay away (RFC 9002 §6.2). */
final class ProbeTimeouts {
    // RFC 9002 §6.1.2: no timer is finer than this.
    static final long GRANULARITY_NS = 1_000_000;
    // RFC 9000 §18.2: what holds until the peer says otherwise.
    private static final long DEFAULT_MAX_ACK_DELAY_NS = 25_000_000;
    // RFC 9002 §6.2.4: up to two datagrams, so that one more loss does not cost another timeout.
    private static final int PROBES = 2;
    // Beyond 2^16 timeouts the idle timeout has long come; the shift must not overflow.
    private static final int MAX_BACKOFF_SHIFT = 16;
    // RFC 6298 §2.5 lets TCP limit its timeout to a minute or more. A peer that keeps acknowledgements back chooses the
    // round trip: by it, it would choose for how long this end waits for it, and remembers it after its end.
    private static final long LONGEST_PERIOD_NS = 60_000_000_000L;

    private final RttEstimator rtt;
    private final Spaces spaces;
    private final boolean isClient;
    private boolean peerValidatedAddress;
    private boolean handshakeConfirmed;
    private boolean handshakeKeys;
    private boolean amplificationBlocked;
    private boolean started;
    private long restartedNs;
    private long maxAckDelayNs = DEFAULT_MAX_ACK_DELAY_NS;
    private int count;

    ProbeTimeouts(RttEstimator rtt, Spaces spaces, boolean isClient) {
        this.rtt = rtt;
        this.spaces = spaces;
        this.isClient = isClient;
        // RFC 9002 §6.2.2.1: the client's packets validate the server's address implicitly.
        this.peerValidatedAddress = !isClient;
    }

    int count() {
        return count;
    }

    void resetCount() {
        count = 0;
    }

    long maxAckDelayNs() {
        return maxAckDelayNs;
    }

    void peerMaxAckDelay(long delayNs) {
        maxAckDelayNs = delayNs;
    }

    boolean isHandshakeConfirmed() {
        return handshakeConfirmed;
    }

    void handshakeConfirmed() {
        handshakeConfirmed = true;
        peerValidatedAddress = true;
    }

    void handshakeKeysAvailable() {
        handshakeKeys = true;
    }

    void peerValidatedAddress() {
        peerValidatedAddress = true;
    }

    void amplificationBlocked(boolean blocked) {
        amplificationBlocked = blocked;
    }

    /** Something happened from which the client's anti-deadlock timer counts. */
    void restart(long nowNs) {
        started = true;
        restartedNs = nowNs;
    }

    /** The caller knows that the path has come back or changed: probes at once, and as often as in the beginning. */
    void probeNow(SpaceState state) {
        count = 0;
        state.probesOwed = PROBES;
    }

    /** One probe timeout without backoff. */
    long periodNs(PacketNumberSpace space) {
        long periodNs = rtt.smoothedNs() + Math.max(4 * rtt.varianceNs(), GRANULARITY_NS);
        return Math.min(
                LONGEST_PERIOD_NS,
                switch (space) {
                    // RFC 9002 §6.2.1: the peer does not delay acknowledgements of these.
                    case INITIAL, HANDSHAKE -> periodNs;
                    case APPLICATION -> periodNs + maxAckDelayNs;
                });
    }

    /** RFC 9002 §7.6.1: three probe timeouts, with the peer's delay in every space. */
    long persistentCongestionNs() {
        return 3 * periodNs(PacketNumberSpace.APPLICATION);
    }

    /** When the next probe timeout expires; {@code Long.MAX_VALUE} for never. */
    long timeoutNs() {
        // RFC 9002 §6.2.2.1: a server that may send nothing has nothing to time.
        if (amplificationBlocked) {
            return SpaceState.NO_TIME;
        }
        long earliestNs = isAntiDeadlockNeeded() ? antiDeadlockNs() : SpaceState.NO_TIME;
        for (SpaceState state : spaces.all()) {
            earliestNs = Math.min(earliestNs, timeoutNs(state));
        }
        return earliestNs;
    }

    /**
     * An acknowledgement of new packets came in this space.
     */
    void onNewlyAcked(SpaceState state) {
        // RFC 9002 §6.2.2.1: only an acknowledged Handshake packet shows the client that its address is validated.
        if (state.space == PacketNumberSpace.HANDSHAKE) {
            peerValidatedAddress = true;
        }
        // RFC 9002 §6.2.1: until then the backoff stays, to spare a slow server.
        if (peerValidatedAddress) {
            count = 0;
            for (SpaceState each : spaces.all()) {
                each.probesOwed = 0;
            }
        }
    }

    /** The timeout expired: probes become due, and the next timeout takes twice as long. */
    void onTimeout() {
        SpaceState due = null;
        for (SpaceState state : spaces.all()) {
            if (timeoutNs(state) < (due == null ? SpaceState.NO_TIME : timeoutNs(due))) {
                due = state;
            }
        }
        if (isAntiDeadlockNeeded()) {
            // RFC 9002 §6.2.2.1: a Handshake packet proves the address; an Initial one earns the server credit.
            (handshakeKeys ? spaces.handshake : spaces.initial).probesOwed = 1;
        } else if (due != null) {
            due.probesOwed = PROBES;
            // RFC 9002 §6.2.4: the peer may have the keys of another space only, so that one is probed too.
            for (SpaceState state : spaces.all()) {
                if (state != due && timeoutNs(state) != SpaceState.NO_TIME) {
                    state.probesOwed = Math.max(state.probesOwed, 1);
                }
            }
        }
        count++;
    }

    private long timeoutNs(SpaceState state) {
        // RFC 9002 §6.2.1: application data waits until the handshake is confirmed.
        boolean held = state.space == PacketNumberSpace.APPLICATION && !handshakeConfirmed;
        return held || state.elicitingInFlight == 0
                ? SpaceState.NO_TIME
                : state.lastElicitingSentNs + backedOff(periodNs(state.space));
    }

    /**
     * Whether the client has to keep the server from waiting for credit, although nothing of its own is open. Nothing else
     * is timed then: application data waits for the confirmation, which validates the address too.
     */
    private boolean isAntiDeadlockNeeded() {
        return isClient
                && started
                && !peerValidatedAddress
                && spaces.initial.elicitingInFlight == 0
                && spaces.handshake.elicitingInFlight == 0;
    }

    private long antiDeadlockNs() {
        return restartedNs + backedOff(periodNs(PacketNumberSpace.INITIAL));
    }

    private long backedOff(long periodNs) {
        return periodNs << Math.min(count, MAX_BACKOFF_SHIFT);
    }
}
