package io.mpquic.quic.tls;

import io.mpquic.quic.crypto.CipherSuite;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What clients and servers are configured with alike. Immutable; shared by all engines of one configuration. */
record TlsSettings(
        List<String> alpn,
        List<CipherSuite> cipherSuites,
        List<KeyExchangeGroup> groups,
        InstantSource clock,
        SecureRandom random,
        @Nullable KeyLog keyLog) {

    TlsSettings {
        alpn = distinct("application protocol", alpn);
        cipherSuites = distinct("cipher suite", cipherSuites);
        groups = distinct("key exchange group", groups);
        for (String protocol : alpn) {
            int length = protocol.getBytes(StandardCharsets.UTF_8).length;
            if (length < 1 || length > 255) { // RFC 7301 §3.1: the length has one byte, and is not zero
                throw new IllegalArgumentException("application protocol of " + length + " bytes; 1 to 255 can be");
            }
        }
    }

    private static <T> List<T> distinct(String what, List<T> values) {
        List<T> copy = List.copyOf(values);
        if (copy.isEmpty()) {
            throw new IllegalArgumentException("at least one " + what + " is needed");
        }
        if (new HashSet<>(copy).size() != copy.size()) {
            throw new IllegalArgumentException("a " + what + " is listed twice: " + copy);
        }
        return copy;
    }

    int[] cipherSuiteIds() {
        int[] ids = new int[cipherSuites.size()];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = cipherSuites.get(i).id();
        }
        return ids;
    }

    int[] groupIds() {
        int[] ids = new int[groups.size()];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = groups.get(i).id();
        }
        return ids;
    }

    /** The part of a configuration that both builders share. */
    static final class Draft {
        private List<String> alpn = List.of();
        private List<CipherSuite> cipherSuites = List.of(
                CipherSuite.TLS_AES_128_GCM_SHA256,
                CipherSuite.TLS_AES_256_GCM_SHA384,
                CipherSuite.TLS_CHACHA20_POLY1305_SHA256);
        private List<KeyExchangeGroup> groups;
        private InstantSource clock = InstantSource.system();
        private @Nullable KeyLog keyLog;

        Draft(List<KeyExchangeGroup> groups) {
            this.groups = groups;
        }

        void alpn(List<String> protocols) {
            this.alpn = protocols;
        }

        void cipherSuites(List<CipherSuite> suites) {
            this.cipherSuites = suites;
        }

        void groups(List<KeyExchangeGroup> groups) {
            this.groups = groups;
        }

        void clock(InstantSource clock) {
            this.clock = clock;
        }

        void keyLog(KeyLog log) {
            this.keyLog = log;
        }

        TlsSettings settings() {
            // The default generator never blocks; the "strong" one may, on a machine that has just started.
            return new TlsSettings(alpn, cipherSuites, groups, clock, new SecureRandom(), keyLog);
        }
    }
}
