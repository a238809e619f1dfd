package io.mpquic.quic.recovery;

import static io.mpquic.quic.recovery.RecoveryBench.BYTES;
import static io.mpquic.quic.recovery.RecoveryBench.MS;

import io.mpquic.quic.congestion.FixedWindow;
import io.mpquic.quic.wire.AckRanges;
import io.mpquic.quic.wire.PacketNumberSpace;
import io.mpquic.quic.wire.TransportException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A sender whose packets a test sends and acknowledges by hand, and every word that loss recovery says to its congestion
 * controller and to its listener, in order. Times are milliseconds; the window takes four packets.
 */
final class Transcript extends FixedWindow implements DeliveryListener {
    final RttEstimator rtt = new RttEstimator();
    final LossRecovery recovery;
    private List<String> words = new ArrayList<>();

    Transcript(boolean isClient) {
        super(BYTES, 4 * BYTES);
        recovery = new LossRecovery(rtt, this, this, isClient);
    }

    /** A server with a confirmed handshake and a first sample of 100 ms: application packet 0, sent at 0. */
    static Transcript confirmed() throws TransportException {
        Transcript transcript = new Transcript(false);
        transcript.recovery.handshakeConfirmed();
        transcript.send(0, 0);
        transcript.ack(100, 0);
        transcript.words();
        return transcript;
    }

    /** What was said since the last call. */
    List<String> words() {
        List<String> said = words;
        words = new ArrayList<>();
        return said;
    }

    void send(long number, long nowMs) {
        send(RecoveryBench.APPLICATION, number, nowMs);
    }

    void send(PacketNumberSpace space, long number, long nowMs) {
        recovery.onPacketSent(space, number, BYTES, true, true, false, -1, "F" + number, nowMs * MS);
    }

    void sendAckOnly(long number, long nowMs) {
        recovery.onPacketSent(RecoveryBench.APPLICATION, number, 40, false, false, false, -1, null, nowMs * MS);
    }

    void sendMtuProbe(long number, int bytes, long nowMs) {
        recovery.onPacketSent(RecoveryBench.APPLICATION, number, bytes, true, true, true, -1, null, nowMs * MS);
    }

    void ack(long nowMs, long... numbers) throws TransportException {
        ack(RecoveryBench.APPLICATION, nowMs, numbers);
    }

    void ack(PacketNumberSpace space, long nowMs, long... numbers) throws TransportException {
        AckRanges ranges = new AckRanges();
        for (long number : numbers) {
            ranges.add(number, number);
        }
        recovery.onAckReceived(space, ranges, 0, nowMs * MS);
    }

    /** Milliseconds until the timer, rounded up; -1 for never. */
    long timeoutMs() {
        long timeoutNs = recovery.timeoutNs();
        return timeoutNs == Long.MAX_VALUE ? -1 : (timeoutNs + MS - 1) / MS;
    }

    @Override
    public void onPacketSent(int bytes, long bytesInFlight, long nowNs) {
        words.add("sent " + bytes + ", in flight " + bytesInFlight);
    }

    @Override
    public void onApplicationPause(long bytesInFlight) {
        words.add("pause at " + bytesInFlight);
    }

    @Override
    public void onPacketAcked(int bytes, long sentNs, long nowNs, boolean appLimited) {
        words.add("delivered " + bytes + " of " + sentNs / MS + (appLimited ? ", short of data" : ""));
    }

    @Override
    public void onAckProcessed(long bytesInFlight, long nowNs) {
        words.add("in flight " + bytesInFlight);
    }

    @Override
    public void onPacketsLost(long bytes, long largestLostSentNs, long nowNs) {
        words.add("congestion: lost " + bytes + " up to " + largestLostSentNs / MS);
    }

    @Override
    public void onCongestionExperienced(long sentNs, long nowNs) {
        words.add("congestion: marked, of " + sentNs / MS);
    }

    @Override
    public void onPersistentCongestion(long nowNs) {
        words.add("congestion: persistent");
    }

    @Override
    public void onPacketAcked(PacketNumberSpace space, long number, @Nullable Object frames, long largestAckedInIt) {
        words.add("acked " + RecoveryBench.name(space, number) + with(frames));
    }

    @Override
    public void onPacketLost(
            PacketNumberSpace space, long number, @Nullable Object frames, int bytes, boolean mtuProbe) {
        words.add("lost " + RecoveryBench.name(space, number) + with(frames) + (mtuProbe ? ", a probe" : ""));
    }

    @Override
    public void onMtuProbeAcked(int bytes) {
        words.add("probe of " + bytes + " arrived");
    }

    @Override
    public void onSpuriousLoss(PacketNumberSpace space, long number, int bytes) {
        words.add("not lost " + RecoveryBench.name(space, number));
    }

    @Override
    public void onSizeAcked(PacketNumberSpace space, int bytes) {
        words.add("size " + bytes + " arrived");
    }

    @Override
    public void onSizeLost(PacketNumberSpace space, int bytes, long sentNs, long nowNs) {
        words.add("size " + bytes + " lost, of " + sentNs / MS);
    }

    private static String with(@Nullable Object frames) {
        return frames == null ? "" : " with " + frames;
    }
}
