package io.mpquic.quic.connection;

/** Plain counters of one connection, written by its one thread. */
final class Counters {
    long packetsSent;
    long packetsReceived;
    long bytesSent;
    long bytesReceived;
    long datagramsSent;
    long datagramsReceived;
    long packetsLost;
    long packetsDropped;

    ConnectionStatistics snapshot(QuicConnection connection) {
        OneRttKeys keys = connection.spaces.application.oneRttKeys;
        return new ConnectionStatistics(
                packetsSent,
                packetsReceived,
                bytesSent,
                bytesReceived,
                datagramsSent,
                datagramsReceived,
                connection.datagrams.dropped() + (connection.isClosing() ? connection.datagrams.size() : 0),
                packetsLost,
                packetsDropped,
                connection.rtt.smoothedNs(),
                connection.rtt.minNs(),
                connection.congestion.name(),
                connection.congestion.windowBytes(),
                connection.congestion.pacingBytesPerSecond(connection.rtt.smoothedNs()),
                connection.recovery.bytesInFlight(),
                connection.mtu.currentBytes(),
                keys == null ? 0 : keys.writeGeneration(),
                connection.paths.migrations());
    }
}
