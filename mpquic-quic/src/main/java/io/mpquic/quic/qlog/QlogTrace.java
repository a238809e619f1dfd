package io.mpquic.quic.qlog;

import io.mpquic.quic.connection.CloseReason;
import io.mpquic.quic.connection.ConnectionTrace;
import io.mpquic.quic.wire.ConnectionId;
import io.mpquic.quic.wire.PacketNumberSpace;
import io.mpquic.quic.wire.PacketType;
import io.mpquic.quic.wire.TransportParameters;
import io.mpquic.quic.wire.WireReader;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One connection as a qlog of version 0.3 in its JSON-SEQ form: records of one line each, which a record separator
 * begins (RFC 7464). The bytes of users and the tokens that reset a connection are not written down.
 *
 * <p>Like the connection, it belongs to one thread.
 */
public final class QlogTrace implements ConnectionTrace {
    private static final char RECORD_SEPARATOR = '\u001e';

    private static final long OWN_ACK_DELAY_EXPONENT = TransportParameters.DEFAULT_ACK_DELAY_EXPONENT;

    private final Consumer<String> records;
    private final Runnable end;
    private final boolean client;
    private final long startedNs;
    private final WireReader reader = new WireReader();
    private long peerAckDelayExponent = TransportParameters.DEFAULT_ACK_DELAY_EXPONENT;
    private @Nullable Metrics known;

    /**
     * Begins a log with its header.
     *
     * @param records takes each record, with its separator and end of line
     * @param end called after the last record
     * @param client whether this end is the client
     * @param originalDestination names the connection
     * @param referenceMs the wall clock at {@code nowNs}, in milliseconds since 1970: all times of events count from it
     */
    public QlogTrace(
            Consumer<String> records,
            Runnable end,
            boolean client,
            ConnectionId originalDestination,
            InetSocketAddress remote,
            long referenceMs,
            long nowNs) {
        this.records = records;
        this.end = end;
        this.client = client;
        startedNs = nowNs;
        JsonText json = new JsonText().open('{');
        json.name("qlog_format").value("JSON-SEQ").name("qlog_version").value("0.3");
        json.name("title").value("mpquic").name("trace").open('{');
        json.name("vantage_point").open('{').name("name").value("mpquic");
        json.name("type").value(client ? "client" : "server").close('}');
        json.name("common_fields").open('{').name("ODCID").hex(originalDestination.bytes());
        json.name("time_format").value("relative").name("reference_time").value(referenceMs);
        emit(json.close('}').close('}').close('}'));
        JsonText started = event("connectivity:connection_started", nowNs);
        started.name("dst_ip").value(remote.getAddress().getHostAddress());
        emit(started.name("dst_port").value(remote.getPort()).close('}').close('}'));
    }

    private JsonText event(String name, long nowNs) {
        JsonText json = new JsonText().open('{').name("time").milliseconds(nowNs - startedNs);
        return json.name("name").value(name).name("data").open('{');
    }

    private void emit(JsonText json) {
        records.accept(RECORD_SEPARATOR + json.toString() + '\n');
    }

    @Override
    public void packetSent(
            PacketType type,
            long packetNumber,
            int packetBytes,
            MemorySegment payload,
            long offset,
            int lengthBytes,
            long nowNs) {
        reader.wrap(payload, offset, lengthBytes);
        packet("transport:packet_sent", type, packetNumber, packetBytes, lengthBytes, OWN_ACK_DELAY_EXPONENT, nowNs);
    }

    @Override
    public void packetReceived(
            PacketType type,
            long packetNumber,
            int packetBytes,
            MemorySegment payload,
            long offset,
            int lengthBytes,
            long nowNs) {
        reader.wrap(payload, offset, lengthBytes);
        packet("transport:packet_received", type, packetNumber, packetBytes, lengthBytes, peerAckDelayExponent, nowNs);
    }

    private void packet(
            String event,
            PacketType type,
            long packetNumber,
            int packetBytes,
            int payloadBytes,
            long ackDelayExponent,
            long nowNs) {
        JsonText json = event(event, nowNs);
        json.name("header").open('{').name("packet_type").value(nameOf(type));
        json.name("packet_number").value(packetNumber).close('}');
        json.name("raw").open('{').name("length").value(packetBytes);
        json.name("payload_length").value(payloadBytes).close('}').name("frames");
        // RFC 9000 §18.2: the exponent is for 1-RTT packets; the others have the default one.
        QlogFrames.write(
                reader,
                type == PacketType.ONE_RTT ? ackDelayExponent : TransportParameters.DEFAULT_ACK_DELAY_EXPONENT,
                json);
        emit(json.close('}').close('}'));
    }

