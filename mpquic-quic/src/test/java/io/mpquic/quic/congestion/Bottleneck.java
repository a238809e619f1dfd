package io.mpquic.quic.congestion;

import io.mpquic.quic.recovery.DeliveryListener;
import io.mpquic.quic.recovery.EcnValidation;
import io.mpquic.quic.recovery.LossRecovery;
import io.mpquic.quic.recovery.ReceivedPackets;
import io.mpquic.quic.recovery.RttEstimator;
import io.mpquic.quic.wire.AckRanges;
import io.mpquic.quic.wire.PacketNumberSpace;
import io.mpquic.quic.wire.TransportException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * A link with a rate, a queue and random loss, and senders that always have data: this project's loss recovery, pacer and
 * congestion control with nothing around them, so that millions of packets take seconds.
 *
 * <pre>
 *   flows ──▶ queue ──▶ link (rate) ──▶ loss ──▶ half a round trip ──▶ receivers
 *     ▲                                                                    │
 *     └──────────────── acknowledgements, half a round trip ◀──────────────┘
 * </pre>
 */
final class Bottleneck {
    static final int PACKET_BYTES = 1200;

    /** However short the path, a router has room for some packets. */
    private static final int SMALLEST_QUEUE_BYTES = 10 * PACKET_BYTES;

    private static final double NS_PER_SECOND = 1e9;
    private static final int MAX_ACK_DELAY_NS = 25_000_000;
    /** Delays of the queue are counted in so many steps, from none to full. */
    private static final int DELAY_STEPS = 1000;

    private double bytesPerSecond;
    private long oneWayNs;
    private final double queueBytes;
    private final double loss;
    private final SplittableRandom random;
    private final List<Flow> flows = new ArrayList<>();
    private final long[] delays = new long[DELAY_STEPS + 1];
    private double markedFromBytes = Double.MAX_VALUE;
    private long linkFreeNs;
    private long nowNs;
    private long measuredFromNs;
    private long sentPackets;
    private long lostPackets;

    Bottleneck(double megabitsPerSecond, long rttMs, double queueInBdp, double loss, long seed) {
        bytesPerSecond = megabitsPerSecond * 1e6 / 8;
        oneWayNs = rttMs * 1_000_000 / 2;
        double bdpBytes = bytesPerSecond * rttMs / 1000;
        queueBytes = Math.max(SMALLEST_QUEUE_BYTES, queueInBdp * bdpBytes);
        this.loss = loss;
        random = new SplittableRandom(seed);
    }

    /** Adds a flow that begins now. */
    Flow add(CongestionController.Factory algorithm) {
        Flow flow = new Flow(algorithm);
        flows.add(flow);
        return flow;
    }

    /** The route changes: another rate and round trip; the queue keeps its size. */
    void reroute(double megabitsPerSecond, long rttMs) {
        bytesPerSecond = megabitsPerSecond * 1e6 / 8;
        oneWayNs = rttMs * 1_000_000 / 2;
    }

    /** Flows that are added later send packets that can be marked; those that find so much in the queue are. */
    void markFrom(double share) {
        markedFromBytes = share * queueBytes;
    }

    /** Runs for some time. */
    void runSeconds(double seconds) throws TransportException {
        long endNs = nowNs + (long) (seconds * NS_PER_SECOND);
        while (true) {
            Flow next = flows.getFirst();
            for (Flow flow : flows) {
                next = flow.nextEventNs() < next.nextEventNs() ? flow : next;
            }
            if (next.nextEventNs() > endNs) {
                break;
            }
            nowNs = Math.max(nowNs, next.nextEventNs());
            next.turn();
        }
        nowNs = endNs;
    }

    /** Forgets what was measured so far. */
    void measureFromHere() {
        measuredFromNs = nowNs;
        Arrays.fill(delays, 0);
        sentPackets = 0;
        lostPackets = 0;
        flows.forEach(flow -> flow.deliveredBytes = 0);
    }

    /** Which share of the link was used. */
    double utilisation() {
        return flows.stream().mapToLong(flow -> flow.deliveredBytes).sum()
                / (bytesPerSecond * (nowNs - measuredFromNs) / NS_PER_SECOND);
    }

    /** Which share of the packets was lost, in the queue or by chance. */
    double lostShare() {
        return (double) lostPackets / Math.max(1, sentPackets);
    }

    /** The delay in the queue that this share of the packets does not exceed, in milliseconds. */
    double queueDelayMs(double share) {
        long all = Arrays.stream(delays).sum();
        long counted = 0;
        int step = 0;
        while (step < DELAY_STEPS && counted + delays[step] < share * all) {
            counted += delays[step++];
        }
        return step * queueBytes / DELAY_STEPS / bytesPerSecond * 1000;
    }

    /** Jain's index of what the flows got: 1 is perfectly fair, one over their number is one takes all. */
    double fairness() {
        double sum = flows.stream().mapToDouble(flow -> flow.deliveredBytes).sum();
        double squares = flows.stream()
                .mapToDouble(flow -> (double) flow.deliveredBytes * flow.deliveredBytes)
                .sum();
        return sum * sum / (flows.size() * squares);
    }

    private record Arrival(long atNs, long number, int codepoint) {}

    private record Ack(long atNs, AckRanges ranges, long delayNs, long ect0, long ce) {}

