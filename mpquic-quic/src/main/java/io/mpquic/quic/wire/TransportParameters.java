package io.mpquic.quic.wire;

import org.jspecify.annotations.Nullable;

/**
 * What an endpoint tells its peer about itself during the handshake (RFC 9000 §7.4, §18.2; RFC 9221 §3; RFC 9287 §3). Immutable.
 *
 * <p>A parameter that is absent on the wire has its default value here. Values that the RFC calls invalid cannot be
 * constructed: {@link IllegalArgumentException}.
 *
 * @param originalDestinationConnectionId the destination connection ID of the client's first Initial packet; only a server
 *     sends it
 * @param maxIdleTimeoutMs after how many milliseconds without traffic the connection is given up; 0: never
 * @param statelessResetToken for the connection ID of the handshake; only a server sends it
 * @param maxUdpPayloadSize the longest UDP payload that is received, in bytes; at least 1,200
 * @param initialMaxData credit for all streams together, in bytes
 * @param initialMaxStreamDataBidiLocal credit for a bidirectional stream that the sender of this opens, in bytes
 * @param initialMaxStreamDataBidiRemote credit for a bidirectional stream that the receiver of this opens, in bytes
 * @param initialMaxStreamDataUni credit for a unidirectional stream, in bytes
 * @param initialMaxStreamsBidi how many bidirectional streams the receiver of this may open; at most 2^60
 * @param initialMaxStreamsUni how many unidirectional streams the receiver of this may open; at most 2^60
 * @param ackDelayExponent the ACK Delay field counts units of 2^this microseconds; 0 to 20
 * @param maxAckDelayMs how long an acknowledgement is held back at most, in milliseconds; less than 2^14
 * @param disableActiveMigration whether the peer must not move to another local address
 * @param preferredAddress where to go after the handshake; only a server sends it
 * @param activeConnectionIdLimit how many connection IDs of the peer are kept; at least 2
 * @param initialSourceConnectionId the source connection ID of the sender's first Initial packet
 * @param retrySourceConnectionId the source connection ID of the Retry packet; only a server sends it
 * @param maxDatagramFrameSize the longest DATAGRAM frame that is received, type and length included, in bytes; 0: none
 * @param greaseQuicBit whether packets are received whose QUIC bit is 0
 */
