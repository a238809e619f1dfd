package io.mpquic.quic.recovery;

import io.mpquic.quic.congestion.CongestionController;
import io.mpquic.quic.wire.AckRanges;
import io.mpquic.quic.wire.PacketNumberSpace;
import io.mpquic.quic.wire.TransportError;
import io.mpquic.quic.wire.TransportException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Loss detection for one path, all three packet number spaces (RFC 9002 §5, §6, §7.6): what is in flight, what arrived,
 * what is lost, and when to probe.
 *
 * <p>It reads no clock: {@code nowNs} is always a reading of one monotonic clock in nanoseconds, not less than at the
 * call before. The cost of an ACK frame is that of the packets it newly acknowledges, and neither sending nor
 * acknowledging allocates once the arrays have grown to the size of the flight. Not thread-safe: one thread uses it.
 */
public final class LossRecovery {
    private static final long ACK_FRAME_TYPE = 0x02;
    // A peer that acknowledges nothing but keeps us acknowledging would otherwise stretch the rings without end.
    private static final int MAX_SPAN = 1 << 17;
    private static final long NEVER = Long.MIN_VALUE;
    // Longer than a driver takes between two packets that it has; what paces, wakes or collects is told apart by its
    // limit.
    private static final long PAUSE_NS = 1_000_000;

    private final RttEstimator rtt;
    private final CongestionController congestion;
    private final DeliveryListener listener;
    final Spaces spaces = new Spaces();
    private final ProbeTimeouts probes;
    private final LossDetection losses;
    private final EcnValidation ecn = new EcnValidation();
    private final Standstill standstill = new Standstill();

    private long windowLimitedNs = NEVER;
    private long lastSentNs = NEVER;
    private long probeTimeouts;

    /**
     * Recovery for a new path.
     *
     * @param rtt takes the round-trip samples
     * @param congestion hears of all that counts as in flight
     * @param listener hears of each packet
     * @param isClient whether this endpoint is the client
     */
    public LossRecovery(
            RttEstimator rtt, CongestionController congestion, DeliveryListener listener, boolean isClient) {
        this.rtt = rtt;
        this.congestion = congestion;
        this.listener = listener;
        this.probes = new ProbeTimeouts(rtt, spaces, isClient);
        this.losses = new LossDetection(rtt, probes, congestion, listener, ecn);
    }

    /**
     * A packet went out.
     *
     * @param space its packet number space
     * @param packetNumber larger than all before it in the space; numbers left out count as skipped on purpose
     * @param bytes its size, with header and tag
     * @param ackEliciting whether it carries more than ACK, PADDING and CONNECTION_CLOSE
     * @param inFlight whether it counts for the congestion window; ack-eliciting ones always do
     * @param mtuProbe whether it probes the path MTU: its loss says nothing about congestion
     * @param largestAckedInIt the largest number that an ACK frame in it acknowledges, or -1
     * @param frames handed back when it is acknowledged or lost
     * @param nowNs the present
     */
    public void onPacketSent(
            PacketNumberSpace space,
            long packetNumber,
            int bytes,
            boolean ackEliciting,
            boolean inFlight,
            boolean mtuProbe,
            long largestAckedInIt,
            @Nullable Object frames,
            long nowNs) {
        SpaceState state = number(space, packetNumber);
        if (state.sent.spanWith(packetNumber) > MAX_SPAN) {
            losses.giveUp(state, nowNs);
        }
        boolean counted = inFlight || ackEliciting;
        byte flags = (byte) ((ackEliciting ? SentPackets.ACK_ELICITING : 0)
                | (counted ? SentPackets.IN_FLIGHT : 0)
                | (mtuProbe ? SentPackets.MTU_PROBE : 0)
                | (space == PacketNumberSpace.APPLICATION && ecn.onPacketSent() ? SentPackets.MARKED : 0));
        state.sent.add(packetNumber, flags, bytes, nowNs, largestAckedInIt, frames);
        if (!counted) {
            return;
        }
        if (ackEliciting) {
            state.elicitingInFlight++;
            state.lastElicitingSentNs = nowNs;
        }
        long bytesInFlight = bytesInFlight();
        if (lastSentNs != NEVER && nowNs - lastSentNs > PAUSE_NS && windowLimitedNs < lastSentNs) {
            congestion.onApplicationPause(bytesInFlight);
        }
        lastSentNs = nowNs;
        state.bytesInFlight += bytes;
        bytesInFlight += bytes;
        congestion.onPacketSent(bytes, bytesInFlight, nowNs);
        if (bytesInFlight + congestion.maxDatagramBytes() > congestion.windowBytes()) {
            windowLimitedNs = nowNs;
        }
        probes.restart(nowNs);
    }

