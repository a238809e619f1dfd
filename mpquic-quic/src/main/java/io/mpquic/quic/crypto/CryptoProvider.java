package io.mpquic.quic.crypto;

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
}
