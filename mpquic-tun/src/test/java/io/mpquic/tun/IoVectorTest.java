package io.mpquic.tun;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class IoVectorTest {
    private final Arena arena = Arena.ofAuto();
    private final MemorySegment hello = arena.allocateFrom("hello");
    private final MemorySegment world = arena.allocateFrom("world");
    private final IoVector vector = new IoVector(2);

    @Test
    void anEntryIsAnAddressAndALength() {
        vector.add(hello, 0, 5);
        vector.add(world, 1, 3);

        assertEquals(2, vector.count());
        assertEquals(8, vector.lengthBytes());
        assertEquals(world.address() + 1, vector.entries().get(JAVA_LONG, 16));
        assertEquals(3, vector.entries().get(JAVA_LONG, 24));
    }

    @Test
    void thePiecesAreCopiedOneAfterTheOther() {
        MemorySegment target = arena.allocate(16);
        vector.add(hello, 1, 4);
        vector.add(world, 0, 3);

        assertEquals(7, vector.copyTo(target, 1));
        assertEquals("ellowor", target.getString(1));
    }

    @Test
    void aClearedOneIsFilledAnew() {
        vector.add(hello, 0, 5);
        vector.clear();
        assertEquals(0, vector.lengthBytes());
        vector.add(world, 0, 2);

        assertEquals(1, vector.count());
        assertEquals(2, vector.lengthBytes());
    }

    @Test
    void whatIsNotInsideOfTheBufferOrNotNativeIsRefused() {
        assertThrows(IndexOutOfBoundsException.class, () -> vector.add(hello, 2, 5));
        assertThrows(IndexOutOfBoundsException.class, () -> vector.add(hello, 0, -1));
        MemorySegment heap = MemorySegment.ofArray(new byte[8]);
        assertThrows(IllegalArgumentException.class, () -> vector.add(heap, 0, 8));
        assertEquals(0, vector.count());
        assertEquals(0, hello.get(JAVA_BYTE, 5));
    }

    @Test
    void aPieceTooManyIsRefused() {
        vector.add(hello, 0, 1);
        vector.add(hello, 0, 1);
        assertThrows(IndexOutOfBoundsException.class, () -> vector.add(hello, 0, 1));
        assertEquals(2, vector.lengthBytes());
        assertThrows(IllegalArgumentException.class, () -> new IoVector(0));
        assertThrows(IllegalArgumentException.class, () -> new IoVector(1025));
    }
}