    /** One sender and its receiver. */
    final class Flow implements DeliveryListener {
        private final RttEstimator rtt = new RttEstimator();
        private final CongestionController congestion;
        private final Pacer pacer;
        private final LossRecovery recovery;
        private final ReceivedPackets received = new ReceivedPackets(MAX_ACK_DELAY_NS);
        private final ArrayDeque<Arrival> arrivals = new ArrayDeque<>();
        private final ArrayDeque<Ack> acks = new ArrayDeque<>();
        private long nextNumber;
        private long wakeNs;
        private long deliveredBytes;
        private long ect0;
        private long ce;
        /** How much there still is to send; without end at first. */
        private long offeredBytes = Long.MAX_VALUE;

        private Flow(CongestionController.Factory algorithm) {
            congestion = algorithm.create(PACKET_BYTES, rtt::smoothedNs);
            pacer = new Pacer(congestion, rtt::smoothedNs);
            recovery = new LossRecovery(rtt, congestion, this, false);
            recovery.handshakeConfirmed();
            if (markedFromBytes < Double.MAX_VALUE) {
                recovery.ecn().start();
            }
            wakeNs = nowNs;
        }

        /** From now on there is just so much to send. */
        void offer(long bytes) {
            offeredBytes = bytes;
            wakeNs = nowNs;
        }

        private long nextEventNs() {
            long next = Math.min(wakeNs, received.ackDeadlineNs());
            if (!arrivals.isEmpty()) {
                next = Math.min(next, arrivals.peek().atNs);
            }
            return acks.isEmpty() ? next : Math.min(next, acks.peek().atNs);
        }

        private void turn() throws TransportException {
            while (!arrivals.isEmpty() && arrivals.peek().atNs <= nowNs) {
                Arrival arrival = arrivals.remove();
                received.onPacketReceived(arrival.number, true, nowNs);
                ect0 += arrival.codepoint == EcnValidation.ECT_0 ? 1 : 0;
                ce += arrival.codepoint == EcnValidation.CE ? 1 : 0;
                deliveredBytes += PACKET_BYTES;
                acknowledge();
            }
            acknowledge();
            boolean acked = false;
            while (!acks.isEmpty() && acks.peek().atNs <= nowNs) {
                Ack ack = acks.remove();
                recovery.ecn().report(ack.ect0, 0, ack.ce);
                recovery.onAckReceived(PacketNumberSpace.APPLICATION, ack.ranges, ack.delayNs, nowNs);
                received.onAckAcknowledged(ack.ranges.largest());
                acked = true;
            }
            if (recovery.timeoutNs() <= nowNs) {
                recovery.onTimeout(nowNs);
                acked = true;
            }
            if (acked || wakeNs <= nowNs) {
                send();
            }
        }

        private void acknowledge() {
            if (received.ackDue(nowNs)) {
                AckRanges ranges = new AckRanges(ReceivedPackets.MAX_RANGES);
                ranges.copyFrom(received.ranges());
                acks.add(new Ack(nowNs + oneWayNs, ranges, received.ackDelayNs(nowNs), ect0, ce));
                received.onAckSent(nowNs);
            }
        }

        private void send() {
            boolean paced = false;
            while (true) {
                boolean probe = recovery.probesOwed(PacketNumberSpace.APPLICATION) > 0;
                if (!probe && offeredBytes <= 0) {
                    break;
                }
                if (!probe && recovery.bytesInFlight() + PACKET_BYTES > congestion.windowBytes()) {
                    break;
                }
                if (!probe && !pacer.permits(nowNs)) {
                    recovery.onPacingLimited(nowNs);
                    paced = true;
                    break;
                }
                recovery.probeSent(PacketNumberSpace.APPLICATION);
                offeredBytes -= PACKET_BYTES;
                int codepoint = recovery.ecn().nextCodepoint();
                pacer.onSent(PACKET_BYTES, nowNs);
                recovery.onPacketSent(
                        PacketNumberSpace.APPLICATION, nextNumber, PACKET_BYTES, true, true, false, -1, null, nowNs);
                transmit(nextNumber++, codepoint);
            }
            wakeNs = Math.min(recovery.timeoutNs(), paced ? Math.max(nowNs + 1, pacer.nextSendNs()) : Long.MAX_VALUE);
        }

        private void transmit(long number, int codepoint) {
            sentPackets++;
            long startNs = Math.max(nowNs, linkFreeNs);
            double waitingBytes = (startNs - nowNs) / NS_PER_SECOND * bytesPerSecond;
            if (waitingBytes + PACKET_BYTES > queueBytes) {
                lostPackets++;
                return;
            }
            delays[(int) (waitingBytes / queueBytes * DELAY_STEPS)]++;
            linkFreeNs = startNs + (long) (PACKET_BYTES / bytesPerSecond * NS_PER_SECOND);
            if (loss > 0 && random.nextDouble() < loss) {
                lostPackets++;
                return;
            }
            boolean marked = codepoint == EcnValidation.ECT_0 && waitingBytes >= markedFromBytes;
            arrivals.add(new Arrival(linkFreeNs + oneWayNs, number, marked ? EcnValidation.CE : codepoint));
        }

        long spuriousLosses() {
            return recovery.spuriousLosses();
        }

        @Override
        public void onPacketAcked(PacketNumberSpace space, long number, @Nullable Object frames, long largestAcked) {}

        @Override
        public void onPacketLost(
                PacketNumberSpace space, long number, @Nullable Object frames, int bytes, boolean mtuProbe) {}

        @Override
        public void onMtuProbeAcked(int bytes) {}
    }
}
