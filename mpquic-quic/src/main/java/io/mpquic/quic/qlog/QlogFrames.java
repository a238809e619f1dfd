package io.mpquic.quic.qlog;

import io.mpquic.quic.wire.AckFrame;
import io.mpquic.quic.wire.AckRanges;
import io.mpquic.quic.wire.ConnectionCloseFrame;
import io.mpquic.quic.wire.CryptoFrame;
import io.mpquic.quic.wire.DataBlockedFrame;
import io.mpquic.quic.wire.DatagramFrame;
import io.mpquic.quic.wire.EcnCounts;
import io.mpquic.quic.wire.Frame;
import io.mpquic.quic.wire.HandshakeDoneFrame;
import io.mpquic.quic.wire.MaxDataFrame;
import io.mpquic.quic.wire.MaxStreamDataFrame;
import io.mpquic.quic.wire.MaxStreamsFrame;
import io.mpquic.quic.wire.NewConnectionIdFrame;
import io.mpquic.quic.wire.NewTokenFrame;
import io.mpquic.quic.wire.PaddingFrame;
import io.mpquic.quic.wire.PathChallengeFrame;
import io.mpquic.quic.wire.PathResponseFrame;
import io.mpquic.quic.wire.PingFrame;
import io.mpquic.quic.wire.ResetStreamFrame;
import io.mpquic.quic.wire.RetireConnectionIdFrame;
import io.mpquic.quic.wire.StopSendingFrame;
import io.mpquic.quic.wire.StreamDataBlockedFrame;
import io.mpquic.quic.wire.StreamFrame;
import io.mpquic.quic.wire.StreamsBlockedFrame;
import io.mpquic.quic.wire.TransportException;
import io.mpquic.quic.wire.WireReader;
import java.util.HexFormat;

/** The frames of a packet in qlog's words. What users sent is not written down, only how long it was. */
final class QlogFrames {
    private static final long NS_PER_US = 1_000;

    private QlogFrames() {}

    /** Writes a list of all frames; what cannot be parsed ends it with a frame of type {@code unknown}. */
    static void write(WireReader payload, long ackDelayExponent, JsonText json) {
        json.open('[');
        while (payload.remaining() > 0) {
            long rest = payload.remaining();
            json.open('{').name("frame_type");
            try {
                write(Frame.parse(payload), ackDelayExponent, json);
            } catch (TransportException malformed) {
                json.value("unknown").name("raw").open('{').name("length").value(rest);
                json.close('}').close('}');
                break;
            }
            json.close('}');
        }
        json.close(']');
    }

    private static void write(Frame frame, long ackDelayExponent, JsonText json) {
        switch (frame) {
            case PaddingFrame padding ->
                json.value("padding").name("payload_length").value(padding.lengthBytes());
            case PingFrame ping -> json.value("ping");
            case AckFrame ack -> writeAck(ack, ackDelayExponent, json);
            case CryptoFrame crypto -> {
                json.value("crypto").name("offset").value(crypto.offset());
                json.name("length").value(crypto.data().byteSize());
            }
            case NewTokenFrame token ->
                json.value("new_token")
                        .name("token")
                        .open('{')
                        .name("raw")
                        .open('{')
                        .name("length")
                        .value(token.token().length)
                        .close('}')
                        .close('}');
            case DatagramFrame datagram ->
                json.value("datagram").name("length").value(datagram.data().byteSize());
            case NewConnectionIdFrame id -> {
                json.value("new_connection_id").name("sequence_number").value(id.sequence());
                json.name("retire_prior_to").value(id.retirePriorTo());
                json.name("connection_id_length").value(id.id().lengthBytes());
                json.name("connection_id").hex(id.id().bytes());
            }
            case RetireConnectionIdFrame retire ->
                json.value("retire_connection_id").name("sequence_number").value(retire.sequence());
            case PathChallengeFrame challenge ->
                json.value("path_challenge").name("data").value(HexFormat.of().toHexDigits(challenge.data()));
            case PathResponseFrame response ->
                json.value("path_response").name("data").value(HexFormat.of().toHexDigits(response.data()));
            case ConnectionCloseFrame close -> {
                json.value("connection_close").name("error_space");
                json.value(close.application() ? "application" : "transport");
                json.name("error_code").value(close.errorCode());
                json.name("reason").value(close.reason());
            }
            case HandshakeDoneFrame done -> json.value("handshake_done");
            case StreamFrame stream -> {
                streamId("stream", stream.streamId(), json).name("offset").value(stream.offset());
                json.name("length").value(stream.data().byteSize());
                json.name("fin").value(stream.fin());
            }
            case ResetStreamFrame reset -> {
                streamId("reset_stream", reset.streamId(), json)
                        .name("error_code")
                        .value(reset.errorCode());
                json.name("final_size").value(reset.finalSize());
            }
            case StopSendingFrame stop ->
                streamId("stop_sending", stop.streamId(), json)
                        .name("error_code")
                        .value(stop.errorCode());
            case MaxDataFrame max -> json.value("max_data").name("maximum").value(max.maximumBytes());
            case MaxStreamDataFrame max ->
                streamId("max_stream_data", max.streamId(), json)
                        .name("maximum")
                        .value(max.maximumBytes());
            case MaxStreamsFrame max ->
                streamType("max_streams", max.bidirectional(), json)
                        .name("maximum")
                        .value(max.maximumStreams());
            case DataBlockedFrame blocked ->
                json.value("data_blocked").name("limit").value(blocked.limitBytes());
            case StreamDataBlockedFrame blocked ->
                streamId("stream_data_blocked", blocked.streamId(), json)
                        .name("limit")
                        .value(blocked.limitBytes());
            case StreamsBlockedFrame blocked ->
                streamType("streams_blocked", blocked.bidirectional(), json)
                        .name("limit")
                        .value(blocked.maximumStreams());
        }
    }

    private static JsonText streamId(String type, long id, JsonText json) {
        return json.value(type).name("stream_id").value(id);
    }

    private static JsonText streamType(String type, boolean bidirectional, JsonText json) {
        return json.value(type).name("stream_type").value(bidirectional ? "bidirectional" : "unidirectional");
    }

    private static void writeAck(AckFrame ack, long ackDelayExponent, JsonText json) {
        // RFC 9000 §19.3: microseconds by a power of two; one that overflows is nonsense, and is shown as the largest.
        long longestUs = Long.MAX_VALUE / NS_PER_US;
        long us = ack.ackDelay() > (longestUs >> ackDelayExponent) ? longestUs : ack.ackDelay() << ackDelayExponent;
        json.value("ack").name("ack_delay").milliseconds(us * NS_PER_US);
        json.name("acked_ranges").open('[');
        AckRanges ranges = ack.ranges();
        for (int i = ranges.size() - 1; i >= 0; i--) {
            json.open('[').value(ranges.smallest(i)).value(ranges.largest(i)).close(']');
        }
        json.close(']');
        EcnCounts ecn = ack.ecn();
        if (ecn != null) {
            json.name("ect0").value(ecn.ect0()).name("ect1").value(ecn.ect1());
            json.name("ce").value(ecn.ce());
        }
    }
}
