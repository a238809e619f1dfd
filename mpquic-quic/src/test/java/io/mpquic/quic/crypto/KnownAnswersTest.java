package io.mpquic.quic.crypto;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class KnownAnswersTest {
    /** Another key than it was given: agrees with itself in all it does. */
    private static final class WrongKey extends Provider {
        @Override
        public PacketAead aead(CipherSuite suite, byte[] key, byte[] iv) {
            byte[] other = key.clone();
            other[3] ^= 1;
            return super.aead(suite, other, iv);
        }
    }

    private static final class WrongMask extends Provider {
        @Override
        public HeaderMask headerMask(CipherSuite suite, byte[] key) {
            HeaderMask right = super.headerMask(suite, key);
            return (packet, sampleOffset) -> right.mask(packet, sampleOffset) ^ 1;
        }
    }

    private static final class Credulous extends Provider {
        @Override
        public PacketAead aead(CipherSuite suite, byte[] key, byte[] iv) {
            PacketAead right = super.aead(suite, key, iv);
            return new PacketAead() {
                @Override
                public void sealFrom(
                        MemorySegment payload,
                        long payloadOffset,
                        int payloadLength,
                        long packetNumber,
                        MemorySegment packet,
                        long headerOffset,
                        int headerLength) {
                    right.sealFrom(
                            payload, payloadOffset, payloadLength, packetNumber, packet, headerOffset, headerLength);
                }

                @Override
                public boolean open(
                        long packetNumber, MemorySegment packet, long headerOffset, int headerLength, int length) {
                    right.open(packetNumber, packet, headerOffset, headerLength, length);
                    return true;
                }
            };
        }
    }

    private static class Provider implements CryptoProvider {
        @Override
        public PacketAead aead(CipherSuite suite, byte[] key, byte[] iv) {
            return CryptoProvider.jdk().aead(suite, key, iv);
        }

        @Override
        public HeaderMask headerMask(CipherSuite suite, byte[] key) {
            return CryptoProvider.jdk().headerMask(suite, key);
        }

        @Override
        public String name() {
            return "test";
        }
    }

    @ParameterizedTest
    @EnumSource
    void theCiphersOfTheJdkGiveThem(CipherSuite suite) {
        assertTrue(KnownAnswers.areGivenBy(CryptoProvider.jdk(), suite));
        assertTrue(KnownAnswers.areGivenBy(new Provider(), suite));
    }

    @ParameterizedTest
    @EnumSource
    void aLibraryThatAgreesOnlyWithItselfDoesNot(CipherSuite suite) {
        assertFalse(KnownAnswers.areGivenBy(new WrongKey(), suite));
        assertFalse(KnownAnswers.areGivenBy(new WrongMask(), suite));
    }

    @ParameterizedTest
    @EnumSource
    void aLibraryThatBelievesEveryTagDoesNot(CipherSuite suite) {
        assertFalse(KnownAnswers.areGivenBy(new Credulous(), suite));
    }
}
