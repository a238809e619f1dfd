package io.mpquic.quic.congestion;

import java.util.function.LongSupplier;

/**
 * Spreads packets over the round trip (RFC 9002 §7.7): a token bucket that the congestion controller's rate fills.
 *
 * <p>The bucket holds a generous burst. A thread that sleeps wakes late, by some ten microseconds up to a millisecond;
 * as long as the bucket has not run over by then, the late wake-up costs no throughput.
 *
 * <p>Packets that only acknowledge are neither asked for nor reported here. Not thread-safe: one thread uses it. No call
 * allocates.
 */
public final class Pacer {
    // Segmentation offload and batched system calls want about this many datagrams at a time.
    private static final int BURST_DATAGRAMS = 16;
    // How late a wake-up may be before the rate suffers.
    private static final double BURST_SECONDS = 0.002;
    // A blocked sender sleeps until this much of the rate has come together, so that it does not wake for each packet.
    private static final double QUANTUM_SECONDS = 0.000_25;
    private static final double NS_PER_SECOND = 1e9;

    private final CongestionController controller;
    private final LongSupplier smoothedRttNs;
    private boolean started;
    private double tokensBytes;
    private double bytesPerSecond = 1;
    private long filledNs;

    /**
     * A pacer with a full bucket.
     *
     * @param controller where the rate comes from
     * @param smoothedRttNs the smoothed round-trip time of the path
     */
    public Pacer(CongestionController controller, LongSupplier smoothedRttNs) {
        this.controller = controller;
        this.smoothedRttNs = smoothedRttNs;
    }

    /** Whether a packet of up to the full size may go out now. */
    public boolean permits(long nowNs) {
        fill(nowNs);
        return tokensBytes > 0;
    }

    /**
     * When to ask again after {@link #permits} said no. A time in the past, or {@code Long.MIN_VALUE}, means at once.
     * Counted from the last call that carried a time.
     */
    public long nextSendNs() {
        if (!started) {
            return Long.MIN_VALUE;
        }
        if (tokensBytes > 0) {
            return filledNs;
        }
        double wantedBytes = Math.max(controller.maxDatagramBytes(), bytesPerSecond * QUANTUM_SECONDS);
        return filledNs + (long) Math.ceil((wantedBytes - tokensBytes) / bytesPerSecond * NS_PER_SECOND);
    }

    /** A packet that counts as in flight went out, paced or not: the bucket may go into debt. */
    public void onSent(int bytes, long nowNs) {
        fill(nowNs);
        tokensBytes -= bytes;
    }

    private void fill(long nowNs) {
        if (started && nowNs <= filledNs) {
            return;
        }
        bytesPerSecond = controller.pacingBytesPerSecond(smoothedRttNs.getAsLong());
        double capacityBytes = capacityBytes();
        double earnedBytes = started ? (nowNs - filledNs) * bytesPerSecond / NS_PER_SECOND : capacityBytes;
        tokensBytes = Math.min(tokensBytes + earnedBytes, capacityBytes);
        filledNs = nowNs;
        started = true;
    }

    private double capacityBytes() {
        int datagramBytes = controller.maxDatagramBytes();
        // RFC 9002 §7.7: a burst of the initial window is always fine. More only as far as it is a short time's worth.
        long burstBytes = Math.max(LossBased.initialWindowBytes(datagramBytes), (long) BURST_DATAGRAMS * datagramBytes);
        return Math.max((double) burstBytes, bytesPerSecond * BURST_SECONDS);
    }
}
