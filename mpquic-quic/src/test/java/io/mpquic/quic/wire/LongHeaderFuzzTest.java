package io.mpquic.quic.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Whatever arrives is a header or no packet: nothing else comes out of the parser. */
class LongHeaderFuzzTest {
    @Provide
    Arbitrary<byte[]> anything() {
        return FrameArbitraries.bytes(0, 300);
    }

    @Provide
    Arbitrary<byte[]> almostHeaders() {
        Arbitrary<byte[]> valid = Combinators.combine(
                        Arbitraries.integers().between(0, 4),
                        FrameArbitraries.connectionIds(0),
                        FrameArbitraries.connectionIds(0),
                        FrameArbitraries.bytes(1, 30))
                .as((kind, dcid, scid, token) -> Wire.written(writer -> {
                    switch (kind) {
                        case 0 -> PacketHeader.writeInitial(writer, dcid, scid, token, 7, 2);
                        case 1 -> PacketHeader.writeZeroRtt(writer, dcid, scid, 7, 2);
                        case 2 -> PacketHeader.writeHandshake(writer, dcid, scid, 7, 2);
                        case 3 -> PacketHeader.writeRetry(writer, dcid, scid, token);
                        default -> PacketHeader.writeVersionNegotiation(writer, dcid.bytes(), scid.bytes(), 5, 1, 2);
                    }
                    writer.zeros(20);
                }));
        return FrameArbitraries.mutated(valid);
    }

    @Property(tries = 5_000)
    void noBytesMakeTheParserFailInAnotherWay(@ForAll("anything") byte[] datagram) {
        parse(datagram);
    }

    @Property(tries = 5_000)
    void noMutationOfAValidHeaderMakesTheParserFailInAnotherWay(@ForAll("almostHeaders") byte[] datagram) {
        parse(datagram);
    }

    @FuzzTest
    void headers(byte[] datagram) {
        parse(datagram);
    }

    private static void parse(byte[] datagram) {
        WireReader reader = WireReader.of(datagram);
        try {
            LongHeader header = LongHeader.parse(reader);
            if (header instanceof LongHeader.Numbered numbered) {
                assertEquals(reader.position(), numbered.packetNumberOffset());
                assertTrue(numbered.endOffset() <= datagram.length);
            } else {
                assertEquals(0, reader.remaining());
            }
            VersionInvariant invariant = VersionInvariant.parse(WireReader.of(datagram));
            assertEquals(header.dcid(), new ConnectionId(invariant.dcid()));
            assertEquals(header.scid(), new ConnectionId(invariant.scid()));
        } catch (MalformedPacketException malformed) {
            assertNotNull(malformed.getMessage());
        }
    }
}
