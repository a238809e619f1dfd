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
}
