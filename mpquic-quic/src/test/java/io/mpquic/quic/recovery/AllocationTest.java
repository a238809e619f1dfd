package io.mpquic.quic.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.mpquic.quic.congestion.CongestionAlgorithm;
import io.mpquic.quic.congestion.CongestionController;
import io.mpquic.quic.congestion.Pacer;
import io.mpquic.quic.wire.AckRanges;
import io.mpquic.quic.wire.PacketNumberSpace;
import io.mpquic.quic.wire.TransportException;
import java.lang.management.ManagementFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AllocationTest {
    private static final int ROUNDS = 20_000;
    private static final int PACKETS_A_ROUND = 8;
    private static final int STRETCHES = 5;
    private static final long MS = 1_000_000;
    private static final Object FRAMES = new Object();

    private final DeliveryListener listener = new DeliveryListener() {
        @Override
        public void onPacketAcked(PacketNumberSpace space, long number, @Nullable Object frames, long largestAcked) {
            acked++;
        }

        @Override
        public void onPacketLost(
                PacketNumberSpace space, long number, @Nullable Object frames, int bytes, boolean mtuProbe) {
            lost++;
        }

        @Override
        public void onMtuProbeAcked(int bytes) {}
    };

    private final RttEstimator rtt = new RttEstimator();
    private final ReceivedPackets received = new ReceivedPackets(25 * MS);
    private final AckRanges acks = new AckRanges();
    private long acked;
    private long lost;
    private long nextNumber;
    private long nowNs;

    /** Sends, loses every 50th packet, receives, acknowledges, and lets timers run. */
    private void exchange(Pacer pacer, LossRecovery recovery) throws TransportException {
        for (int round = 0; round < ROUNDS; round++) {
            for (int i = 0; i < PACKETS_A_ROUND; i++) {
                nowNs += 10_000;
                if (pacer.permits(nowNs)) {
                    pacer.onSent(1200, nowNs);
                }
                long number = nextNumber++;
                recovery.onPacketSent(
                        PacketNumberSpace.APPLICATION, number, 1200, true, true, false, -1, FRAMES, nowNs);
                if (number % 50 != 0 && !received.isDuplicate(number)) {
                    received.onPacketReceived(number, true, nowNs);
                }
            }
            nowNs += MS;
            if (received.ackDue(nowNs)) {
                acks.copyFrom(received.ranges());
                received.onAckSent(nowNs);
                recovery.onAckReceived(PacketNumberSpace.APPLICATION, acks, received.ackDelayNs(nowNs), nowNs);
                received.onAckAcknowledged(received.largest() - 1000);
            }
            if (recovery.timeoutNs() <= nowNs) {
                recovery.onTimeout(nowNs);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void sendingAndAcknowledgingAllocatesNothing(CongestionAlgorithm algorithm) throws TransportException {
        CongestionController congestion = algorithm.create(1200, rtt::smoothedNs);
        Pacer pacer = new Pacer(congestion, rtt::smoothedNs);
        LossRecovery recovery = new LossRecovery(rtt, congestion, listener, false);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        recovery.handshakeConfirmed();
        exchange(pacer, recovery);
        // What allocates for each packet does so in every stretch. The virtual machine's own few bytes, as when it
        // drops compiled code, are in some of them only.
        long leastBytes = Long.MAX_VALUE;
        for (int stretch = 0; stretch < STRETCHES; stretch++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            exchange(pacer, recovery);
            leastBytes = Math.min(leastBytes, threads.getCurrentThreadAllocatedBytes() - before);
        }
        assertEquals(0, leastBytes);
        assertTrue(acked > ROUNDS * PACKETS_A_ROUND && lost > ROUNDS / 10, acked + " acked, " + lost + " lost");
    }
}
