package io.mpquic.quic.recovery;

import io.mpquic.quic.wire.PacketNumberSpace;
import org.jspecify.annotations.Nullable;

/**
 * Learns what became of each packet. Called by {@link LossRecovery} while it handles an acknowledgement or a timeout,
 * or a sent packet when the peer has left an absurd number unacknowledged. The listener must not call back into it,
 * other than to read counters.
 *
 * <p>A packet is reported acknowledged or lost, once. A lost one may be reported by {@link #onSpuriousLoss} afterwards.
 */
public interface DeliveryListener {
    /**
     * The peer has the packet.
     *
     * @param space its packet number space
     * @param packetNumber its number
     * @param frames what was given to {@link LossRecovery#onPacketSent}
     * @param largestAckedInIt the largest number that an ACK frame in the packet acknowledged, or -1
     */
    void onPacketAcked(PacketNumberSpace space, long packetNumber, @Nullable Object frames, long largestAckedInIt);

    /**
     * The packet is taken for lost. What it carried has to be sent again where it matters.
     *
     * @param space its packet number space
     * @param packetNumber its number
     * @param frames what was given to {@link LossRecovery#onPacketSent}
     * @param bytes its size
     * @param mtuProbe whether it probed the path MTU
     */
    void onPacketLost(PacketNumberSpace space, long packetNumber, @Nullable Object frames, int bytes, boolean mtuProbe);

    /** A probe of the path MTU arrived, perhaps after it was taken for lost: the path carries this size. */
    void onMtuProbeAcked(int bytes);

    /** A packet that was reported lost arrived after all. */
    default void onSpuriousLoss(PacketNumberSpace space, long packetNumber, int bytes) {}

    /**
     * A packet that is no MTU probe was acknowledged: what {@link PathMtuDiscovery#onPacketAcked} wants to hear about
     * packets of the application space. Called in addition to {@link #onPacketAcked}.
     *
     * @param space its packet number space
     * @param bytes its size
     */
    default void onSizeAcked(PacketNumberSpace space, int bytes) {}

    /**
     * A packet that is no MTU probe was lost: what {@link PathMtuDiscovery#onPacketLost} wants to hear about packets of
     * the application space. Called in addition to {@link #onPacketLost}.
     *
     * @param space its packet number space
     * @param bytes its size
     * @param sentNs when it was sent
     * @param nowNs the present
     */
    default void onSizeLost(PacketNumberSpace space, int bytes, long sentNs, long nowNs) {}
}
