package io.mpquic.quic.crypto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.conformance.Requirement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PacketAeadTest {
    private static final int HEADER_BYTES = 10;
    private static final int PAYLOAD_BYTES = 30;
    private static final int CIPHERTEXT_BYTES = PAYLOAD_BYTES + PacketAead.TAG_BYTES;

    @ParameterizedTest
    @MethodSource("io.mpquic.quic.crypto.Protection#all")
    void aPacketWithOneChangedBitDoesNotOpen(Protection protection) {
        byte[] sealed = sealed(protection, 5);
        PacketAead receiver = protection.aead();
        for (int bit = 0; bit < sealed.length * 8; bit++) {
            byte[] changed = sealed.clone();
            changed[bit / 8] ^= (byte) (1 << bit % 8);
            assertFalse(open(receiver, 5, changed), "bit " + bit);
        }
    }

    @ParameterizedTest
    @MethodSource("io.mpquic.quic.crypto.Protection#all")
    void aForgedPacketDoesNotKeepTheGenuineOneWithTheSameNumberFromOpening(Protection protection) {
        byte[] sealed = sealed(protection, 5);
        byte[] forged = sealed.clone();
        forged[HEADER_BYTES] ^= 1;
        PacketAead receiver = protection.aead();
        assertFalse(open(receiver, 5, forged));
        assertTrue(open(receiver, 5, sealed.clone()));
    }

    @ParameterizedTest
    @MethodSource("io.mpquic.quic.crypto.Protection#all")
    void aPacketThatComesTwiceOpensTwice(Protection protection) {
        byte[] sealed = sealed(protection, 5);
        PacketAead receiver = protection.aead();
        assertTrue(open(receiver, 5, sealed.clone()));
        assertTrue(open(receiver, 5, sealed.clone()));
    }

    @ParameterizedTest
    @MethodSource("io.mpquic.quic.crypto.Protection#all")
    void packetsOpenInAnyOrder(Protection protection) {
        PacketAead receiver = protection.aead();
        for (long packetNumber : new long[] {9, 2, (1L << 62) - 1, 0, 3}) {
            assertTrue(open(receiver, packetNumber, sealed(protection, packetNumber)), "packet " + packetNumber);
        }
    }

    @ParameterizedTest
    @MethodSource("io.mpquic.quic.crypto.Protection#all")
    void aPacketDoesNotOpenUnderAnotherNumber(Protection protection) {
        assertFalse(open(protection.aead(), 6, sealed(protection, 5)));
    }

    @Requirement("9000-12.3-2")
    @ParameterizedTest
    @MethodSource("io.mpquic.quic.crypto.Protection#all")
    void aPacketNumberIsNeverSealedTwice(Protection protection) {
        PacketAead sender = protection.aead();
        MemorySegment packet = MemorySegment.ofArray(new byte[HEADER_BYTES + CIPHERTEXT_BYTES]);
        sender.seal(5, packet, 0, HEADER_BYTES, PAYLOAD_BYTES);
        assertThrows(IllegalStateException.class, () -> sender.seal(5, packet, 0, HEADER_BYTES, PAYLOAD_BYTES));
        assertThrows(IllegalStateException.class, () -> sender.seal(4, packet, 0, HEADER_BYTES, PAYLOAD_BYTES));
        sender.seal(8, packet, 0, HEADER_BYTES, PAYLOAD_BYTES);
        assertTrue(protection.aead().open(8, packet, 0, HEADER_BYTES, CIPHERTEXT_BYTES));
    }

    @ParameterizedTest
    @MethodSource("io.mpquic.quic.crypto.Protection#all")
    void aCiphertextTooShortForATagDoesNotOpen(Protection protection) {
        MemorySegment packet = MemorySegment.ofArray(new byte[HEADER_BYTES + CIPHERTEXT_BYTES]);
        for (int length = 0; length < PacketAead.TAG_BYTES; length++) {
            assertFalse(protection.aead().open(0, packet, 0, HEADER_BYTES, length));
        }
    }

    @ParameterizedTest
    @MethodSource("io.mpquic.quic.crypto.Protection#all")
    void aPacketWithoutRoomForItsTagIsRefusedAndNothingIsWritten(Protection protection) {
        byte[] bytes = new byte[HEADER_BYTES + CIPHERTEXT_BYTES - 1];
        MemorySegment packet = MemorySegment.ofArray(bytes);
        assertThrows(
                IndexOutOfBoundsException.class,
                () -> protection.aead().seal(0, packet, 0, HEADER_BYTES, PAYLOAD_BYTES));
        assertEquals(-1, packet.mismatch(MemorySegment.ofArray(new byte[bytes.length])));
    }

    @ParameterizedTest
    @MethodSource("io.mpquic.quic.crypto.Protection#all")
    void theLargestUdpPayloadCanBeSealedAndOpened(Protection protection) {
        int payloadBytes = 65527 - HEADER_BYTES - PacketAead.TAG_BYTES;
        MemorySegment packet = MemorySegment.ofArray(new byte[65527]);
        packet.set(ValueLayout.JAVA_BYTE, HEADER_BYTES + payloadBytes - 1, (byte) 0x77);
        protection.aead().seal(1, packet, 0, HEADER_BYTES, payloadBytes);
        assertTrue(protection.aead().open(1, packet, 0, HEADER_BYTES, payloadBytes + PacketAead.TAG_BYTES));
        assertEquals(0x77, packet.get(ValueLayout.JAVA_BYTE, HEADER_BYTES + payloadBytes - 1));
    }

    @ParameterizedTest
    @MethodSource("io.mpquic.quic.crypto.Protection#all")
    void aRepeatedSampleGivesTheSameMaskAgain(Protection protection) {
        HeaderMask mask = protection.mask();
        MemorySegment samples = MemorySegment.ofArray(new byte[HeaderMask.SAMPLE_BYTES + 1]);
        samples.set(ValueLayout.JAVA_BYTE, HeaderMask.SAMPLE_BYTES, (byte) 1);
        long first = mask.mask(samples, 0);
        assertEquals(first, mask.mask(samples, 0));
        long other = mask.mask(samples, 1);
        assertTrue(first != other && first >>> 40 == 0 && other >>> 40 == 0);
        assertEquals(first, mask.mask(samples, 0));
    }

    private static byte[] sealed(Protection protection, long packetNumber) {
        byte[] packet = new byte[HEADER_BYTES + CIPHERTEXT_BYTES];
        protection.aead().seal(packetNumber, MemorySegment.ofArray(packet), 0, HEADER_BYTES, PAYLOAD_BYTES);
        return packet;
    }

    private static boolean open(PacketAead aead, long packetNumber, byte[] packet) {
        return aead.open(packetNumber, MemorySegment.ofArray(packet), 0, HEADER_BYTES, CIPHERTEXT_BYTES);
    }
}
