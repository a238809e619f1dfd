package io.mpquic.cli.config;

import io.mpquic.quic.crypto.CryptoProvider;
import java.util.Locale;
import java.util.Optional;

/** The value of {@code crypto}: which library protects the packets. */
public enum Crypto {
    /** libcrypto where it is there, otherwise the JDK. */
    AUTO,
    /** libcrypto 3 of OpenSSL. */
    LIBCRYPTO,
    /** The Java runtime. */
    JDK;

    /** The library that is meant; empty when this host does not have it. */
    public Optional<CryptoProvider> provider() {
        return switch (this) {
            case AUTO -> Optional.of(CryptoProvider.fastest());
            case LIBCRYPTO -> CryptoProvider.libcrypto();
            case JDK -> Optional.of(CryptoProvider.jdk());
        };
    }

    static Crypto parse(String text) {
        for (Crypto each : values()) {
            if (each.name().toLowerCase(Locale.ROOT).equals(text)) {
                return each;
            }
        }
        throw new IllegalArgumentException(Problems.quote(text) + " is not a library for packet protection");
    }
}
