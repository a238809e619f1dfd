package io.mpquic.quic.connection;

import io.mpquic.quic.wire.ConnectionId;
import io.mpquic.quic.wire.PacketNumberSpace;
import io.mpquic.quic.wire.PacketType;
import io.mpquic.quic.wire.TransportParameters;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Hears what one connection does, packet by packet, on the thread that owns it. Meant for a qlog; a connection without a
 * trace pays nothing.
 *
 * <p>A trace must not call the connection, and must not throw. All times are nanoseconds of the connection's clock.
 */
public interface ConnectionTrace {
    /** Decides which connections are traced. */
    @FunctionalInterface
    interface Factory {
        /** Traces no connection. */
        Factory NONE = (client, originalDestination, remote, nowNs) -> null;

        /**
         * A connection begins.
         *
         * @param client whether this end is the client
         * @param originalDestination the Destination Connection ID of the client's first packet, by which both ends can
         *     name the connection
         * @param remote the peer's address
         * @return what will hear of it; null: nobody
         */
        @Nullable ConnectionTrace open(boolean client, ConnectionId originalDestination, InetSocketAddress remote, long nowNs);
    }

    /**
     * A packet is about to be protected and sent.
     *
     * @param packetBytes the whole packet, header and tag included
     * @param payload where the frames lie, unprotected, during this call
     * @param offset the first frame's first byte
     * @param lengthBytes the frames' length
     */
    void packetSent(
            PacketType type,
            long packetNumber,
            int packetBytes,
            MemorySegment payload,
            long offset,
            int lengthBytes,
            long nowNs);

    /** An authentic packet came; the parameters are those of {@link #packetSent}. Its frames are not processed yet. */
    void packetReceived(
            PacketType type,
            long packetNumber,
            int packetBytes,
            MemorySegment payload,
            long offset,
            int lengthBytes,
            long nowNs);

    /** A packet that came was not processed. */
    void packetDropped(int packetBytes, DropCause cause, long nowNs);

    /** A packet is taken for lost (RFC 9002 §6.1). */
    void packetLost(PacketNumberSpace space, long packetNumber, long nowNs);

    /** An acknowledgement changed what is known about the path (RFC 9002 §5, §7). */
    void metricsUpdated(Metrics metrics, long nowNs);

    /** Transport parameters, our own or those of the peer (RFC 9000 §7.4). */
    void parametersSet(boolean own, TransportParameters parameters, long nowNs);

    /** The peer's address is another one now (RFC 9000 §9). */
    void remoteChanged(InetSocketAddress remote, long nowNs);

    /**
     * The keys of 1-RTT packets are newer ones (RFC 9001 §6).
     *
     * @param own whether this end began to send with new keys of its own accord; otherwise the peer did, and what this end
     *     sends follows, where it was not first
     * @param phase how often the keys of that end were updated
     */
    void keysUpdated(boolean own, long phase, long nowNs);

    /** The connection is over; its close may still be sent, and sent again (RFC 9000 §10.2). */
    void closed(CloseReason reason, long nowNs);

    /** The last call: the endpoint has forgotten the connection. */
    void forgotten();

    /** Why a packet was dropped. */
    enum DropCause {
        /** Not a packet, or one that nobody can understand. */
        MALFORMED,
        /** Its keys are gone, or not there and there is no room to keep it. */
        NO_KEYS,
        /** It failed authentication (RFC 9001 §5.5). */
        UNDECRYPTABLE,
        /** It was processed before. */
        DUPLICATE,
        /** It breaks a rule that makes it void, such as a small datagram with an Initial packet (RFC 9000 §14.1). */
        UNEXPECTED
    }

    /**
     * What is known about the path.
     *
     * @param latestRttNs in nanoseconds, as all the other times
     * @param bytesInFlight sent, and neither acknowledged nor lost
     */
    record Metrics(
            long minRttNs,
            long smoothedRttNs,
            long latestRttNs,
            long rttVariationNs,
            long congestionWindowBytes,
            long bytesInFlight) {}
}
