package io.mpquic.quic.crypto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.security.GeneralSecurityException;
import org.junit.jupiter.api.Test;

class JdkCryptoProviderTest {
    @Test
    void aRuntimeWithoutACipherIsABrokenInstallationAndSaysWhichItMisses() {
        IllegalStateException broken =
                assertThrows(IllegalStateException.class, () -> JdkCryptoProvider.cipher("Caesar/GCM/NoPadding"));
        assertEquals("this Java runtime cannot do Caesar/GCM/NoPadding", broken.getMessage());
        assertInstanceOf(GeneralSecurityException.class, broken.getCause());
    }

    @Test
    void aMaskIsTheFirstFiveBytesInTheirOrder() {
        assertEquals(
                0xff_01_80_02_feL,
                JdkCryptoProvider.firstFiveBytes(new byte[] {(byte) 0xff, 1, (byte) 0x80, 2, (byte) 0xfe, 99}));
    }
}
