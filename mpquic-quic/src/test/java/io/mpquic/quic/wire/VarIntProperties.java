package io.mpquic.quic.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class VarIntProperties {
    @Provide
    Arbitrary<Long> values() {
        return FrameArbitraries.varInts();
    }

    @Provide
    Arbitrary<Integer> encodings() {
        return Arbitraries.of(1, 2, 4, 8);
    }

    @Property
    void everyValueSurvivesItsShortestEncoding(@ForAll("values") long value) throws TransportException {
        byte[] encoded = Wire.written(writer -> writer.writeVarInt(value));
        assertEquals(VarInt.lengthBytes(value), encoded.length);
        WireReader reader = WireReader.of(encoded);
        assertEquals(value, reader.readVarInt());
        assertEquals(0, reader.remaining());
    }

    @Property
    void everyValueSurvivesEveryEncodingThatHoldsIt(@ForAll("values") long value, @ForAll("encodings") int lengthBytes)
            throws TransportException {
        if (lengthBytes < VarInt.lengthBytes(value)) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> WireWriter.of(new byte[8]).writeVarInt(value, lengthBytes));
            return;
        }
        byte[] encoded = Wire.written(writer -> writer.writeVarInt(value, lengthBytes));
        assertEquals(lengthBytes, encoded.length);
        assertEquals(value, WireReader.of(encoded).readVarInt());
    }

    @Property
    void anEncodingThatIsCutShortIsAFrameEncodingErrorAndMovesNothing(@ForAll("values") long value) {
        byte[] encoded = Wire.written(writer -> writer.writeVarInt(value));
        for (int length = 0; length < encoded.length; length++) {
            WireReader reader = WireReader.of(Arrays.copyOf(encoded, length));
            TransportException fault = assertThrows(TransportException.class, reader::readVarInt);
            assertEquals(TransportError.FRAME_ENCODING_ERROR, fault.errorCode());
            assertEquals(0, reader.position());
        }
    }
}
