package io.mpquic.quic.wire;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.function.LongFunction;
import java.util.function.ObjLongConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A frame or a parameter that exists can be written: each field has its range (RFC 9000 §16, §18.2, §19). */
class FieldRangeTest {
    private static final long MAX_STREAMS = 1L << 60;

    /** One field, made from its value with all others fixed. */
    record Field(String name, long smallest, long largest, LongFunction<Object> make) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Field> fieldsOfFrames() {
        ConnectionId id = ConnectionId.ofLong(1);
        StatelessResetToken token = new StatelessResetToken(1, 2);
        AckRanges ranges = new AckRanges();
        ranges.add(0, 0);
        return Stream.of(
                varInt("ACK delay", delay -> new AckFrame(ranges, delay, null)),
                varInt("ECT(0)", count -> new EcnCounts(count, 1, 1)),
                varInt("ECT(1)", count -> new EcnCounts(1, count, 1)),
                varInt("CE", count -> new EcnCounts(1, 1, count)),
                varInt("RESET_STREAM stream", stream -> new ResetStreamFrame(stream, 1, 1)),
                varInt("RESET_STREAM error", error -> new ResetStreamFrame(1, error, 1)),
                varInt("RESET_STREAM size", size -> new ResetStreamFrame(1, 1, size)),
                varInt("STOP_SENDING stream", stream -> new StopSendingFrame(stream, 1)),
                varInt("STOP_SENDING error", error -> new StopSendingFrame(1, error)),
                new Field("CRYPTO offset", 0, VarInt.MAX - 1, offset -> new CryptoFrame(offset, Wire.memory((byte) 1))),
                varInt("STREAM stream", stream -> new StreamFrame(stream, 1, Wire.memory((byte) 1), true)),
                new Field(
                        "STREAM offset",
                        0,
                        VarInt.MAX - 1,
                        offset -> new StreamFrame(1, offset, Wire.memory((byte) 1), true)),
                varInt("MAX_DATA", MaxDataFrame::new),
                varInt("MAX_STREAM_DATA stream", stream -> new MaxStreamDataFrame(stream, 1)),
                varInt("MAX_STREAM_DATA limit", limit -> new MaxStreamDataFrame(1, limit)),
                new Field("MAX_STREAMS", 0, MAX_STREAMS, limit -> new MaxStreamsFrame(limit, true)),
                varInt("DATA_BLOCKED", DataBlockedFrame::new),
                varInt("STREAM_DATA_BLOCKED stream", stream -> new StreamDataBlockedFrame(stream, 1)),
                varInt("STREAM_DATA_BLOCKED limit", limit -> new StreamDataBlockedFrame(1, limit)),
                new Field("STREAMS_BLOCKED", 0, MAX_STREAMS, limit -> new StreamsBlockedFrame(limit, true)),
                varInt("NEW_CONNECTION_ID sequence", sequence -> new NewConnectionIdFrame(sequence, 0, id, token)),
                new Field("retire prior to", 0, 9, limit -> new NewConnectionIdFrame(9, limit, id, token)),
                varInt("RETIRE_CONNECTION_ID", RetireConnectionIdFrame::new),
                varInt("CONNECTION_CLOSE error", error -> ConnectionCloseFrame.transport(error, 1, "")),
                varInt("CONNECTION_CLOSE frame", frame -> ConnectionCloseFrame.transport(1, frame, "")));
    }

    static Stream<Field> parameters() {
        return Stream.of(
                parameter("max_idle_timeout", 0, VarInt.MAX, TransportParameters.Builder::maxIdleTimeoutMs),
                parameter("max_udp_payload_size", 1200, VarInt.MAX, TransportParameters.Builder::maxUdpPayloadSize),
                parameter("initial_max_data", 0, VarInt.MAX, TransportParameters.Builder::initialMaxData),
                parameter("bidi_local", 0, VarInt.MAX, TransportParameters.Builder::initialMaxStreamDataBidiLocal),
                parameter("bidi_remote", 0, VarInt.MAX, TransportParameters.Builder::initialMaxStreamDataBidiRemote),
                parameter("uni", 0, VarInt.MAX, TransportParameters.Builder::initialMaxStreamDataUni),
                parameter(
                        "initial_max_streams_bidi", 0, MAX_STREAMS, TransportParameters.Builder::initialMaxStreamsBidi),
                parameter("initial_max_streams_uni", 0, MAX_STREAMS, TransportParameters.Builder::initialMaxStreamsUni),
                parameter("ack_delay_exponent", 0, 20, TransportParameters.Builder::ackDelayExponent),
                parameter("max_ack_delay", 0, 16_383, TransportParameters.Builder::maxAckDelayMs),
                parameter(
                        "active_connection_id_limit",
                        2,
                        VarInt.MAX,
                        TransportParameters.Builder::activeConnectionIdLimit),
                parameter("max_datagram_frame_size", 0, VarInt.MAX, TransportParameters.Builder::maxDatagramFrameSize));
    }

    @ParameterizedTest
    @MethodSource({"fieldsOfFrames", "parameters"})
    void aFieldTakesItsWholeRangeAndNothingBeyond(Field field) {
        assertNotNull(field.make.apply(field.smallest));
        assertNotNull(field.make.apply(field.largest));
        assertThrows(IllegalArgumentException.class, () -> field.make.apply(field.smallest - 1));
        assertThrows(IllegalArgumentException.class, () -> field.make.apply(field.largest + 1));
    }

    private static Field varInt(String name, LongFunction<Object> make) {
        return new Field(name, 0, VarInt.MAX, make);
    }

    private static Field parameter(
            String name, long smallest, long largest, ObjLongConsumer<TransportParameters.Builder> setter) {
        return new Field(name, smallest, largest, value -> {
            TransportParameters.Builder builder = TransportParameters.builder();
            setter.accept(builder, value);
            return builder.build();
        });
    }
}
