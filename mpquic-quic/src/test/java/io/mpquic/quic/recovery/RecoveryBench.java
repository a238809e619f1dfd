package io.mpquic.quic.recovery;

import io.mpquic.quic.congestion.NewReno;
import io.mpquic.quic.wire.AckRanges;
import io.mpquic.quic.wire.PacketNumberSpace;
import io.mpquic.quic.wire.TransportException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A sender whose packets a test sends and acknowledges by hand, in milliseconds. */
final class RecoveryBench implements DeliveryListener {
    static final long MS = 1_000_000;
    static final PacketNumberSpace INITIAL = PacketNumberSpace.INITIAL;
    static final PacketNumberSpace HANDSHAKE = PacketNumberSpace.HANDSHAKE;
    static final PacketNumberSpace APPLICATION = PacketNumberSpace.APPLICATION;
    static final int BYTES = 1200;

    final RttEstimator rtt = new RttEstimator();
    final NewReno reno = new NewReno(1200);
    final List<String> acked = new ArrayList<>();
    final List<String> lost = new ArrayList<>();
    final List<String> spurious = new ArrayList<>();
    final List<Integer> probesAcked = new ArrayList<>();
    final List<Integer> probesLost = new ArrayList<>();
    final List<Object> framesBack = new ArrayList<>();
    long largestAckedBack = -1;
    final LossRecovery recovery;

    RecoveryBench(boolean isClient) {
        recovery = new LossRecovery(rtt, reno, this, isClient);
    }

    /** A server with a confirmed handshake and a first sample of 100 ms: application packet 0, sent at 0. */
    static RecoveryBench confirmed() throws TransportException {
        RecoveryBench bench = new RecoveryBench(false);
        bench.recovery.handshakeConfirmed();
        bench.send(APPLICATION, 0, 0);
        bench.ack(APPLICATION, 100, 0);
        bench.acked.clear();
        return bench;
    }

    void send(PacketNumberSpace space, long number, long nowMs) {
        recovery.onPacketSent(space, number, BYTES, true, true, false, -1, null, nowMs * MS);
    }

    void sendAckOnly(PacketNumberSpace space, long number, long nowMs) {
        recovery.onPacketSent(space, number, 40, false, false, false, -1, null, nowMs * MS);
    }

    void sendMtuProbe(long number, int bytes, long nowMs) {
        recovery.onPacketSent(APPLICATION, number, bytes, true, true, true, -1, null, nowMs * MS);
    }

    void ack(PacketNumberSpace space, long nowMs, long... numbers) throws TransportException {
        ackDelayed(space, nowMs, 0, numbers);
    }

    void ackDelayed(PacketNumberSpace space, long nowMs, long delayMs, long... numbers) throws TransportException {
        AckRanges ranges = new AckRanges();
        for (long number : numbers) {
            ranges.add(number, number);
        }
        recovery.onAckReceived(space, ranges, delayMs * MS, nowMs * MS);
    }

    /** Milliseconds until the timer, rounded up; -1 for never. */
    long timeoutMs() {
        long timeoutNs = recovery.timeoutNs();
        return timeoutNs == Long.MAX_VALUE ? -1 : (timeoutNs + MS - 1) / MS;
    }

    static String name(PacketNumberSpace space, long number) {
        return space.name().charAt(0) + Long.toString(number);
    }

    @Override
    public void onPacketAcked(PacketNumberSpace space, long number, @Nullable Object frames, long largestAckedInIt) {
        acked.add(name(space, number));
        largestAckedBack = Math.max(largestAckedBack, largestAckedInIt);
        if (frames != null) {
            framesBack.add(frames);
        }
    }

    @Override
    public void onPacketLost(
            PacketNumberSpace space, long number, @Nullable Object frames, int bytes, boolean mtuProbe) {
        lost.add(name(space, number));
        if (mtuProbe) {
            probesLost.add(bytes);
        }
        if (frames != null) {
            framesBack.add(frames);
        }
    }

    @Override
    public void onMtuProbeAcked(int bytes) {
        probesAcked.add(bytes);
    }

    @Override
    public void onSpuriousLoss(PacketNumberSpace space, long number, int bytes) {
        spurious.add(name(space, number));
    }
}
