package io.mpquic.quic.crypto;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A cipher suite by one of the libraries that can do it here. */
record Protection(CryptoProvider provider, CipherSuite suite) {
    /** Every suite by every library: what holds for one holds for all. */
    static List<Protection> all() {
        List<Protection> all = new ArrayList<>();
        providers().forEach(provider -> {
            for (CipherSuite suite : CipherSuite.values()) {
                all.add(new Protection(provider, suite));
            }
        });
        return all;
    }

    /** The libraries, libcrypto in both ways to use it; without it, {@link LibcryptoTest} says so. */
    static Stream<CryptoProvider> providers() {
        Stream<CryptoProvider> libcrypto = CryptoProvider.libcrypto().isPresent()
                ? Stream.of(new NativeCryptoProvider(true), new NativeCryptoProvider(false))
                : Stream.empty();
        return Stream.concat(Stream.of(CryptoProvider.jdk()), libcrypto);
    }

    PacketAead aead() {
        return aead(new byte[suite.keyBytes()], new byte[CipherSuite.IV_BYTES]);
    }

    PacketAead aead(byte[] key, byte[] iv) {
        return provider.aead(suite, key, iv);
    }

    HeaderMask mask() {
        return provider.headerMask(suite, new byte[suite.keyBytes()]);
    }

    @Override
    public String toString() {
        return suite + " by " + provider.name();
    }
}
