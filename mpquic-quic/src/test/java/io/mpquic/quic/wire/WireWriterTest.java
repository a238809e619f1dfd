package io.mpquic.quic.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class WireWriterTest {
    @Test
    void numbersAreWrittenInNetworkByteOrder() {
        byte[] buffer = new byte[24];
        java.util.Arrays.fill(buffer, (byte) 0xee);
        WireWriter writer = WireWriter.of(buffer);
        writer.writeByte(0x1ff).writeShort(0x10203).writeInt(0x04050607).writeLong(0x08090a0b0c0d0e0fL);
        writer.writeBytes(Wire.hex("1011"))
                .writeSegment(Wire.memory(Wire.hex("99121399")), 1, 2)
                .zeros(3);
        assertEquals(2, writer.remaining());
        assertArrayEquals(Wire.hex("ff 0203 04050607 08090a0b0c0d0e0f 1011 1213 000000 eeee"), buffer);
    }

    @Test
    void writingBeyondTheLimitIsABugThoughTheSegmentGoesOn() {
        byte[] buffer = new byte[20];
        WireWriter writer = new WireWriter().wrap(MemorySegment.ofArray(buffer), 2, 1);
        Executable[] writes = {
            () -> writer.writeShort(-1),
            () -> writer.writeInt(-1),
            () -> writer.writeLong(-1),
            () -> writer.writeVarInt(64),
            () -> writer.writeBytes(Wire.hex("ffff")),
            () -> writer.writeSegment(Wire.memory(Wire.hex("ffff")), 0, 2),
            () -> writer.zeros(2)
        };
        for (Executable write : writes) {
            assertThrows(IndexOutOfBoundsException.class, write);
            assertEquals(2, writer.position());
        }
        assertArrayEquals(new byte[20], buffer);
    }

    @Test
    void thePositionStaysInsideTheWrappedPart() {
        WireWriter writer = new WireWriter().wrap(MemorySegment.ofArray(new byte[10]), 2, 5);
        writer.position(7);
        assertEquals(0, writer.remaining());
        assertThrows(IllegalArgumentException.class, () -> writer.position(1));
        assertThrows(IllegalArgumentException.class, () -> writer.position(8));
    }
}
