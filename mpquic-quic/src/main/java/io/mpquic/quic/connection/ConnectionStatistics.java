package io.mpquic.quic.connection;

/**
 * Counters and gauges of a connection at one moment.
 *
 * @param packetsSent QUIC packets sent
 * @param packetsReceived QUIC packets received, authenticated, and not seen before
 * @param bytesSent UDP payload sent, in bytes
 * @param bytesReceived UDP payload received, in bytes, undecryptable packets included
 * @param datagramsSent DATAGRAM frames sent
 * @param datagramsReceived DATAGRAM frames received
 * @param datagramsDropped messages that {@link QuicConnection#offerDatagram} took and that are never sent: the path had
 *     shrunk meanwhile, or the connection ended
 * @param packetsLost packets declared lost
 * @param packetsDropped received packets that were malformed, duplicate, or failed authentication
 * @param smoothedRttNs smoothed round-trip time, in nanoseconds; the assumed one before the first sample
 * @param minRttNs smallest round-trip time, in nanoseconds
 * @param congestionAlgorithm the name of the congestion controller, such as {@code Cubic}
 * @param congestionWindowBytes the congestion window, in bytes
 * @param pacingBytesPerSecond the rate at which packets may be sent at most, in bytes each second
 * @param bytesInFlight bytes sent and neither acknowledged nor lost
 * @param udpPayloadBytes the largest UDP payload that the path is known to carry, in bytes
 * @param keyUpdates how often the 1-RTT keys changed
 * @param migrations how often the peer's address changed
 */
public record ConnectionStatistics(
        long packetsSent,
        long packetsReceived,
        long bytesSent,
        long bytesReceived,
        long datagramsSent,
        long datagramsReceived,
        long datagramsDropped,
        long packetsLost,
        long packetsDropped,
        long smoothedRttNs,
        long minRttNs,
        String congestionAlgorithm,
        long congestionWindowBytes,
        long pacingBytesPerSecond,
        long bytesInFlight,
        int udpPayloadBytes,
        long keyUpdates,
        long migrations) {}
