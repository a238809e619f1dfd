package io.mpquic.quic.crypto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.mpquic.quic.conformance.Requirement;
import java.security.MessageDigest;
import javax.crypto.Mac;
import org.junit.jupiter.api.Test;

class CipherSuiteTest {
    @Test
    void suitesAreFoundByTheirTlsNumber() {
        assertSame(CipherSuite.TLS_AES_128_GCM_SHA256, CipherSuite.ofId(0x1301));
        assertSame(CipherSuite.TLS_AES_256_GCM_SHA384, CipherSuite.ofId(0x1302));
        assertSame(CipherSuite.TLS_CHACHA20_POLY1305_SHA256, CipherSuite.ofId(0x1303));
    }

    @Requirement({"9001-5.3-1", "9001-5.4.1-1"})
    @Test
    void aSuiteWithoutHeaderProtectionIsUnknown() {
        assertNull(CipherSuite.ofId(0x1305)); // TLS_AES_128_CCM_8_SHA256
    }

    @Requirement({"9001-6.6-7", "9001-6.6-8"})
    @Test
    void limitsAreThoseOfRfc9001Section66() {
        assertEquals(1L << 23, CipherSuite.TLS_AES_128_GCM_SHA256.confidentialityLimit());
        assertEquals(1L << 23, CipherSuite.TLS_AES_256_GCM_SHA384.confidentialityLimit());
        assertEquals(1L << 62, CipherSuite.TLS_CHACHA20_POLY1305_SHA256.confidentialityLimit());
        assertEquals(1L << 52, CipherSuite.TLS_AES_128_GCM_SHA256.integrityLimit());
        assertEquals(1L << 52, CipherSuite.TLS_AES_256_GCM_SHA384.integrityLimit());
        assertEquals(1L << 36, CipherSuite.TLS_CHACHA20_POLY1305_SHA256.integrityLimit());
    }

    @Test
    void hashAndMacOfEverySuiteHaveTheLengthThatItStates() throws Exception {
        for (CipherSuite suite : CipherSuite.values()) {
            assertEquals(
                    suite.hashBytes(),
                    MessageDigest.getInstance(suite.hashName()).getDigestLength());
            assertEquals(suite.hashBytes(), Mac.getInstance(suite.macName()).getMacLength());
        }
    }
}