    /**
     * A packet went out on another path than the one in use: it only asks about that path, and says nothing about this one
     * (RFC 9000 §9.4). Nothing becomes due for it, and its loss is not reported.
     */
    public void onSentElsewhere(PacketNumberSpace space, long packetNumber, int bytes, long nowNs) {
        if (space == PacketNumberSpace.APPLICATION) {
            ecn.onPacketSent(); // the peer counts its mark too
        }
        number(space, packetNumber).sent.add(packetNumber, SentPackets.ELSEWHERE, bytes, nowNs, -1, null);
    }

    /**
     * The path is another one from now on. RFC 9000 §9.4: what was sent on the old one gives no round-trip sample and
     * concerns no window; what it carried is sent again if it does not arrive.
     */
    public void onPathChanged(PacketNumberSpace space, long nowNs) {
        spaces.of(space).moveElsewhere();
        probes.resetCount();
        probes.restart(nowNs);
    }

    private SpaceState number(PacketNumberSpace space, long packetNumber) {
        SpaceState state = spaces.of(space);
        if (packetNumber <= state.largestSent) {
            throw new IllegalStateException("packet " + packetNumber + " after " + state.largestSent);
        }
        if (packetNumber > state.largestSent + 1) {
            state.skipped.add(state.largestSent + 1, packetNumber - 1);
        }
        state.largestSent = packetNumber;
        return state;
    }

    /** The pacer held back a packet that the window would have let through: the sender is not short of data. */
    public void onPacingLimited(long nowNs) {
        windowLimitedNs = nowNs;
    }

    /**
     * An ACK frame arrived.
     *
     * @param space the space of the packet that carried it
     * @param ranges what it acknowledges
     * @param ackDelayNs how long the peer held it back, by its own word
     * @param nowNs the present
     * @throws TransportException PROTOCOL_VIOLATION when it acknowledges a packet that was never sent
     */
    public void onAckReceived(PacketNumberSpace space, AckRanges ranges, long ackDelayNs, long nowNs)
            throws TransportException {
        if (ranges.size() == 0) {
            return;
        }
        SpaceState state = spaces.of(space);
        long largest = ranges.largest(0);
        // RFC 9000 §13.1: acknowledging what was not sent is an error.
        if (largest > state.largestSent || state.skipped.areIn(ranges)) {
            throw new TransportException(
                    TransportError.PROTOCOL_VIOLATION, ACK_FRAME_TYPE, "acknowledges a packet that was never sent");
        }
        standstill.observe(timeoutNs(), nowNs);
        boolean rises = largest > state.largestAcked;
        state.largestAcked = Math.max(state.largestAcked, largest);
        losses.findSpurious(state, ranges);
        boolean eliciting = state.collectAcked(ranges);
        if (space == PacketNumberSpace.APPLICATION) {
            readMarks(state, rises, nowNs);
        }
        if (state.newlyAckedCount() == 0) {
            return;
        }
        // RFC 9002 §5.1: a sample needs the largest to be new, and one ack-eliciting packet among the new ones.
        // RFC 9000 §9.4: one that went elsewhere is none.
        boolean elsewhere = (state.sent.flags(largest) & SentPackets.ELSEWHERE) != 0;
        if (eliciting
                && !elsewhere
                && !standstill.isSince(state.sent.sentNs(largest))
                && state.largestNewlyAcked() == largest) {
            sampleRtt(state, largest, ackDelayNs, nowNs);
        }
        losses.onNewlyAcked(state);
        losses.detect(state, nowNs);
        finishAcked(state, nowNs);
        congestion.onAckProcessed(bytesInFlight(), nowNs);
        state.sent.advance();
        probes.onNewlyAcked(state);
        probes.restart(nowNs);
    }

