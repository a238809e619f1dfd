package io.mpquic.quic.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VarIntTest {
    // RFC 9000, appendix A.1.
    @ParameterizedTest
    @CsvSource({"c2197c5eff14e88c, 151288809941952652", "9d7f3e7d, 494878333", "7bbd, 15293", "25, 37", "4025, 37"})
    void theSamplesOfTheRfcDecode(String encoded, long value) throws TransportException {
        assertEquals(value, Wire.readerOf(encoded).readVarInt());
    }

    @ParameterizedTest
    @CsvSource({"c2197c5eff14e88c, 151288809941952652", "9d7f3e7d, 494878333", "7bbd, 15293", "25, 37"})
    void theSamplesOfTheRfcEncode(String encoded, long value) {
        assertArrayEquals(Wire.hex(encoded), Wire.written(writer -> writer.writeVarInt(value)));
    }

    @ParameterizedTest
    @CsvSource({
        "0, 1",
        "63, 1",
        "64, 2",
        "16383, 2",
        "16384, 4",
        "1073741823, 4",
        "1073741824, 8",
        "4611686018427387903, 8"
    })
    void theShortestEncodingIsChosenUpToItsLastValue(long value, int lengthBytes) {
        assertEquals(lengthBytes, VarInt.lengthBytes(value));
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, Long.MIN_VALUE, 1L << 62, Long.MAX_VALUE})
    void aValueBeyond62BitsIsRefused(long value) {
        assertThrows(IllegalArgumentException.class, () -> VarInt.lengthBytes(value));
        assertThrows(
                IllegalArgumentException.class, () -> WireWriter.of(new byte[8]).writeVarInt(value));
    }

    @Test
    void aLengthThatDoesNotExistOrDoesNotFitIsRefused() {
        WireWriter writer = WireWriter.of(new byte[16]);
        assertThrows(IllegalArgumentException.class, () -> writer.writeVarInt(64, 1));
        assertThrows(IllegalArgumentException.class, () -> writer.writeVarInt(5, 3));
        assertEquals(0, writer.position());
    }
}
