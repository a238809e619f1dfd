package io.mpquic.quic.crypto;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class HeaderMaskTest {
    /** The sample is what anybody on the network made it: with ChaCha20, a counter at its end among others. */
    @ParameterizedTest
    @MethodSource("io.mpquic.quic.crypto.Protection#all")
    void everySampleHasAMask(Protection protection) {
        HeaderMask mask = protection.mask();
        for (int first : new int[] {0, 1, 0x7f, 0x80, 0xfe, 0xff}) {
            for (int last : new int[] {0, 0x7f, 0x80, 0xff}) {
                for (int rest : new int[] {0, 0xff}) {
                    byte[] sample = new byte[16];
                    Arrays.fill(sample, (byte) rest);
                    sample[0] = (byte) first;
                    sample[3] = (byte) last;
                    assertDoesNotThrow(() -> mask.mask(MemorySegment.ofArray(sample), 0));
                    assertDoesNotThrow(() -> mask.mask(MemorySegment.ofArray(sample), 0));
                }
            }
        }
    }
}
