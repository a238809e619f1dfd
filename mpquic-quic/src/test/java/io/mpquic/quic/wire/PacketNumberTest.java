package io.mpquic.quic.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.mpquic.quic.conformance.Requirement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PacketNumberTest {
    @Requirement("9000-17.1-1")
    @Test
    void theEncodingSamplesOfTheRfcHaveTheirLengths() {
        // RFC 9000, appendix A.2.
        assertEquals(2, PacketNumber.lengthBytes(0xac5c02, 0xabe8b3));
        assertEquals(3, PacketNumber.lengthBytes(0xace8fe, 0xabe8b3));
    }

    @Test
    void theDecodingSampleOfTheRfcDecodes() {
        // RFC 9000, appendix A.3.
        assertEquals(0xa82f9b32L, PacketNumber.decode(0x9b32, 2, 0xa82f30eaL));
    }

    @ParameterizedTest
    @CsvSource({
        "0, -1, 1",
        "126, -1, 1",
        "127, -1, 2",
        "32766, -1, 2",
        "32767, -1, 3",
        "8388606, -1, 3",
        "8388607, -1, 4",
        "1000127, 1000000, 1",
        "1000128, 1000000, 2"
    })
    void theEncodingSpansMoreThanTwiceTheDistance(long packetNumber, long largestAcknowledged, int lengthBytes) {
        assertEquals(lengthBytes, PacketNumber.lengthBytes(packetNumber, largestAcknowledged));
    }

    @Test
    void aNumberThatNoEncodingCouldCarryIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> PacketNumber.lengthBytes(5, 5));
        assertThrows(IllegalArgumentException.class, () -> PacketNumber.lengthBytes(-1, -1));
        assertThrows(IllegalArgumentException.class, () -> PacketNumber.lengthBytes(1L << 31, 0));
        assertThrows(IllegalArgumentException.class, () -> Wire.written(writer -> PacketNumber.write(writer, 1, 5)));
        assertThrows(IllegalArgumentException.class, () -> Wire.written(writer -> PacketNumber.write(writer, 1, 0)));
    }

    @Test
    void aNumberBeforeTheExpectedOneDecodesDownwards() {
        assertEquals(0x1ff, PacketNumber.decode(0xff, 1, 0x200));
        assertEquals(0x300, PacketNumber.decode(0x00, 1, 0x2fe));
        assertEquals(0xff, PacketNumber.decode(0xff, 1, -1));
    }

    // RFC 9000 §A.3: the window reaches from just above half a window below the expected number to half a window above.
    @Test
    void aNumberHalfAWindowAwayLiesAboveTheExpectedOne() {
        assertEquals(0x200, PacketNumber.decode(0x00, 1, 0x17f));
        assertEquals(0x101, PacketNumber.decode(0x01, 1, 0x17f));
        assertEquals(0x180, PacketNumber.decode(0x80, 1, 0xff));
        assertEquals(0x81, PacketNumber.decode(0x81, 1, 0xff));
    }

    @Test
    void theLastNumberOfAllDecodes() {
        assertEquals(VarInt.MAX, PacketNumber.decode(0xff, 1, VarInt.MAX - 1));
        assertEquals(VarInt.MAX - 255, PacketNumber.decode(0x00, 1, VarInt.MAX - 1));
    }

    @Test
    void onlyTheLowestBytesAreWritten() {
        long packetNumber = 0x0102030405060708L;
        assertArrayEquals(Wire.hex("08"), Wire.written(writer -> PacketNumber.write(writer, packetNumber, 1)));
        assertArrayEquals(Wire.hex("0708"), Wire.written(writer -> PacketNumber.write(writer, packetNumber, 2)));
        assertArrayEquals(Wire.hex("060708"), Wire.written(writer -> PacketNumber.write(writer, packetNumber, 3)));
        assertArrayEquals(Wire.hex("05060708"), Wire.written(writer -> PacketNumber.write(writer, packetNumber, 4)));
    }
}
