package io.mpquic.quic.congestion;

import java.util.function.LongSupplier;

/**
 * Decides how many bytes may be in flight on one path (RFC 9002 §7). Loss recovery counts the bytes in flight and tells
 * the controller what became of them.
 *
 * <p>All times are readings of one monotonic clock in nanoseconds. One thread uses an instance. No call allocates.
 */
public interface CongestionController {
    /** Makes the controller of a connection. */
    @FunctionalInterface
    interface Factory {
        /**
         * A controller for a new path.
         *
         * @param maxDatagramBytes the largest UDP payload now, at least 1200
         * @param smoothedRttNs the smoothed round-trip time of the path, at any time
         */
        CongestionController create(int maxDatagramBytes, LongSupplier smoothedRttNs);
    }

    /**
     * A packet that counts as in flight went out.
     *
     * @param bytes size of the packet
     * @param bytesInFlight bytes in flight, with this packet
     * @param nowNs the present
     */
    void onPacketSent(int bytes, long bytesInFlight, long nowNs);

    /**
     * Nothing was sent for a while though window and pacer would have let it: the application had nothing to send. Reported
     * before the packet that ends the pause.
     *
     * @param bytesInFlight bytes in flight, without that packet
     */
    default void onApplicationPause(long bytesInFlight) {}

    /**
     * A packet in flight was acknowledged. When one ACK frame both acknowledges and reveals losses, the losses are
     * reported first.
     *
     * @param bytes size of the packet
     * @param sentNs when it was sent
     * @param nowNs the present
     * @param appLimited whether the window was never full while the packet was under way: such packets say nothing
     *     about a larger window (RFC 9002 §7.8)
     */
    void onPacketAcked(int bytes, long sentNs, long nowNs, boolean appLimited);

    /**
     * All that one ACK frame says was reported by {@link #onPacketsLost} and {@link #onPacketAcked}.
     *
     * @param bytesInFlight bytes in flight now
     * @param nowNs the present
     */
    default void onAckProcessed(long bytesInFlight, long nowNs) {}

    /**
     * Packets in flight were declared lost: one call for all that one ACK frame or one timeout revealed. Probes of the
     * path MTU are not among them.
     *
     * @param bytes their size together
     * @param largestLostSentNs when the last of them was sent
     * @param nowNs the present
     */
    void onPacketsLost(long bytes, long largestLostSentNs, long nowNs);

    /**
     * The peer reports more ECN-CE marks than before (RFC 9002 §7.1).
     *
     * @param sentNs when the largest packet that the ACK frame newly acknowledges was sent
     * @param nowNs the present
     */
    void onCongestionExperienced(long sentNs, long nowNs);

    /** Everything sent over a long time was lost (RFC 9002 §7.6); reported after the losses themselves. */
    void onPersistentCongestion(long nowNs);

    /** The path is another one: all that was learnt is void (RFC 9000 §9.4). */
    void reset();

    /**
     * The largest UDP payload that the path carries has changed.
     *
     * @param bytes at least 1200
     */
    void onMaxDatagramSize(int bytes);

    /** What statistics call it: the simple name of its class, unless it has a better one. */
    default String name() {
        return getClass().getSimpleName();
    }

    /** The largest UDP payload that the controller reckons with, in bytes. */
    int maxDatagramBytes();

    /** How many bytes may be in flight. */
    long windowBytes();

    /** Whether the window still grows exponentially. */
    boolean inSlowStart();

    /**
     * The rate at which to send, somewhat above one window each round trip, so that the pacer does not become the
     * bottleneck (RFC 9002 §7.7).
     *
     * @param smoothedRttNs the smoothed round-trip time
     * @return bytes each second, at least 1
     */
    long pacingBytesPerSecond(long smoothedRttNs);
}