    /** The time of {@link #timeoutNs} has come: declares packets lost, or makes probes due. Does nothing before it. */
    public void onTimeout(long nowNs) {
        if (nowNs < timeoutNs()) {
            return;
        }
        standstill.observe(timeoutNs(), nowNs);
        SpaceState due = earliestLoss();
        // RFC 9002 §6.2.1: a loss timer goes before a probe timeout.
        if (due != null) {
            losses.detect(due, nowNs);
            due.sent.advance();
        } else {
            probeTimeouts++;
            probes.onTimeout();
        }
        probes.restart(nowNs);
    }

    /** When to call {@link #onTimeout}; {@code Long.MAX_VALUE} for never. May lie in the past: then at once. */
    public long timeoutNs() {
        SpaceState due = earliestLoss();
        return due != null ? due.lossNs : probes.timeoutNs();
    }

    /**
     * Forgets all packets of a space: its keys are gone (RFC 9002 §6.4), a Retry came, or 0-RTT was refused. Nothing is
     * reported about them. Packet numbers go on; the space may be used again.
     */
    public void discardSpace(PacketNumberSpace space, long nowNs) {
        spaces.of(space).discard();
        // RFC 9002 §6.2.2: discarded keys mean progress, so the backoff ends.
        probes.resetCount();
        probes.restart(nowNs);
    }

    /**
     * How many ack-eliciting packets have to go out in this space now, whatever the window says (RFC 9002 §6.2.4,
     * §7.5). They carry new data, or {@linkplain #forEachUnacked what is open}, or a PING.
     */
    public int probesOwed(PacketNumberSpace space) {
        return spaces.of(space).probesOwed;
    }

    /** One of the probes owed was sent. */
    public void probeSent(PacketNumberSpace space) {
        SpaceState state = spaces.of(space);
        state.probesOwed = Math.max(0, state.probesOwed - 1);
    }

    /**
     * Makes probes due now, and forgets the backoff: it was learnt on a path that was away, or was another. RFC 9002
     * §7.5: the window does not hold probes back.
     */
    public void probeNow(PacketNumberSpace space, long nowNs) {
        probes.probeNow(spaces.of(space));
        probes.restart(nowNs);
    }

    /** Hands out the frames of the packets of a space whose fate is open, oldest first; null ones are left out. */
    public void forEachUnacked(PacketNumberSpace space, Consumer<Object> consumer) {
        SentPackets sent = spaces.of(space).sent;
        for (long number = sent.first(); number < sent.end(); number++) {
            Object frames = sent.frames(number);
            if (frames != null) {
                consumer.accept(frames);
            }
        }
    }

    /** The peer's max_ack_delay, in nanoseconds; 25 ms until this is called. */
    public void peerMaxAckDelay(long delayNs) {
        probes.peerMaxAckDelay(delayNs);
    }

    /** The handshake is confirmed (RFC 9001 §4.1.2): application data may now cause probes. */
    public void handshakeConfirmed() {
        probes.handshakeConfirmed();
    }

    /** Handshake packets can be sent: the anti-deadlock probe of a client becomes one of these. */
    public void handshakeKeysAvailable() {
        probes.handshakeKeysAvailable();
    }

    /**
     * The server has certainly validated the client's address (RFC 9002 §6.2.2.1). An acknowledged Handshake packet and
     * {@link #handshakeConfirmed} say so by themselves.
     */
    public void peerAddressValidationComplete() {
        probes.peerValidatedAddress();
    }

    /**
     * Whether the server may send nothing until the client sends more (RFC 9000 §8.1): no probe is timed meanwhile. When
     * it ends, {@link #timeoutNs} may lie in the past.
     */
    public void amplificationBlocked(boolean blocked) {
        probes.amplificationBlocked(blocked);
    }

    /** Bytes in flight, over all spaces. */
    public long bytesInFlight() {
        return spaces.bytesInFlight();
    }

