package io.mpquic.quic.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class WireReaderTest {
    @Test
    void numbersAreReadInNetworkByteOrderWithoutASign() throws TransportException {
        WireReader reader = Wire.readerOf("ff  fffe  fffffffd  fffffffffffffffc  0102  030405");
        assertEquals(0xff, reader.peekByte());
        assertEquals(0xff, reader.readByte());
        assertEquals(0xfffe, reader.readUnsignedShort());
        assertEquals(0xfffffffdL, reader.readUnsignedInt());
        assertEquals(-4, reader.readLong());
        assertArrayEquals(Wire.hex("0102"), reader.readBytes(2));
        assertArrayEquals(Wire.hex("030405"), reader.readSlice(3).toArray(ValueLayout.JAVA_BYTE));
        assertEquals(0, reader.remaining());
    }

    @Test
    void everyReadBeyondTheLimitIsAFrameEncodingErrorThoughTheSegmentGoesOn() throws TransportException {
        MemorySegment segment = Wire.memory(Wire.hex("0000 c0 ffff ffff ffff ffff"));
        WireReader reader = new WireReader().wrap(segment, 2, 1);
        Executable[] reads = {
            reader::readUnsignedShort,
            reader::readUnsignedInt,
            reader::readLong,
            reader::readVarInt,
            () -> reader.readBytes(2),
            () -> reader.readSlice(2),
            () -> reader.skip(2)
        };
        for (Executable read : reads) {
            assertFrameEncodingError(read);
            assertEquals(2, reader.position());
        }
        reader.skip(1);
        assertFrameEncodingError(reader::readByte);
        assertFrameEncodingError(reader::peekByte);
    }

    @Test
    void aNewReaderHasNothingToRead() {
        WireReader reader = new WireReader();
        assertEquals(0, reader.remaining());
        assertFrameEncodingError(reader::readByte);
    }

    @Test
    void aSliceShowsTheMemoryBelowInsteadOfACopy() throws TransportException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment packet = arena.allocate(10);
            MemorySegment slice = new WireReader().wrap(packet, 3, 5).readSlice(2);
            packet.set(ValueLayout.JAVA_BYTE, 4, (byte) 7);
            assertEquals(7, slice.get(ValueLayout.JAVA_BYTE, 1));
        }
    }

    @Test
    void thePositionStaysInsideTheWrappedPart() {
        WireReader reader = new WireReader().wrap(Wire.memory(new byte[10]), 2, 5);
        reader.position(7);
        assertEquals(0, reader.remaining());
        assertThrows(IllegalArgumentException.class, () -> reader.position(1));
        assertThrows(IllegalArgumentException.class, () -> reader.position(8));
        assertEquals(7, reader.position());
    }

    @Test
    void aPartOutsideTheSegmentIsRefused() {
        MemorySegment segment = Wire.memory(new byte[4]);
        assertThrows(IndexOutOfBoundsException.class, () -> new WireReader().wrap(segment, 3, 2));
        assertThrows(IndexOutOfBoundsException.class, () -> new WireReader().wrap(segment, -1, 2));
        assertThrows(IndexOutOfBoundsException.class, () -> new WireReader().wrap(segment, 0, -1));
    }

    @Test
    void aNegativeLengthIsABugAndNoFaultOfThePeer() {
        WireReader reader = WireReader.of(new byte[4]);
        assertThrows(IllegalArgumentException.class, () -> reader.skip(-1));
        assertThrows(IllegalArgumentException.class, () -> reader.readBytes(-1));
    }

    private static void assertFrameEncodingError(Executable read) {
        assertEquals(
                TransportError.FRAME_ENCODING_ERROR,
                assertThrows(TransportException.class, read).errorCode());
    }
}
