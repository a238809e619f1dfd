package io.mpquic.quic.crypto;

import io.mpquic.quic.crypto.LibCrypto.Algorithm;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;

/** Packet protection by libcrypto 3 of OpenSSL, called without JNI. */
final class NativeCryptoProvider implements CryptoProvider {
    private static final System.Logger LOG = System.getLogger(NativeCryptoProvider.class.getName());

    private static final int TEST_PACKET_BYTES = 64;

    private NativeCryptoProvider() {}

    /** The provider, where the library is there and does what it should; found out once. */
    static Optional<CryptoProvider> find() {
        return Found.PROVIDER;
    }

    /** Where the search is done, and its outcome kept. */
    private static final class Found {
        static final Optional<CryptoProvider> PROVIDER = search();

        private static Optional<CryptoProvider> search() {
            try {
                NativeCryptoProvider provider = new NativeCryptoProvider();
                for (CipherSuite suite : CipherSuite.values()) {
                    provider.test(suite);
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
                iv);
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

    /** A library can be there and refuse a cipher, as one that is bound to a set of approved ones does. */
    private void test(CipherSuite suite) {
        byte[] key = new byte[suite.keyBytes()];
        byte[] iv = new byte[CipherSuite.IV_BYTES];
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment packet = arena.allocate(TEST_PACKET_BYTES);
            int sealedBytes = TEST_PACKET_BYTES - 1;
            aead(suite, key, iv).seal(1, packet, 0, 1, sealedBytes - PacketAead.TAG_BYTES);
            boolean changed = packet.get(ValueLayout.JAVA_BYTE, 1) != 0 || packet.get(ValueLayout.JAVA_BYTE, 2) != 0;
            if (!changed || !aead(suite, key, iv).open(1, packet, 0, 1, sealedBytes)) {
                throw new IllegalStateException(LibCrypto.version() + " does not do " + suite);
            }
            headerMask(suite, key).mask(packet, 1);
        }
    }
}
