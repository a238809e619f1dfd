package io.mpquic.quic.connection;

import io.mpquic.quic.stream.StreamLimits;
import io.mpquic.quic.wire.ConnectionId;
import io.mpquic.quic.wire.StatelessResetToken;
import io.mpquic.quic.wire.TransportParameters;
import org.jspecify.annotations.Nullable;

/** The transport parameters that this end sends (RFC 9000 §18.2): datagrams, no streams unless asked for, a few connection IDs. */
final class LocalParameters {
    private static final long NS_PER_MS = 1_000_000;

    private LocalParameters() {}

    /**
     * The parameters of one connection.
     *
     * @param originalDestination on a server, the Destination Connection ID of the client's first packet
     * @param resetToken on a server, the token of {@code source}
     */
    static TransportParameters of(
            TransportSettings settings,
            ConnectionId source,
            @Nullable ConnectionId originalDestination,
            @Nullable StatelessResetToken resetToken) {
        StreamLimits streams = settings.streamLimits();
        TransportParameters.Builder builder = TransportParameters.builder()
                .maxIdleTimeoutMs(settings.idleTimeoutNs() / NS_PER_MS)
                .activeConnectionIdLimit(settings.activeConnectionIdLimit())
                .initialSourceConnectionId(source)
                // Active migration is not offered: each tunnel is bound to its own link.
                .disableActiveMigration(true)
                .maxDatagramFrameSize(settings.maxDatagramFrameBytes())
                .initialMaxData(streams.data())
                .initialMaxStreamDataBidiLocal(streams.streamDataBidiLocal())
                .initialMaxStreamDataBidiRemote(streams.streamDataBidiRemote())
                .initialMaxStreamDataUni(streams.streamDataUni())
                .initialMaxStreamsBidi(streams.streamsBidi())
                .initialMaxStreamsUni(streams.streamsUni());
        if (originalDestination != null) {
            builder.originalDestinationConnectionId(originalDestination);
        }
        if (resetToken != null) {
            builder.statelessResetToken(resetToken);
        }
        return builder.build();
    }
}
