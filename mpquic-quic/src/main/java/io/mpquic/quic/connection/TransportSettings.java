package io.mpquic.quic.connection;

import java.time.Duration;

/**
 * What one end of a connection asks for and tolerates. Immutable.
 *
 * @param idleTimeoutNs how long the connection survives without a packet from the peer, in nanoseconds; 0 disables the
 *     timeout (RFC 9000 §10.1). The lower one of both ends counts
 * @param keepAliveNs after how long without traffic a PING is sent, in nanoseconds; 0: never
 * @param handshakeTimeoutNs how long the handshake may take, in nanoseconds
 * @param initialRttNs the round-trip time that is assumed before the first sample, in nanoseconds (RFC 9002 §6.2.2)
 * @param maxUdpPayloadBytes the largest UDP payload that the link can carry, 1200 to 65,507: path MTU discovery ends
 *     there
 * @param maxDatagramFrameBytes the largest DATAGRAM frame that is accepted, 0 to 65,535; 0: none (RFC 9221 §3)
 */
public record TransportSettings(
        long idleTimeoutNs,
        long keepAliveNs,
        long handshakeTimeoutNs,
        long initialRttNs,
        int maxUdpPayloadBytes,
        int maxDatagramFrameBytes) {

    /** The smallest UDP payload that every QUIC path carries (RFC 9000 §14). */
    public static final int MIN_UDP_PAYLOAD_BYTES = 1200;

    /** An Ethernet link's 1500 bytes less the IPv4 and UDP headers. */
    private static final int ETHERNET_IPV4_PAYLOAD_BYTES = 1472;

    /** Checks the ranges. */
    public TransportSettings {
        requireNotNegative("idleTimeoutNs", idleTimeoutNs);
        requireNotNegative("keepAliveNs", keepAliveNs);
        if (handshakeTimeoutNs <= 0 || initialRttNs <= 0) {
            throw new IllegalArgumentException("handshakeTimeoutNs and initialRttNs must be above 0");
        }
        if (maxUdpPayloadBytes < MIN_UDP_PAYLOAD_BYTES || maxUdpPayloadBytes > 65_507) {
            throw new IllegalArgumentException("maxUdpPayloadBytes must be 1200 to 65507, not " + maxUdpPayloadBytes);
        }
        if (maxDatagramFrameBytes < 0 || maxDatagramFrameBytes > 65_535) {
            throw new IllegalArgumentException(
                    "maxDatagramFrameBytes must be 0 to 65535, not " + maxDatagramFrameBytes);
        }
    }

    private static void requireNotNegative(String name, long value) {
        if (value < 0) {
            throw new IllegalArgumentException(name + " must not be negative, but is " + value);
        }
    }

    /** What an IP tunnel uses: idle timeout 60 s, keep-alive 15 s, datagrams of any size, an Ethernet link. */
    public static TransportSettings defaults() {
        return new TransportSettings(
                Duration.ofSeconds(60).toNanos(),
                Duration.ofSeconds(15).toNanos(),
                Duration.ofSeconds(10).toNanos(),
                Duration.ofMillis(333).toNanos(),
                ETHERNET_IPV4_PAYLOAD_BYTES,
                65_535);
    }

    /** These settings with another idle timeout, in nanoseconds. */
    public TransportSettings withIdleTimeoutNs(long ns) {
        return new TransportSettings(
                ns, keepAliveNs, handshakeTimeoutNs, initialRttNs, maxUdpPayloadBytes, maxDatagramFrameBytes);
    }

    /** These settings with another keep-alive interval, in nanoseconds. */
    public TransportSettings withKeepAliveNs(long ns) {
        return new TransportSettings(
                idleTimeoutNs, ns, handshakeTimeoutNs, initialRttNs, maxUdpPayloadBytes, maxDatagramFrameBytes);
    }

    /** These settings with another limit on the handshake's duration, in nanoseconds. */
    public TransportSettings withHandshakeTimeoutNs(long ns) {
        return new TransportSettings(
                idleTimeoutNs, keepAliveNs, ns, initialRttNs, maxUdpPayloadBytes, maxDatagramFrameBytes);
    }

    /** These settings with another assumed round-trip time, in nanoseconds. */
    public TransportSettings withInitialRttNs(long ns) {
        return new TransportSettings(
                idleTimeoutNs, keepAliveNs, handshakeTimeoutNs, ns, maxUdpPayloadBytes, maxDatagramFrameBytes);
    }

    /** These settings for a link that carries UDP payloads of at most this many bytes. */
    public TransportSettings withMaxUdpPayloadBytes(int bytes) {
        return new TransportSettings(
                idleTimeoutNs, keepAliveNs, handshakeTimeoutNs, initialRttNs, bytes, maxDatagramFrameBytes);
    }

    /** These settings with another largest DATAGRAM frame, in bytes. */
    public TransportSettings withMaxDatagramFrameBytes(int bytes) {
        return new TransportSettings(
                idleTimeoutNs, keepAliveNs, handshakeTimeoutNs, initialRttNs, maxUdpPayloadBytes, bytes);
    }
}