    private static String nameOf(PacketType type) {
        return switch (type) {
            case INITIAL -> "initial";
            case ZERO_RTT -> "0RTT";
            case HANDSHAKE -> "handshake";
            case ONE_RTT -> "1RTT";
            case RETRY -> "retry";
            case VERSION_NEGOTIATION -> "version_negotiation";
        };
    }

    private static String nameOf(PacketNumberSpace space) {
        return switch (space) {
            case INITIAL -> "initial";
            case HANDSHAKE -> "handshake";
            case APPLICATION -> "1RTT";
        };
    }

    @Override
    public void packetDropped(int packetBytes, DropCause cause, long nowNs) {
        JsonText json = event("transport:packet_dropped", nowNs);
        json.name("raw").open('{').name("length").value(packetBytes).close('}');
        emit(json.name("trigger")
                .value(cause.name().toLowerCase(Locale.ROOT))
                .close('}')
                .close('}'));
    }

    @Override
    public void packetLost(PacketNumberSpace space, long packetNumber, long nowNs) {
        JsonText json = event("recovery:packet_lost", nowNs);
        json.name("header").open('{').name("packet_type").value(nameOf(space));
        emit(json.name("packet_number")
                .value(packetNumber)
                .close('}')
                .close('}')
                .close('}'));
    }

    @Override
    public void metricsUpdated(Metrics metrics, long nowNs) {
        if (metrics.equals(known)) {
            return;
        }
        known = metrics;
        JsonText json = event("recovery:metrics_updated", nowNs);
        json.name("min_rtt").milliseconds(metrics.minRttNs());
        json.name("smoothed_rtt").milliseconds(metrics.smoothedRttNs());
        json.name("latest_rtt").milliseconds(metrics.latestRttNs());
        json.name("rtt_variance").milliseconds(metrics.rttVariationNs());
        json.name("congestion_window").value(metrics.congestionWindowBytes());
        emit(json.name("bytes_in_flight")
                .value(metrics.bytesInFlight())
                .close('}')
                .close('}'));
    }

    @Override
    public void parametersSet(boolean own, TransportParameters parameters, long nowNs) {
        if (!own) {
            peerAckDelayExponent = parameters.ackDelayExponent();
        }
        JsonText json = event("transport:parameters_set", nowNs);
        json.name("owner").value(own ? "local" : "remote");
        json.name("max_idle_timeout").value(parameters.maxIdleTimeoutMs());
        json.name("max_udp_payload_size").value(parameters.maxUdpPayloadSize());
        json.name("ack_delay_exponent").value(parameters.ackDelayExponent());
        json.name("max_ack_delay").value(parameters.maxAckDelayMs());
        json.name("active_connection_id_limit").value(parameters.activeConnectionIdLimit());
        json.name("disable_active_migration").value(parameters.disableActiveMigration());
        json.name("initial_max_data").value(parameters.initialMaxData());
        json.name("initial_max_stream_data_bidi_local").value(parameters.initialMaxStreamDataBidiLocal());
        json.name("initial_max_stream_data_bidi_remote").value(parameters.initialMaxStreamDataBidiRemote());
        json.name("initial_max_stream_data_uni").value(parameters.initialMaxStreamDataUni());
        json.name("initial_max_streams_bidi").value(parameters.initialMaxStreamsBidi());
        json.name("initial_max_streams_uni").value(parameters.initialMaxStreamsUni());
        json.name("max_datagram_frame_size").value(parameters.maxDatagramFrameSize());
        emit(json.close('}').close('}'));
    }

    @Override
    public void remoteChanged(InetSocketAddress remote, long nowNs) {
        JsonText json = event("connectivity:path_updated", nowNs);
        json.name("dst_ip").value(remote.getAddress().getHostAddress());
        emit(json.name("dst_port").value(remote.getPort()).close('}').close('}'));
    }

    @Override
    public void keysUpdated(boolean own, long phase, long nowNs) {
        JsonText json = event("security:key_updated", nowNs);
        json.name("key_type").value(own == client ? "client_1rtt_secret" : "server_1rtt_secret");
        json.name("key_phase").value(phase);
        emit(json.name("trigger")
                .value(own ? "local_update" : "remote_update")
                .close('}')
                .close('}'));
    }

    @Override
    public void closed(CloseReason reason, long nowNs) {
        JsonText json = event("connectivity:connection_closed", nowNs);
        json.name("owner").value(reason.kind() == CloseReason.Kind.PEER ? "remote" : "local");
        json.name(reason.application() ? "application_code" : "connection_code").value(reason.errorCode());
        json.name("reason").value(reason.describe());
        json.name("trigger").value(reason.kind().name().toLowerCase(Locale.ROOT));
        emit(json.close('}').close('}'));
    }

    @Override
    public void forgotten() {
        end.run();
    }
}
