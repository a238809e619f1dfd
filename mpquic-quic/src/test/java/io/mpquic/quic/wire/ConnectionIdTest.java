package io.mpquic.quic.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.conformance.Requirement;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class ConnectionIdTest {
    @Test
    void aConnectionIdDoesNotChangeWithTheArraysItCameFromAndGaveAway() {
        byte[] bytes = Wire.hex("0102");
        ConnectionId id = new ConnectionId(bytes);
        bytes[0] = 9;
        id.bytes()[1] = 9;
        assertArrayEquals(Wire.hex("0102"), id.bytes());
        assertEquals("0102", id.toString());
    }

    @Test
    void twoConnectionIdsOfTheSameBytesAreEqual() {
        ConnectionId id = new ConnectionId(Wire.hex("0102"));
        ConnectionId same = ConnectionId.read(Wire.memory(Wire.hex("00010203")), 1, 2);
        assertEquals(id, same);
        assertEquals(id.hashCode(), same.hashCode());
        assertNotEquals(id, new ConnectionId(Wire.hex("010200")));
    }

    @Requirement({"9000-17.2-2", "9000-17.2-4"})
    @Test
    void moreThan20BytesAreNoConnectionIdOfVersion1() {
        assertEquals(20, new ConnectionId(new byte[20]).lengthBytes());
        assertThrows(IllegalArgumentException.class, () -> new ConnectionId(new byte[21]));
        assertTrue(ConnectionId.EMPTY.isEmpty());
    }

    @Test
    void eightBytesAreALong() {
        ConnectionId id = new ConnectionId(Wire.hex("fedcba9876543210"));
        assertEquals(0xfedcba9876543210L, id.asLong());
        assertEquals(id, ConnectionId.ofLong(0xfedcba9876543210L));
        assertThrows(IllegalStateException.class, () -> new ConnectionId(new byte[7]).asLong());
    }

    @Test
    void itIsRecognisedInAPacketThatIsLongEnough() {
        MemorySegment packet = Wire.memory(Wire.hex("40 010203"));
        assertTrue(new ConnectionId(Wire.hex("0102")).matches(packet, 1));
        assertTrue(new ConnectionId(Wire.hex("010203")).matches(packet, 1));
        assertFalse(new ConnectionId(Wire.hex("0103")).matches(packet, 1));
        assertFalse(new ConnectionId(Wire.hex("01020304")).matches(packet, 1));
        assertFalse(ConnectionId.EMPTY.matches(packet, -1));
    }
}
