package io.mpquic.quic.crypto;

import static io.mpquic.quic.crypto.Rfc9001Vectors.CLIENT_DESTINATION;
import static io.mpquic.quic.crypto.Rfc9001Vectors.RETRY_PACKET;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.wire.ConnectionId;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class RetryIntegrityTest {
    private static final byte[] WITHOUT_TAG = Arrays.copyOf(RETRY_PACKET, RETRY_PACKET.length - PacketAead.TAG_BYTES);

    @Test
    void theTagIsThatOfAppendixA4EveryTime() {
        byte[] expected = Arrays.copyOfRange(RETRY_PACKET, WITHOUT_TAG.length, RETRY_PACKET.length);
        for (int i = 0; i < 3; i++) {
            assertArrayEquals(expected, RetryIntegrity.tag(CLIENT_DESTINATION, WITHOUT_TAG));
        }
    }

    @Test
    void theRetryPacketOfAppendixA4IsGenuine() {
        assertTrue(RetryIntegrity.verify(CLIENT_DESTINATION, RETRY_PACKET));
    }

    @Test
    void aRetryPacketWithOneChangedBitIsNotGenuine() {
        for (int bit = 0; bit < RETRY_PACKET.length * 8; bit++) {
            byte[] changed = RETRY_PACKET.clone();
            changed[bit / 8] ^= (byte) (1 << bit % 8);
            assertFalse(RetryIntegrity.verify(CLIENT_DESTINATION, changed), "bit " + bit);
        }
    }

    @Test
    void aRetryPacketForAnotherConnectionIsNotGenuine() {
        assertFalse(RetryIntegrity.verify(new ConnectionId(new byte[8]), RETRY_PACKET));
        assertFalse(RetryIntegrity.verify(new ConnectionId(new byte[0]), RETRY_PACKET));
    }

    @Test
    void aPacketTooShortForATagIsNotGenuine() {
        for (int length = 0; length < PacketAead.TAG_BYTES; length++) {
            assertFalse(RetryIntegrity.verify(CLIENT_DESTINATION, new byte[length]));
        }
    }
}
