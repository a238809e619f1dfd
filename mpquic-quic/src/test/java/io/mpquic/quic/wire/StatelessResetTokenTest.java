package io.mpquic.quic.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class StatelessResetTokenTest {
    private static final byte[] BYTES = Wire.hex("000102030405060708090a0b0c0d0e0f");

    private final StatelessResetToken token = StatelessResetToken.of(BYTES);

    @Test
    void aTokenIsItsSixteenBytes() {
        assertArrayEquals(BYTES, token.bytes());
        assertEquals(token, StatelessResetToken.of(BYTES.clone()));
        assertEquals(token.hashCode(), StatelessResetToken.of(BYTES.clone()).hashCode());
        assertThrows(IllegalArgumentException.class, () -> StatelessResetToken.of(new byte[15]));
    }

    @Test
    void aDifferenceInAnyByteMakesAnotherToken() {
        for (int i = 0; i < BYTES.length; i++) {
            byte[] other = BYTES.clone();
            other[i] ^= 1;
            assertNotEquals(token, StatelessResetToken.of(other));
        }
    }

    @Test
    void aStatelessResetIsKnownByTheLastSixteenBytesOfItsDatagram() {
        byte[] datagram = new byte[50];
        System.arraycopy(BYTES, 0, datagram, 24, 16);
        assertEquals(token, StatelessResetToken.atEndOf(Wire.memory(datagram), 40));
        assertNotEquals(token, StatelessResetToken.atEndOf(Wire.memory(datagram), 41));
    }

    @Test
    void noLogShowsAToken() {
        assertFalse(token.toString().contains("1"));
    }
}