public record TransportParameters(
        @Nullable ConnectionId originalDestinationConnectionId,
        long maxIdleTimeoutMs,
        @Nullable StatelessResetToken statelessResetToken,
        long maxUdpPayloadSize,
        long initialMaxData,
        long initialMaxStreamDataBidiLocal,
        long initialMaxStreamDataBidiRemote,
        long initialMaxStreamDataUni,
        long initialMaxStreamsBidi,
        long initialMaxStreamsUni,
        long ackDelayExponent,
        long maxAckDelayMs,
        boolean disableActiveMigration,
        @Nullable PreferredAddress preferredAddress,
        long activeConnectionIdLimit,
        @Nullable ConnectionId initialSourceConnectionId,
        @Nullable ConnectionId retrySourceConnectionId,
        long maxDatagramFrameSize,
        boolean greaseQuicBit) {

    /** The default of {@link #maxUdpPayloadSize}: the longest UDP payload there can be (RFC 9000 §18.2). */
    public static final long DEFAULT_MAX_UDP_PAYLOAD_SIZE = 65_527;
    /** The default of {@link #ackDelayExponent} (RFC 9000 §18.2). */
    public static final long DEFAULT_ACK_DELAY_EXPONENT = 3;
    /** The default of {@link #maxAckDelayMs} (RFC 9000 §18.2). */
    public static final long DEFAULT_MAX_ACK_DELAY_MS = 25;
    /** The default of {@link #activeConnectionIdLimit} (RFC 9000 §18.2). */
    public static final long DEFAULT_ACTIVE_CONNECTION_ID_LIMIT = 2;

    /** Checks the range of every integer. */
    public TransportParameters {
        TransportParameterId.MAX_IDLE_TIMEOUT.require(maxIdleTimeoutMs);
        TransportParameterId.MAX_UDP_PAYLOAD_SIZE.require(maxUdpPayloadSize);
        TransportParameterId.INITIAL_MAX_DATA.require(initialMaxData);
        TransportParameterId.INITIAL_MAX_STREAM_DATA_BIDI_LOCAL.require(initialMaxStreamDataBidiLocal);
        TransportParameterId.INITIAL_MAX_STREAM_DATA_BIDI_REMOTE.require(initialMaxStreamDataBidiRemote);
        TransportParameterId.INITIAL_MAX_STREAM_DATA_UNI.require(initialMaxStreamDataUni);
        TransportParameterId.INITIAL_MAX_STREAMS_BIDI.require(initialMaxStreamsBidi);
        TransportParameterId.INITIAL_MAX_STREAMS_UNI.require(initialMaxStreamsUni);
        TransportParameterId.ACK_DELAY_EXPONENT.require(ackDelayExponent);
        TransportParameterId.MAX_ACK_DELAY.require(maxAckDelayMs);
        TransportParameterId.ACTIVE_CONNECTION_ID_LIMIT.require(activeConnectionIdLimit);
        TransportParameterId.MAX_DATAGRAM_FRAME_SIZE.require(maxDatagramFrameSize);
    }

    /** A builder in which every parameter is absent, so has its default. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Reads what a peer sent.
     *
     * @param encoded the content of the TLS extension quic_transport_parameters
     * @param fromServer whether the peer is a server, which may and must send more
     * @throws TransportException TRANSPORT_PARAMETER_ERROR if a parameter is malformed, invalid, missing, given twice,
     *     or not the peer's to send (RFC 9000 §7.3, §7.4, §18.2)
     */
    public static TransportParameters parse(byte[] encoded, boolean fromServer) throws TransportException {
        return TransportParametersCodec.parse(encoded, fromServer);
    }

    /** The content of the TLS extension quic_transport_parameters. */
    public byte[] encode() {
        return TransportParametersCodec.encode(this);
    }

    /** Collects parameters. Not thread-safe. */
    public static final class Builder {
        private @Nullable ConnectionId originalDestinationConnectionId;
        private long maxIdleTimeoutMs;
        private @Nullable StatelessResetToken statelessResetToken;
        private long maxUdpPayloadSize = DEFAULT_MAX_UDP_PAYLOAD_SIZE;
        private long initialMaxData;
        private long initialMaxStreamDataBidiLocal;
        private long initialMaxStreamDataBidiRemote;
        private long initialMaxStreamDataUni;
        private long initialMaxStreamsBidi;
        private long initialMaxStreamsUni;
        private long ackDelayExponent = DEFAULT_ACK_DELAY_EXPONENT;
        private long maxAckDelayMs = DEFAULT_MAX_ACK_DELAY_MS;
        private boolean disableActiveMigration;
        private @Nullable PreferredAddress preferredAddress;
        private long activeConnectionIdLimit = DEFAULT_ACTIVE_CONNECTION_ID_LIMIT;
        private @Nullable ConnectionId initialSourceConnectionId;
        private @Nullable ConnectionId retrySourceConnectionId;
        private long maxDatagramFrameSize;
        private boolean greaseQuicBit;

        private Builder() {}

        /** Sets {@link TransportParameters#originalDestinationConnectionId}. */
        public Builder originalDestinationConnectionId(ConnectionId value) {
            this.originalDestinationConnectionId = value;
            return this;
        }

        /** Sets {@link TransportParameters#maxIdleTimeoutMs}. */
        public Builder maxIdleTimeoutMs(long value) {
            this.maxIdleTimeoutMs = value;
            return this;
        }

        /** Sets {@link TransportParameters#statelessResetToken}. */
        public Builder statelessResetToken(StatelessResetToken value) {
            this.statelessResetToken = value;
            return this;
        }

        /** Sets {@link TransportParameters#maxUdpPayloadSize}. */
        public Builder maxUdpPayloadSize(long value) {
            this.maxUdpPayloadSize = value;
            return this;
        }

        /** Sets {@link TransportParameters#initialMaxData}. */
        public Builder initialMaxData(long value) {
            this.initialMaxData = value;
            return this;
        }

        /** Sets {@link TransportParameters#initialMaxStreamDataBidiLocal}. */
        public Builder initialMaxStreamDataBidiLocal(long value) {
            this.initialMaxStreamDataBidiLocal = value;
            return this;
        }

        /** Sets {@link TransportParameters#initialMaxStreamDataBidiRemote}. */
        public Builder initialMaxStreamDataBidiRemote(long value) {
            this.initialMaxStreamDataBidiRemote = value;
            return this;
        }

        /** Sets {@link TransportParameters#initialMaxStreamDataUni}. */
        public Builder initialMaxStreamDataUni(long value) {
            this.initialMaxStreamDataUni = value;
            return this;
        }

        /** Sets {@link TransportParameters#initialMaxStreamsBidi}. */
        public Builder initialMaxStreamsBidi(long value) {
            this.initialMaxStreamsBidi = value;
            return this;
        }

        /** Sets {@link TransportParameters#initialMaxStreamsUni}. */
        public Builder initialMaxStreamsUni(long value) {
            this.initialMaxStreamsUni = value;
            return this;
        }

        /** Sets {@link TransportParameters#ackDelayExponent}. */
        public Builder ackDelayExponent(long value) {
            this.ackDelayExponent = value;
            return this;
        }

        /** Sets {@link TransportParameters#maxAckDelayMs}. */
        public Builder maxAckDelayMs(long value) {
            this.maxAckDelayMs = value;
            return this;
        }

        /** Sets {@link TransportParameters#disableActiveMigration}. */
        public Builder disableActiveMigration(boolean value) {
            this.disableActiveMigration = value;
            return this;
        }

        /** Sets {@link TransportParameters#preferredAddress}. */
        public Builder preferredAddress(PreferredAddress value) {
            this.preferredAddress = value;
            return this;
        }

        /** Sets {@link TransportParameters#activeConnectionIdLimit}. */
        public Builder activeConnectionIdLimit(long value) {
            this.activeConnectionIdLimit = value;
            return this;
        }

        /** Sets {@link TransportParameters#initialSourceConnectionId}. */
        public Builder initialSourceConnectionId(ConnectionId value) {
            this.initialSourceConnectionId = value;
            return this;
        }

        /** Sets {@link TransportParameters#retrySourceConnectionId}. */
        public Builder retrySourceConnectionId(ConnectionId value) {
            this.retrySourceConnectionId = value;
            return this;
        }

        /** Sets {@link TransportParameters#maxDatagramFrameSize}. */
        public Builder maxDatagramFrameSize(long value) {
            this.maxDatagramFrameSize = value;
            return this;
        }

        /** Sets {@link TransportParameters#greaseQuicBit}. */
        public Builder greaseQuicBit(boolean value) {
            this.greaseQuicBit = value;
            return this;
        }

        /**
         * The parameters as they were set.
         *
         * @throws IllegalArgumentException if an integer is out of its range
         */
        public TransportParameters build() {
            return new TransportParameters(
                    originalDestinationConnectionId,
                    maxIdleTimeoutMs,
                    statelessResetToken,
                    maxUdpPayloadSize,
                    initialMaxData,
                    initialMaxStreamDataBidiLocal,
                    initialMaxStreamDataBidiRemote,
                    initialMaxStreamDataUni,
                    initialMaxStreamsBidi,
                    initialMaxStreamsUni,
                    ackDelayExponent,
                    maxAckDelayMs,
                    disableActiveMigration,
                    preferredAddress,
                    activeConnectionIdLimit,
                    initialSourceConnectionId,
                    retrySourceConnectionId,
                    maxDatagramFrameSize,
                    greaseQuicBit);
        }
    }
}
