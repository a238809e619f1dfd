package io.mpquic.dataplane;

import io.mpquic.quic.connection.ConnectionStatistics;
import java.net.InetSocketAddress;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a tunnel has counted since it started. The counts are read while packets flow, so they are exact only when none
 * does; then
 *
 * <pre>
 *   fromHostPackets               = sentPackets   + outbound drops + sendQueuePackets
 *   receivedPackets + icmpAnswers = toHostPackets + inbound drops
 * </pre>
 *
 * @param fromHostPackets packets read from the TUN device
 * @param fromHostBytes their bytes
 * @param sentPackets packets of these that were sent to the peer, a fragmented one counted once
 * @param sentBytes their bytes
 * @param fragmentedPackets packets of these that were sent as fragments
 * @param markedPackets packets of these that got a mark of congestion, for packets had waited too long for a while
 * @param receivedPackets packets that came from the peer
 * @param receivedBytes their bytes
 * @param icmpAnswers answers to packets that were too big, made here for this host
 * @param clampedSegmentSizes TCP connections whose segment size was lowered, each direction counted
 * @param toHostPackets packets written to the TUN device
 * @param toHostBytes their bytes
 * @param drops dropped packets by cause; every cause is there
 * @param sendQueuePackets packets that wait for the path
 * @param sessions sessions that began
 * @param packetPath what packets pass through; null before the first socket was open
 * @param session the present session; null when there is none
 */
public record TunnelStatistics(
        long fromHostPackets,
        long fromHostBytes,
        long sentPackets,
        long sentBytes,
        long fragmentedPackets,
        long markedPackets,
        long receivedPackets,
        long receivedBytes,
        long icmpAnswers,
        long clampedSegmentSizes,
        long toHostPackets,
        long toHostBytes,
        Map<DropCause, Long> drops,
        int sendQueuePackets,
        long sessions,
        @Nullable PacketPath packetPath,
        @Nullable Session session) {

    /**
     * The present session. Its figures are at most a tenth of a second old while packets flow.
     *
     * @param local this end's address
     * @param remote the peer's address
     * @param peerCertificateName the subject of the peer's certificate; null when it showed none
     * @param ageNs how long it has lasted, in nanoseconds
     * @param handshakeNs how long the handshake took, in nanoseconds
     * @param maxPacketBytes the longest IP packet that goes through in one piece
     * @param pathMtuSettled whether the first discovery of the path MTU has ended
     * @param connection round-trip time, losses, congestion control and more, of the QUIC connection
     */
    public record Session(
            InetSocketAddress local,
            InetSocketAddress remote,
            @Nullable String peerCertificateName,
            long ageNs,
            long handshakeNs,
            int maxPacketBytes,
            boolean pathMtuSettled,
            ConnectionStatistics connection) {}

    /** Packets from this host that were dropped, for any cause. */
    public long outboundDrops() {
        return dropped(false);
    }

    /** Packets for this host that were dropped, for any cause. */
    public long inboundDrops() {
        return dropped(true);
    }

    private long dropped(boolean inbound) {
        long sum = 0;
        for (Map.Entry<DropCause, Long> entry : drops.entrySet()) {
            if (entry.getKey().isInbound() == inbound) {
                sum += entry.getValue();
            }
        }
        return sum;
    }
}
