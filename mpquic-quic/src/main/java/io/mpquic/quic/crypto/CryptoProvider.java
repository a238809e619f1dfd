package io.mpquic.quic.crypto;

import java.util.Optional;

/**
 * Makes the ciphers that packets are protected with. It is the seam between the protocol and the library that does the
 * arithmetic. Thread-safe; what it makes is not.
 */
public interface CryptoProvider {
    /**
     * A packet cipher for one key.
     *
     * @param key {@link CipherSuite#keyBytes()} bytes
     * @param iv {@link CipherSuite#IV_BYTES} bytes
     * @throws IllegalArgumentException if a length is wrong
     */
    PacketAead aead(CipherSuite suite, byte[] key, byte[] iv);

    /**
     * A header mask for one header key.
     *
     * @param key {@link CipherSuite#keyBytes()} bytes
     * @throws IllegalArgumentException if the length is wrong
     */
    HeaderMask headerMask(CipherSuite suite, byte[] key);

    /** A short name for logs and measurements, for example {@code jdk}. */
    String name();

    /** The ciphers of the running JDK: there on every platform, and needing no native access. */
    static CryptoProvider jdk() {
        return JdkCryptoProvider.INSTANCE;
    }

    /**
     * The ciphers of libcrypto 3 (OpenSSL), called through {@link java.lang.foreign}: about as fast as those of the JDK, but
     * without an object for each packet, and from the first packet on. Empty where the library is not there, is not fit, or
     * native access is not permitted to this module.
     */
    static Optional<CryptoProvider> libcrypto() {
        return NativeCryptoProvider.find();
    }

    /** {@link #libcrypto} where it is there, otherwise {@link #jdk}. */
    static CryptoProvider fastest() {
        return libcrypto().orElseGet(CryptoProvider::jdk);
    }
}
