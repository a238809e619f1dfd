package io.mpquic.quic.wire;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Transport parameters on the wire: a sequence of (identifier, length, value), in any order (RFC 9000 §18). */
final class TransportParametersCodec {
    /** More than all parameters together can take: 12 integers of 10 bytes, and some 160 bytes of others. */
    private static final int MAX_ENCODED_BYTES = 512;

    private TransportParametersCodec() {}

    static byte[] encode(TransportParameters parameters) {
        byte[] buffer = new byte[MAX_ENCODED_BYTES];
        WireWriter writer = WireWriter.of(buffer);
        for (TransportParameterId id : TransportParameterId.values()) {
            write(writer, id, parameters);
        }
        return Arrays.copyOf(buffer, (int) writer.position());
    }

    private static void write(WireWriter writer, TransportParameterId id, TransportParameters parameters) {
        switch (id) {
            case ORIGINAL_DESTINATION_CONNECTION_ID ->
                writeConnectionId(writer, id, parameters.originalDestinationConnectionId());
            case MAX_IDLE_TIMEOUT -> writeInteger(writer, id, parameters.maxIdleTimeoutMs());
            case STATELESS_RESET_TOKEN -> writeToken(writer, id, parameters.statelessResetToken());
            case MAX_UDP_PAYLOAD_SIZE -> writeInteger(writer, id, parameters.maxUdpPayloadSize());
            case INITIAL_MAX_DATA -> writeInteger(writer, id, parameters.initialMaxData());
            case INITIAL_MAX_STREAM_DATA_BIDI_LOCAL ->
                writeInteger(writer, id, parameters.initialMaxStreamDataBidiLocal());
            case INITIAL_MAX_STREAM_DATA_BIDI_REMOTE ->
                writeInteger(writer, id, parameters.initialMaxStreamDataBidiRemote());
            case INITIAL_MAX_STREAM_DATA_UNI -> writeInteger(writer, id, parameters.initialMaxStreamDataUni());
            case INITIAL_MAX_STREAMS_BIDI -> writeInteger(writer, id, parameters.initialMaxStreamsBidi());
            case INITIAL_MAX_STREAMS_UNI -> writeInteger(writer, id, parameters.initialMaxStreamsUni());
            case ACK_DELAY_EXPONENT -> writeInteger(writer, id, parameters.ackDelayExponent());
            case MAX_ACK_DELAY -> writeInteger(writer, id, parameters.maxAckDelayMs());
            case DISABLE_ACTIVE_MIGRATION -> writeFlag(writer, id, parameters.disableActiveMigration());
            case PREFERRED_ADDRESS -> writePreferredAddress(writer, id, parameters.preferredAddress());
            case ACTIVE_CONNECTION_ID_LIMIT -> writeInteger(writer, id, parameters.activeConnectionIdLimit());
            case INITIAL_SOURCE_CONNECTION_ID -> writeConnectionId(writer, id, parameters.initialSourceConnectionId());
            case RETRY_SOURCE_CONNECTION_ID -> writeConnectionId(writer, id, parameters.retrySourceConnectionId());
            case MAX_DATAGRAM_FRAME_SIZE -> writeInteger(writer, id, parameters.maxDatagramFrameSize());
            case GREASE_QUIC_BIT -> writeFlag(writer, id, parameters.greaseQuicBit());
        }
    }

    private static void writeHeader(WireWriter writer, TransportParameterId id, int lengthBytes) {
        writer.writeVarInt(id.code()).writeVarInt(lengthBytes);
    }

    // A flag is on when the parameter is there, without a value.
    private static void writeFlag(WireWriter writer, TransportParameterId id, boolean on) {
        if (on) {
            writeHeader(writer, id, 0);
        }
    }

    // RFC 9000 §18.2: an absent integer has its default value, so the default need not be sent.
    private static void writeInteger(WireWriter writer, TransportParameterId id, long value) {
        if (value != id.defaultValue()) {
            writeHeader(writer, id, VarInt.lengthBytes(value));
            writer.writeVarInt(value);
        }
    }

    private static void writeConnectionId(
            WireWriter writer, TransportParameterId id, @Nullable ConnectionId connectionId) {
        if (connectionId != null) {
            writeHeader(writer, id, connectionId.lengthBytes());
            connectionId.writeTo(writer);
        }
    }

    private static void writeToken(WireWriter writer, TransportParameterId id, @Nullable StatelessResetToken token) {
        if (token != null) {
            writeHeader(writer, id, StatelessResetToken.LENGTH_BYTES);
            token.writeTo(writer);
        }
    }

    private static void writePreferredAddress(
            WireWriter writer, TransportParameterId id, @Nullable PreferredAddress address) {
        if (address != null) {
            writeHeader(writer, id, address.lengthBytes());
            address.writeTo(writer);
        }
    }

    static TransportParameters parse(byte[] encoded, boolean fromServer) throws TransportException {
        try {
            WireReader reader = WireReader.of(encoded);
            TransportParameters parameters = readAll(reader, fromServer);
            checkConnectionIds(reader, parameters, fromServer);
            return parameters;
        } catch (TransportException fault) {
            // RFC 9000 §7.4: whatever is wrong with transport parameters has the same error code.
            throw new TransportException(TransportError.TRANSPORT_PARAMETER_ERROR, fault.reason());
        }
    }

