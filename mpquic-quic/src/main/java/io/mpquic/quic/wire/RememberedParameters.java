package io.mpquic.quic.wire;

import org.jspecify.annotations.Nullable;

/**
 * A server's transport parameters as far as they hold for the 0-RTT packets of a later connection (RFC 9000 §7.4.1). What
 * belongs to one connection only is not among them: connection IDs, the reset token, the preferred address, and how
 * acknowledgements are delayed. Immutable and thread-safe.
 */
public final class RememberedParameters {
    private final TransportParameters values;

    private RememberedParameters(TransportParameters values) {
        this.values = values;
    }

    /** What is kept of these. */
    public static RememberedParameters of(TransportParameters all) {
        return new RememberedParameters(TransportParameters.builder()
                .maxIdleTimeoutMs(all.maxIdleTimeoutMs())
                .maxUdpPayloadSize(all.maxUdpPayloadSize())
                .initialMaxData(all.initialMaxData())
                .initialMaxStreamDataBidiLocal(all.initialMaxStreamDataBidiLocal())
                .initialMaxStreamDataBidiRemote(all.initialMaxStreamDataBidiRemote())
                .initialMaxStreamDataUni(all.initialMaxStreamDataUni())
                .initialMaxStreamsBidi(all.initialMaxStreamsBidi())
                .initialMaxStreamsUni(all.initialMaxStreamsUni())
                .disableActiveMigration(all.disableActiveMigration())
                .activeConnectionIdLimit(all.activeConnectionIdLimit())
                .maxDatagramFrameSize(all.maxDatagramFrameSize())
                .build());
    }

    /**
     * Reads what {@link #encode} wrote.
     *
     * @throws TransportException if it did not
     */
    public static RememberedParameters parse(byte[] encoded) throws TransportException {
        return of(TransportParametersCodec.parsePart(encoded));
    }

    /** In the form of the TLS extension, which it is too short for: the connection IDs are missing. */
    public byte[] encode() {
        return values.encode();
    }

    /** The parameters; those that are not kept have their defaults. */
    public TransportParameters values() {
        return values;
    }

    /**
     * Which limit is lower than it was, so that a client's 0-RTT packets could exceed it (RFC 9000 §7.4.1, RFC 9221 §3).
     *
     * @param now the server's parameters in the connection with the 0-RTT packets
     * @return the name of the first that is; null when all are kept
     */
    public @Nullable String loweredIn(TransportParameters now) {
        if (now.activeConnectionIdLimit() < values.activeConnectionIdLimit()) {
            return "active_connection_id_limit";
        }
        if (now.initialMaxData() < values.initialMaxData()) {
            return "initial_max_data";
        }
        if (now.initialMaxStreamDataBidiLocal() < values.initialMaxStreamDataBidiLocal()) {
            return "initial_max_stream_data_bidi_local";
        }
        if (now.initialMaxStreamDataBidiRemote() < values.initialMaxStreamDataBidiRemote()) {
            return "initial_max_stream_data_bidi_remote";
        }
        if (now.initialMaxStreamDataUni() < values.initialMaxStreamDataUni()) {
            return "initial_max_stream_data_uni";
        }
        if (now.initialMaxStreamsBidi() < values.initialMaxStreamsBidi()) {
            return "initial_max_streams_bidi";
        }
        if (now.initialMaxStreamsUni() < values.initialMaxStreamsUni()) {
            return "initial_max_streams_uni";
        }
        return now.maxDatagramFrameSize() < values.maxDatagramFrameSize() ? "max_datagram_frame_size" : null;
    }

    @Override
    public String toString() {
        return "Remembered" + values;
    }
}
