package io.mpquic.quic.crypto;

import java.security.Provider;
import java.security.Security;
import javax.crypto.Cipher;
import org.jspecify.annotations.Nullable;

/** Packet protection by the ciphers of the JDK. */
final class JdkCryptoProvider implements CryptoProvider {
    static final JdkCryptoProvider INSTANCE = new JdkCryptoProvider();

    /**
     * Named on purpose: it has the compiler intrinsics. A provider that an embedder installed in front of it can be 20
     * times slower, and may not encrypt as this package expects.
     */
    private static final @Nullable Provider SUN_JCE = Security.getProvider("SunJCE");

    private JdkCryptoProvider() {}

    @Override
    public PacketAead aead(CipherSuite suite, byte[] key, byte[] iv) {
        suite.requireKey(key);
        suite.requireIv(iv);
        return switch (suite) {
            case TLS_AES_128_GCM_SHA256, TLS_AES_256_GCM_SHA384 -> JdkPacketAead.aesGcm(key, iv);
            case TLS_CHACHA20_POLY1305_SHA256 -> JdkPacketAead.chaCha20Poly1305(key, iv);
        };
    }

    @Override
    public HeaderMask headerMask(CipherSuite suite, byte[] key) {
        suite.requireKey(key);
        return switch (suite) {
            case TLS_AES_128_GCM_SHA256, TLS_AES_256_GCM_SHA384 -> new JdkAesHeaderMask(key);
            case TLS_CHACHA20_POLY1305_SHA256 -> new JdkChaCha20HeaderMask(key);
        };
    }

    @Override
    public String name() {
        return "jdk";
    }

    /** A new cipher object. Every JDK has the ones named here, so a missing one is a broken installation. */
    static Cipher cipher(String transformation) {
        return Jca.always(
                transformation,
                () -> SUN_JCE != null
                        ? Cipher.getInstance(transformation, SUN_JCE)
                        : Cipher.getInstance(transformation));
    }

    /** Packs a mask as {@link HeaderMask#mask} returns it. */
    static long firstFiveBytes(byte[] bytes) {
        return (bytes[0] & 0xffL) << 32
                | (bytes[1] & 0xffL) << 24
                | (bytes[2] & 0xffL) << 16
                | (bytes[3] & 0xffL) << 8
                | (bytes[4] & 0xffL);
    }
}
