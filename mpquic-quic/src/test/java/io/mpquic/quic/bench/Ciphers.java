package io.mpquic.quic.bench;

import io.mpquic.quic.crypto.CryptoProvider;

/** Whose ciphers a benchmark measures. */
final class Ciphers {
    private Ciphers() {}

    /** {@code none}, or the {@link CryptoProvider#name} of a provider. */
    static CryptoProvider named(String name) {
        return switch (name) {
            case "none" -> new NoProtection();
            case "jdk" -> CryptoProvider.jdk();
            case "libcrypto" ->
                CryptoProvider.libcrypto().orElseThrow(() -> new IllegalStateException("there is no libcrypto here"));
            default -> throw new IllegalArgumentException("no such ciphers: " + name);
        };
    }
}
