package io.mpquic.quic.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mpquic.quic.conformance.Requirement;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class FrameProperties {
    @Provide
    Arbitrary<Frame> frames() {
        return FrameArbitraries.frames();
    }

    @Property(tries = 3000)
    void everyFrameSurvivesEncodingAndDecoding(@ForAll("frames") Frame frame) throws TransportException {
        byte[] encoded = Wire.written(frame::writeTo);
        WireReader reader = WireReader.of(encoded);
        Frame decoded = Frame.parse(reader);
        assertEquals(frame, decoded);
        assertEquals(frame.hashCode(), decoded.hashCode());
        assertEquals(frame.type(), decoded.type());
        assertEquals(0, reader.remaining());
    }

    @Property(tries = 3000)
    void aFrameIsAsLongAsItSays(@ForAll("frames") Frame frame) {
        assertEquals(Wire.written(frame::writeTo).length, frame.lengthBytes());
    }

    @Requirement("9000-12.4-5")
    @Property
    void theFirstByteIsTheType(@ForAll("frames") Frame frame) throws TransportException {
        assertEquals(frame.type(), Frame.readType(WireReader.of(Wire.written(frame::writeTo))));
    }

    @Property
    void aFrameLeavesTheNextOneToBeRead(@ForAll("frames") Frame first, @ForAll("frames") Frame second)
            throws TransportException {
        if (first instanceof PaddingFrame || takesTheRest(first)) {
            return;
        }
        WireReader reader = WireReader.of(Wire.written(writer -> {
            first.writeTo(writer);
            second.writeTo(writer);
        }));
        assertEquals(first, Frame.parse(reader));
        assertEquals(second, Frame.parse(reader));
        assertEquals(0, reader.remaining());
    }

    @Property
    void framesAreReadFromNativeMemoryAtAnyOffset(@ForAll("frames") Frame frame) throws TransportException {
        try (Arena arena = Arena.ofConfined()) {
            int lengthBytes = frame.lengthBytes();
            MemorySegment packet = arena.allocate(lengthBytes + 20);
            frame.writeTo(new WireWriter().wrap(packet, 13, lengthBytes));
            assertEquals(frame, Frame.parse(new WireReader().wrap(packet, 13, lengthBytes)));
        }
    }

    private static boolean takesTheRest(Frame frame) {
        return (frame instanceof StreamFrame stream && !stream.hasLength())
                || (frame instanceof DatagramFrame datagram && !datagram.hasLength());
    }
}
