package io.mpquic.quic.connection;

import io.mpquic.quic.stream.StreamLimits;
import io.mpquic.quic.wire.ConnectionId;
import io.mpquic.quic.wire.TransportParameters;
import org.jspecify.annotations.Nullable;

/** The transport parameters that this end sends (RFC 9000 §18.2): datagrams, no streams unless asked for, a few connection IDs. */
final class LocalParameters {
    private static final long NS_PER_MS = 1_000_000;

    private LocalParameters() {}

    /**
     * The parameters of one connection.
     *
     * @param ids whose first one is that of the handshake; a further one goes with a preferred address
     * @param opening on a server: the client's first packet
     */
    static TransportParameters of(TransportSettings settings, LocalConnectionIds ids, @Nullable Opening opening) {
        StreamLimits streams = settings.streamLimits();
        TransportParameters.Builder builder = TransportParameters.builder()
                .maxIdleTimeoutMs(settings.idleTimeoutNs() / NS_PER_MS)
                .activeConnectionIdLimit(settings.activeConnectionIdLimit())
                .initialSourceConnectionId(ids.first())
                .disableActiveMigration(!settings.activeMigration())
                .maxDatagramFrameSize(settings.maxDatagramFrameBytes())
                .greaseQuicBit(settings.greaseQuicBit())
                .initialMaxData(streams.data())
                .initialMaxStreamDataBidiLocal(streams.streamDataBidiLocal())
                .initialMaxStreamDataBidiRemote(streams.streamDataBidiRemote())
                .initialMaxStreamDataUni(streams.streamDataUni())
                .initialMaxStreamsBidi(streams.streamsBidi())
                .initialMaxStreamsUni(streams.streamsUni());
        if (opening != null) {
            ConnectionId retriedFrom = opening.retriedFrom();
            builder.originalDestinationConnectionId(retriedFrom == null ? opening.destination() : retriedFrom);
            if (retriedFrom != null) {
                builder.retrySourceConnectionId(opening.destination());
            }
            builder.statelessResetToken(ids.firstResetToken());
            if (!settings.preferredAddresses().isEmpty()) {
                builder.preferredAddress(ids.issueFor(settings.preferredAddresses()));
            }
        }
        return builder.build();
    }
}
