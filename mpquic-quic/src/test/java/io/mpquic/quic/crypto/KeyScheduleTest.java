package io.mpquic.quic.crypto;

import static io.mpquic.quic.crypto.Rfc9001Vectors.hex;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.mpquic.quic.conformance.Requirement;
import org.junit.jupiter.api.Test;

class KeyScheduleTest {
    private static final CipherSuite AES_128 = CipherSuite.TLS_AES_128_GCM_SHA256;
    private static final CipherSuite CHACHA20 = CipherSuite.TLS_CHACHA20_POLY1305_SHA256;

    @Test
    void labelsAreEncodedAsInAppendixA1() {
        byte[] none = {};
        assertArrayEquals(hex("00200f746c73313320636c69656e7420696e00"), KeySchedule.hkdfLabel("client in", none, 32));
        assertArrayEquals(hex("00200f746c7331332073657276657220696e00"), KeySchedule.hkdfLabel("server in", none, 32));
        assertArrayEquals(hex("00100e746c7331332071756963206b657900"), KeySchedule.hkdfLabel("quic key", none, 16));
        assertArrayEquals(hex("000c0d746c733133207175696320697600"), KeySchedule.hkdfLabel("quic iv", none, 12));
        assertArrayEquals(hex("00100d746c733133207175696320687000"), KeySchedule.hkdfLabel("quic hp", none, 16));
    }

    @Requirement("9001-5.2-1")
    @Test
    void theClientsInitialKeysAreThoseOfAppendixA1() {
        byte[] secret = KeySchedule.clientInitialSecret(Rfc9001Vectors.CLIENT_DESTINATION);
        assertArrayEquals(hex("c00cf151ca5be075ed0ebfb5c80323c4 2d6b7db67881289af4008f1f6c357aea"), secret);
        assertArrayEquals(hex("1f369613dd76d5467730efcbe3b1a22d"), KeySchedule.packetKey(AES_128, secret));
        assertArrayEquals(hex("fa044b2f42a3fd3b46fb255c"), KeySchedule.packetIv(AES_128, secret));
        assertArrayEquals(hex("9f50449e04a0e810283a1e9933adedd2"), KeySchedule.headerKey(AES_128, secret));
    }

    @Requirement("9001-5.2-1")
    @Test
    void theServersInitialKeysAreThoseOfAppendixA1() {
        byte[] secret = KeySchedule.serverInitialSecret(Rfc9001Vectors.CLIENT_DESTINATION);
        assertArrayEquals(hex("3c199828fd139efd216c155ad844cc81 fb82fa8d7446fa7d78be803acdda951b"), secret);
        assertArrayEquals(hex("cf3a5331653c364c88f0f379b6067e37"), KeySchedule.packetKey(AES_128, secret));
        assertArrayEquals(hex("0ac1493ca1905853b0bba03e"), KeySchedule.packetIv(AES_128, secret));
        assertArrayEquals(hex("c206b8d9b9f0f37644430b490eeaa314"), KeySchedule.headerKey(AES_128, secret));
    }

    @Test
    void theChaCha20KeysAreThoseOfAppendixA5() {
        byte[] secret = Rfc9001Vectors.CHACHA20_SECRET;
        assertArrayEquals(
                hex("c6d98ff3441c3fe1b2182094f69caa2e d4b716b65488960a7a984979fb23e1c8"),
                KeySchedule.packetKey(CHACHA20, secret));
        assertArrayEquals(hex("e0459b3474bdd0e44a41c144"), KeySchedule.packetIv(CHACHA20, secret));
        assertArrayEquals(
                hex("25a282b9e82f06f21f488917a4fc8f1b 73573685608597d0efcb076b0ab7a7a4"),
                KeySchedule.headerKey(CHACHA20, secret));
    }

    @Test
    void theSecretOfTheNextKeyPhaseIsThatOfAppendixA5() {
        assertArrayEquals(
                hex("1223504755036d556342ee9361d25342 1a826c9ecdf3c7148684b36b714881f9"),
                KeySchedule.nextSecret(CHACHA20, Rfc9001Vectors.CHACHA20_SECRET));
    }

    @Test
    void theKeyAndNonceOfRetryPacketsComeFromTheSecretThatSection58Names() {
        byte[] secret = hex("d9c9943e6101fd200021506bcc02814c73030f25c79d71ce876eca876e6fca8e");
        assertArrayEquals(hex("be0c690b9f66575a1d766b54e368c84e"), KeySchedule.packetKey(AES_128, secret));
        assertArrayEquals(hex("461599d35d632bf2239825bb"), KeySchedule.packetIv(AES_128, secret));
    }

    @Test
    void extractMatchesRfc5869TestCase1() {
        byte[] extracted = KeySchedule.hkdfExtract(
                AES_128, hex("000102030405060708090a0b0c"), hex("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"));
        assertArrayEquals(hex("077709362c2e32df0ddc3f0dc47bba63 90b6c73bb50f9c3122ec844ad7c2b3e5"), extracted);
    }

    @Test
    void extractTakesAnEmptySaltAsZerosLikeRfc5869TestCase3() {
        byte[] extracted =
                KeySchedule.hkdfExtract(AES_128, new byte[0], hex("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"));
        assertArrayEquals(hex("19ef24a32c717b167f33a91d6f648bdf 96596776afdb6377ac434c1c293ccb04"), extracted);
    }

    /** Expected bytes from an independent computation with Python's hmac module. */
    @Test
    void outputsOfSeveralBlocksAreStrungTogether() {
        assertArrayEquals(
                hex("91c159a5d3d4be6e1ab8afff04fb693abc66452b6ae72fab9c599bd14b9b8a16"
                        + "4c732606f54207db65934f05bc99e5f73c59989074ab47bd938c7f741aa06e5b"
                        + "32d0e99dd263"),
                KeySchedule.hkdfExpandLabel(AES_128, new byte[32], "long", new byte[0], 70));
    }

    /** Expected bytes from an independent computation with Python's hmac module. */
    @Test
    void theAes256SuiteDerivesWithSha384() {
        byte[] secret = new byte[48];
        for (int i = 0; i < secret.length; i++) {
            secret[i] = (byte) i;
        }
        CipherSuite suite = CipherSuite.TLS_AES_256_GCM_SHA384;
        assertArrayEquals(
                hex("95c517eea81b6469ff8f27a065fd04c1a27b3023591b93e273a9df5f921d1f68"),
                KeySchedule.packetKey(suite, secret));
        assertArrayEquals(
                hex("d21f524277390ba96b86484d9c687f850f1e4d1f997033bba06051129179a762"
                        + "a94067d065f3f715e83d65a7bf8c79b9"),
                KeySchedule.nextSecret(suite, secret));
    }

    @Test
    void aLabelOrContextThatDoesNotFitItsLengthByteIsRefused() {
        byte[] none = {};
        assertThrows(IllegalArgumentException.class, () -> KeySchedule.hkdfLabel("l".repeat(250), none, 16));
        assertThrows(IllegalArgumentException.class, () -> KeySchedule.hkdfLabel("label", new byte[256], 16));
        assertEquals(2 + 1 + 255 + 1 + 255, KeySchedule.hkdfLabel("l".repeat(249), new byte[255], 16).length);
    }

    @Test
    void outputsLongerThanHkdfCanMakeAreRefused() {
        assertThrows(
                IllegalArgumentException.class,
                () -> KeySchedule.hkdfExpandLabel(AES_128, new byte[32], "x", new byte[0], 255 * 32 + 1));
    }
}