    /** How many probe timeouts expired in a row. */
    public int ptoCount() {
        return probes.count();
    }

    /** One probe timeout period of a space, without backoff, in nanoseconds. */
    public long ptoNs(PacketNumberSpace space) {
        return probes.periodNs(space);
    }

    /** The largest number that the peer acknowledged in a space; -1 before the first. */
    public long largestAcked(PacketNumberSpace space) {
        return spaces.of(space).largestAcked;
    }

    /** Packets in flight declared lost, without probes of the path MTU. */
    public long packetsLost() {
        return losses.packetsLost();
    }

    /** Their bytes. */
    public long bytesLost() {
        return losses.bytesLost();
    }

    /** Packets acknowledged after they were declared lost. */
    public long spuriousLosses() {
        return losses.spuriousLosses();
    }

    /** Probes of the path MTU declared lost. */
    public long mtuProbesLost() {
        return losses.mtuProbesLost();
    }

    /** How often persistent congestion was declared. */
    public long persistentCongestions() {
        return losses.persistentCongestions();
    }

    /** How many probe timeouts expired altogether. */
    public long probeTimeouts() {
        return probeTimeouts;
    }

    private void sampleRtt(SpaceState state, long largest, long ackDelayNs, long nowNs) {
        // RFC 9002 §5.3: Initial acknowledgements are not held back; after confirmation the peer's limit holds.
        long delayNs = state.space == PacketNumberSpace.INITIAL ? 0 : Math.max(0, ackDelayNs);
        if (probes.isHandshakeConfirmed()) {
            delayNs = Math.min(delayNs, probes.maxAckDelayNs());
        }
        rtt.onSample(nowNs - state.sent.sentNs(largest), delayNs, nowNs);
    }

    /** RFC 9000 §13.4.2, RFC 9002 §7.1: an increase of the CE count is a sign of congestion. */
    private void readMarks(SpaceState state, boolean rises, long nowNs) {
        if (!rises || state.newlyAckedCount() == 0) {
            ecn.forgetReport();
            return;
        }
        int marked = 0;
        for (int i = 0; i < state.newlyAckedCount(); i++) {
            int flags = state.sent.flags(state.newlyAcked(i)) & (SentPackets.MARKED | SentPackets.ELSEWHERE);
            marked += flags == SentPackets.MARKED ? 1 : 0;
        }
        if (ecn.onAck(marked)) {
            congestion.onCongestionExperienced(state.sent.sentNs(state.largestNewlyAcked()), nowNs);
        }
    }

    /** Marks of packets, and what the peer says of them. */
    public EcnValidation ecn() {
        return ecn;
    }

    /** Takes the newly acknowledged packets out of the flight and reports them, oldest first. */
    private void finishAcked(SpaceState state, long nowNs) {
        SentPackets sent = state.sent;
        for (int i = 0; i < state.newlyAckedCount(); i++) {
            long number = state.newlyAcked(i);
            byte flags = sent.flags(number);
            int bytes = sent.bytes(number);
            long sentNs = sent.sentNs(number);
            long largestAckedInIt = sent.largestAcked(number);
            Object frames = sent.frames(number);
            state.remove(number);
            if ((flags & SentPackets.IN_FLIGHT) != 0) {
                // RFC 9002 §7.8: the window was put to use if it filled up while the packet was under way.
                congestion.onPacketAcked(bytes, sentNs, nowNs, windowLimitedNs < sentNs);
            }
            listener.onPacketAcked(state.space, number, frames, largestAckedInIt);
            if ((flags & (SentPackets.MTU_PROBE | SentPackets.ELSEWHERE)) == SentPackets.MTU_PROBE) {
                listener.onMtuProbeAcked(bytes);
            } else if ((flags & SentPackets.ELSEWHERE) == 0) {
                listener.onSizeAcked(state.space, bytes);
            }
        }
    }

    private @Nullable SpaceState earliestLoss() {
        SpaceState earliest = null;
        for (SpaceState state : spaces.all()) {
            if (state.lossNs != SpaceState.NO_TIME && (earliest == null || state.lossNs < earliest.lossNs)) {
                earliest = state;
            }
        }
        return earliest;
    }
}
