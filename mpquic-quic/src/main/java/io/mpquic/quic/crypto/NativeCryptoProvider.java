package io.mpquic.quic.crypto;

import io.mpquic.quic.crypto.LibCrypto.Algorithm;
import java.util.Optional;

/** Packet protection by libcrypto 3 of OpenSSL, called without JNI. */
final class NativeCryptoProvider implements CryptoProvider {
    private static final System.Logger LOG = System.getLogger(NativeCryptoProvider.class.getName());

    private final boolean tellsNonce;

    /**
     * The library, used in one of two ways.
     *
     * @param tellsNonce whether AES-GCM gets its nonces as {@link CipherParameters#NONCE}: it saves a tenth of the time of a
     *     packet, and only the source of the library speaks of it
     */
    NativeCryptoProvider(boolean tellsNonce) {
        this.tellsNonce = tellsNonce;
    }

    /** The provider, where the library is there and does what it should; found out once. */
    static Optional<CryptoProvider> find() {
        return Found.PROVIDER;
    }

    /** Where the search is done, and its outcome kept. */
    private static final class Found {
        static final Optional<CryptoProvider> PROVIDER = search();

        private static Optional<CryptoProvider> search() {
            return usable(true).or(() -> usable(false));
        }

        private static Optional<CryptoProvider> usable(boolean tellsNonce) {
            try {
                NativeCryptoProvider provider = new NativeCryptoProvider(tellsNonce);
                for (CipherSuite suite : CipherSuite.values()) {
                    if (!KnownAnswers.areGivenBy(provider, suite)) {
                        throw new IllegalStateException(provider + " does not do " + suite);
                    }
                }
                return Optional.of(provider);
            } catch (LinkageError | RuntimeException e) {
                // Not there, an older one, one without these ciphers, or no permission for native access.
                LOG.log(System.Logger.Level.DEBUG, "no packet protection by {0}: {1}", LibCrypto.LIBRARY, e);
                return Optional.empty();
            }
        }
    }

    @Override
    public PacketAead aead(CipherSuite suite, byte[] key, byte[] iv) {
        suite.requireKey(key);
        suite.requireIv(iv);
        return new NativePacketAead(
                switch (suite) {
                    case TLS_AES_128_GCM_SHA256 -> Algorithm.AES_128_GCM;
                    case TLS_AES_256_GCM_SHA384 -> Algorithm.AES_256_GCM;
                    case TLS_CHACHA20_POLY1305_SHA256 -> Algorithm.CHACHA20_POLY1305;
                },
                key,
                iv,
                tellsNonce && suite != CipherSuite.TLS_CHACHA20_POLY1305_SHA256);
    }

    @Override
    public HeaderMask headerMask(CipherSuite suite, byte[] key) {
        suite.requireKey(key);
        return new NativeHeaderMask(
                switch (suite) {
                    case TLS_AES_128_GCM_SHA256 -> Algorithm.AES_128_ECB;
                    case TLS_AES_256_GCM_SHA384 -> Algorithm.AES_256_ECB;
                    case TLS_CHACHA20_POLY1305_SHA256 -> Algorithm.CHACHA20;
                },
                key);
    }

    @Override
    public String name() {
        return "libcrypto";
    }

    @Override
    public String toString() {
        return LibCrypto.version();
    }
}
