package io.mpquic.quic.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.conformance.Requirement;
import io.mpquic.quic.congestion.NewReno;
import io.mpquic.quic.congestion.Pacer;
import io.mpquic.quic.wire.AckRanges;
import io.mpquic.quic.wire.PacketNumberSpace;
import io.mpquic.quic.wire.TransportException;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Sender and receiver over a bottleneck with a queue, on virtual time. */
class BulkTransferTest {
    private static final long MS = 1_000_000;
    private static final long SECOND_NS = 1000 * MS;
    private static final int BYTES = 1200;
    private static final long TICK_NS = 250_000;
    private static final long ONE_WAY_NS = 20 * MS;
    private static final long LINK_BYTES_PER_SECOND = 12_500_000;
    // What the link carries in one round trip.
    private static final long QUEUE_BYTES = LINK_BYTES_PER_SECOND / 25;

    private record Arrival(long atNs, long number) {}

    private record Ack(long atNs, AckRanges ranges, long delayNs) {}

    private final RttEstimator rtt = new RttEstimator();
    private final NewReno reno = new NewReno(BYTES);
    private final Pacer pacer = new Pacer(reno, rtt::smoothedNs);
    private final ReceivedPackets received = new ReceivedPackets(25 * MS);
    private final ArrayDeque<Arrival> data = new ArrayDeque<>();
    private final ArrayDeque<Ack> acks = new ArrayDeque<>();
    private final LossRecovery recovery = new LossRecovery(
            rtt,
            reno,
            new DeliveryListener() {
                @Override
                public void onPacketAcked(
                        PacketNumberSpace space, long number, @Nullable Object frames, long largestAcked) {
                    ackedPackets++;
                }

                @Override
                public void onPacketLost(
                        PacketNumberSpace space, long number, @Nullable Object frames, int bytes, boolean mtuProbe) {
                    lostPackets++;
                }

                @Override
                public void onMtuProbeAcked(int bytes) {}
            },
            false);

    private long ackedPackets;
    private long lostPackets;
    private long droppedPackets;
    private long nextNumber;
    private long linkFreeNs;
    private long largestBurst;

    /** Runs the transfer; the application offers so many bytes a second. */
    private void run(long durationNs, long offeredBytesPerSecond) throws TransportException {
        recovery.handshakeConfirmed();
        for (long nowNs = 0; nowNs < durationNs; nowNs += TICK_NS) {
            receive(nowNs);
            while (!acks.isEmpty() && acks.peek().atNs <= nowNs) {
                Ack ack = acks.remove();
                recovery.onAckReceived(PacketNumberSpace.APPLICATION, ack.ranges, ack.delayNs, nowNs);
            }
            if (recovery.timeoutNs() <= nowNs) {
                recovery.onTimeout(nowNs);
            }
            send(nowNs, offeredBytesPerSecond * nowNs / SECOND_NS);
        }
    }

    private void receive(long nowNs) {
        while (!data.isEmpty() && data.peek().atNs <= nowNs) {
            received.onPacketReceived(data.remove().number, true, nowNs);
        }
        if (received.ackDue(nowNs)) {
            AckRanges copy = new AckRanges();
            copy.copyFrom(received.ranges());
            acks.add(new Ack(nowNs + ONE_WAY_NS, copy, received.ackDelayNs(nowNs)));
            received.onAckSent(nowNs);
        }
    }

    private void send(long nowNs, long offeredBytes) {
        long burst = 0;
        while (nextNumber * BYTES < offeredBytes) {
            boolean probe = recovery.probesOwed(PacketNumberSpace.APPLICATION) > 0;
            if (!probe && recovery.bytesInFlight() + BYTES > reno.windowBytes()) {
                break;
            }
            if (!probe && !pacer.permits(nowNs)) {
                recovery.onPacingLimited(nowNs);
                break;
            }
            recovery.probeSent(PacketNumberSpace.APPLICATION);
            pacer.onSent(BYTES, nowNs);
            recovery.onPacketSent(PacketNumberSpace.APPLICATION, nextNumber, BYTES, true, true, false, -1, null, nowNs);
            transmit(nextNumber++, nowNs);
            burst++;
        }
        largestBurst = Math.max(largestBurst, burst);
    }

    private void transmit(long number, long nowNs) {
        long startNs = Math.max(nowNs, linkFreeNs);
        if ((startNs - nowNs) * LINK_BYTES_PER_SECOND / SECOND_NS > QUEUE_BYTES) {
            droppedPackets++;
            return;
        }
        linkFreeNs = startNs + BYTES * SECOND_NS / LINK_BYTES_PER_SECOND;
        data.add(new Arrival(linkFreeNs + ONE_WAY_NS, number));
    }

    @Test
    void aBulkTransferFillsTheBottleneckAndTakesNoDeliveredPacketForLost() throws TransportException {
        run(20 * SECOND_NS, 2 * LINK_BYTES_PER_SECOND);
        double utilization = (double) ackedPackets * BYTES / (20 * LINK_BYTES_PER_SECOND);
        assertTrue(utilization > 0.9, "utilization " + utilization);
        assertEquals(0, recovery.spuriousLosses());
        assertTrue(droppedPackets > 0);
        assertTrue(lostPackets <= droppedPackets);
        assertEquals(0, recovery.persistentCongestions());
    }

    @Test
    void aSenderShortOfDataDoesNotOpenItsWindowFurther() throws TransportException {
        run(10 * SECOND_NS, LINK_BYTES_PER_SECOND / 100);
        assertEquals(0, droppedPackets);
        assertTrue(reno.windowBytes() <= 2 * 10 * BYTES, "window " + reno.windowBytes());
        assertTrue(ackedPackets > 1000);
    }

    @Requirement("9002-7.7-1")
    @Test
    void burstsStayShort() throws TransportException {
        run(2 * SECOND_NS, 2 * LINK_BYTES_PER_SECOND);
        assertTrue(largestBurst <= 64, "burst of " + largestBurst);
    }
}