    /** Reads parameters of a server without the connection IDs that a handshake must have. */
    static TransportParameters parsePart(byte[] encoded) throws TransportException {
        return readAll(WireReader.of(encoded), true);
    }

    private static TransportParameters readAll(WireReader reader, boolean fromServer) throws TransportException {
        TransportParameters.Builder builder = TransportParameters.builder();
        Set<Long> seen = new HashSet<>();
        WireReader value = new WireReader();
        while (reader.remaining() > 0) {
            long code = reader.readVarInt();
            int lengthBytes = reader.readLength();
            value.wrap(reader.segment(), reader.position(), lengthBytes);
            reader.skip(lengthBytes);
            // RFC 9000 §7.4: every parameter at most once, unknown ones too.
            if (!seen.add(code)) {
                throw reader.failure("transport parameter 0x" + Long.toHexString(code) + " twice");
            }
            TransportParameterId id = TransportParameterId.ofCode(code);
            // RFC 9000 §7.4.2: unknown parameters are ignored.
            if (id == null) {
                continue;
            }
            // RFC 9000 §18.2: a client must not send what only a server can know.
            if (id.isServerOnly() && !fromServer) {
                throw reader.failure("a client sent " + id);
            }
            read(value, id, builder);
            if (value.remaining() > 0) {
                throw reader.failure(id + " of " + lengthBytes + " bytes");
            }
        }
        return builder.build();
    }

    private static void read(WireReader value, TransportParameterId id, TransportParameters.Builder builder)
            throws TransportException {
        switch (id) {
            case ORIGINAL_DESTINATION_CONNECTION_ID ->
                builder.originalDestinationConnectionId(readConnectionId(value, id));
            case MAX_IDLE_TIMEOUT -> builder.maxIdleTimeoutMs(readInteger(value, id));
            case STATELESS_RESET_TOKEN -> builder.statelessResetToken(StatelessResetToken.read(value));
            case MAX_UDP_PAYLOAD_SIZE -> builder.maxUdpPayloadSize(readInteger(value, id));
            case INITIAL_MAX_DATA -> builder.initialMaxData(readInteger(value, id));
            case INITIAL_MAX_STREAM_DATA_BIDI_LOCAL -> builder.initialMaxStreamDataBidiLocal(readInteger(value, id));
            case INITIAL_MAX_STREAM_DATA_BIDI_REMOTE -> builder.initialMaxStreamDataBidiRemote(readInteger(value, id));
            case INITIAL_MAX_STREAM_DATA_UNI -> builder.initialMaxStreamDataUni(readInteger(value, id));
            case INITIAL_MAX_STREAMS_BIDI -> builder.initialMaxStreamsBidi(readInteger(value, id));
            case INITIAL_MAX_STREAMS_UNI -> builder.initialMaxStreamsUni(readInteger(value, id));
            case ACK_DELAY_EXPONENT -> builder.ackDelayExponent(readInteger(value, id));
            case MAX_ACK_DELAY -> builder.maxAckDelayMs(readInteger(value, id));
            case DISABLE_ACTIVE_MIGRATION -> builder.disableActiveMigration(true);
            case PREFERRED_ADDRESS -> builder.preferredAddress(PreferredAddress.read(value));
            case ACTIVE_CONNECTION_ID_LIMIT -> builder.activeConnectionIdLimit(readInteger(value, id));
            case INITIAL_SOURCE_CONNECTION_ID -> builder.initialSourceConnectionId(readConnectionId(value, id));
            case RETRY_SOURCE_CONNECTION_ID -> builder.retrySourceConnectionId(readConnectionId(value, id));
            case MAX_DATAGRAM_FRAME_SIZE -> builder.maxDatagramFrameSize(readInteger(value, id));
            case GREASE_QUIC_BIT -> builder.greaseQuicBit(true);
        }
    }

    private static long readInteger(WireReader value, TransportParameterId id) throws TransportException {
        long integer = value.readVarInt();
        if (!id.permits(integer)) {
            throw value.failure(id + " = " + integer);
        }
        return integer;
    }

    private static ConnectionId readConnectionId(WireReader value, TransportParameterId id) throws TransportException {
        int lengthBytes = value.remaining();
        if (lengthBytes > ConnectionId.MAX_LENGTH_BYTES) {
            throw value.failure(id + " of " + lengthBytes + " bytes");
        }
        return new ConnectionId(value.readBytes(lengthBytes));
    }

    private static void checkConnectionIds(WireReader reader, TransportParameters parameters, boolean fromServer)
            throws TransportException {
        ConnectionId source = parameters.initialSourceConnectionId();
        // RFC 9000 §7.3: these authenticate the connection IDs of the handshake, so they must not be missing.
        if (source == null) {
            throw reader.failure("no " + TransportParameterId.INITIAL_SOURCE_CONNECTION_ID);
        }
        if (fromServer && parameters.originalDestinationConnectionId() == null) {
            throw reader.failure("no " + TransportParameterId.ORIGINAL_DESTINATION_CONNECTION_ID);
        }
        // RFC 9000 §18.2: without a connection ID nobody could tell which connection moved there.
        if (parameters.preferredAddress() != null && source.isEmpty()) {
            throw reader.failure("a preferred address of a server with empty connection IDs");
        }
    }
}
