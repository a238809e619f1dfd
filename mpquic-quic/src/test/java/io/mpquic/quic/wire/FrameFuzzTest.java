package io.mpquic.quic.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Set;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Whatever a peer sends is a frame or the peer's fault: nothing else comes out of the parser. */
class FrameFuzzTest {
    private static final Set<Long> CODES =
            Set.of(TransportError.FRAME_ENCODING_ERROR, TransportError.PROTOCOL_VIOLATION);

    @Provide
    Arbitrary<byte[]> anything() {
        return FrameArbitraries.bytes(0, 300);
    }

    @Provide
    Arbitrary<byte[]> almostFrames() {
        return FrameArbitraries.mutated(FrameArbitraries.frames()
                .list()
                .ofMinSize(1)
                .ofMaxSize(3)
                .map(frames -> Wire.written(writer -> frames.forEach(frame -> frame.writeTo(writer)))));
    }

    @Property(tries = 5_000)
    void noBytesMakeTheParserFailInAnotherWay(@ForAll("anything") byte[] payload) {
        parseAll(payload);
    }

    @Property(tries = 5_000)
    void noMutationOfValidFramesMakesTheParserFailInAnotherWay(@ForAll("almostFrames") byte[] payload) {
        parseAll(payload);
    }

    @Property(tries = 5_000)
    void theFastLaneAgreesWithTheRecords(@ForAll("almostFrames") byte[] payload) {
        assertEquals(endOf(payload, false), endOf(payload, true));
    }

    @FuzzTest
    void frames(byte[] payload) {
        parseAll(payload);
        assertEquals(endOf(payload, false), endOf(payload, true));
    }

    /** Parses to the end or to the first fault; what was understood can be written again and is the same then. */
    private static void parseAll(byte[] payload) {
        WireReader reader = WireReader.of(payload);
        try {
            while (reader.remaining() > 0) {
                Frame frame = Frame.parse(reader);
                assertEquals(frame, Frame.parse(WireReader.of(Wire.written(frame::writeTo))));
            }
        } catch (TransportException fault) {
            assertTrue(CODES.contains(fault.errorCode()), fault::getMessage);
        }
    }

    /** Where parsing ends and why, with the types of the hot path parsed one way or the other. */
    private static String endOf(byte[] payload, boolean fastLane) {
        WireReader reader = WireReader.of(payload);
        AckRanges ranges = new AckRanges();
        StringBuilder log = new StringBuilder();
        try {
            while (reader.remaining() > 0) {
                long type = Frame.readType(reader);
                if (fastLane && (type == AckFrame.TYPE || type == AckFrame.TYPE_WITH_ECN)) {
                    long ackDelay = AckFrame.readInto(reader, type, ranges, new long[3]);
                    log.append(ranges).append(ackDelay);
                } else if (fastLane && (type == DatagramFrame.TYPE || type == DatagramFrame.TYPE_WITH_LENGTH)) {
                    int lengthBytes = DatagramFrame.readHeader(reader, type);
                    reader.skip(lengthBytes);
                    log.append(lengthBytes);
                } else {
                    Frame frame = Frame.parseBody(reader, type);
                    if (frame instanceof AckFrame ack) {
                        log.append(ack.ranges()).append(ack.ackDelay());
                    } else if (frame instanceof DatagramFrame datagram) {
                        log.append(datagram.data().byteSize());
                    }
                }
                log.append('@').append(reader.position()).append(' ');
            }
        } catch (TransportException fault) {
            log.append(fault.getMessage()).append(fault.frameType());
        }
        return log.toString();
    }
}
