package io.mpquic.quic.connection;

import io.mpquic.quic.stream.StreamLimits;
import io.mpquic.quic.wire.TransportParameters;
import io.mpquic.quic.wire.VarInt;

/** What the peer's transport parameters say about packets to it; defaults until they come (RFC 9000 §18.2). */
final class PeerLimits {
    private static final int DATAGRAM_TYPE_BYTES = 1;
    private static final long NS_PER_US = 1_000;
    /** More than any honest delay, and small enough that scaling it cannot overflow. */
    private static final long MAX_ENCODED_ACK_DELAY = 1L << 30;

    private long maxDatagramFrameBytes;
    private int ackDelayExponent = (int) TransportParameters.DEFAULT_ACK_DELAY_EXPONENT;
    private long activeConnectionIds = TransportParameters.DEFAULT_ACTIVE_CONNECTION_ID_LIMIT;

    private boolean migrationDisabled;

    private StreamLimits streams = StreamLimits.NONE;

    void set(TransportParameters parameters) {
        streams = new StreamLimits(
                parameters.initialMaxData(),
                parameters.initialMaxStreamDataBidiLocal(),
                parameters.initialMaxStreamDataBidiRemote(),
                parameters.initialMaxStreamDataUni(),
                parameters.initialMaxStreamsBidi(),
                parameters.initialMaxStreamsUni());
        migrationDisabled = parameters.disableActiveMigration();
        maxDatagramFrameBytes = parameters.maxDatagramFrameSize();
        ackDelayExponent = (int) parameters.ackDelayExponent();
        activeConnectionIds = parameters.activeConnectionIdLimit();
    }

    /** The largest message that fits the peer's DATAGRAM frames; below 0 when it takes none (RFC 9221 §3). */
    long maxDatagramBytes() {
        // The limit counts the frame's Length field too, which queued messages have.
        long withoutType = maxDatagramFrameBytes - DATAGRAM_TYPE_BYTES;
        return withoutType - VarInt.lengthBytes(Math.max(0, withoutType - 1));
    }

    /** What this end may do with streams at first. */
    StreamLimits streams() {
        return streams;
    }

    /** RFC 9000 §18.2: whether the peer wants this end to stay where it is. */
    boolean isMigrationDisabled() {
        return migrationDisabled;
    }

    /** How many of this end's connection IDs the peer stores. */
    long activeConnectionIds() {
        return activeConnectionIds;
    }

    // RFC 9000 §19.3: microseconds, shifted by the exponent of the frame's sender.
    long ackDelayNs(long encoded) {
        return (Math.min(encoded, MAX_ENCODED_ACK_DELAY) * NS_PER_US) << ackDelayExponent;
    }
}
