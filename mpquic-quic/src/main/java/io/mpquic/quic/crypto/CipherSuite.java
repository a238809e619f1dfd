package io.mpquic.quic.crypto;

import org.jspecify.annotations.Nullable;

/**
 * The TLS 1.3 cipher suites that can protect QUIC packets here (RFC 8446 §B.4, RFC 9001 §5.3).
 *
 * <p>TLS_AES_128_CCM_SHA256 is left out: no TLS stack offers it unasked, and its limits are the lowest of all.
 */
public enum CipherSuite {
    /** AES-128 in Galois/counter mode. It also protects Initial packets, before anything is negotiated. */
    TLS_AES_128_GCM_SHA256(0x1301, 16, "SHA-256", 32, Limits.GCM_CONFIDENTIALITY, Limits.GCM_INTEGRITY),
    /** AES-256 in Galois/counter mode. */
    TLS_AES_256_GCM_SHA384(0x1302, 32, "SHA-384", 48, Limits.GCM_CONFIDENTIALITY, Limits.GCM_INTEGRITY),
    /** ChaCha20 and Poly1305: the faster one on processors without AES instructions. */
    TLS_CHACHA20_POLY1305_SHA256(0x1303, 32, "SHA-256", 32, Limits.CHACHA20_CONFIDENTIALITY, Limits.CHACHA20_INTEGRITY);

    /** Length of the initialisation vector of every suite, in bytes (RFC 9001 §5.3). */
    public static final int IV_BYTES = 12;

    private final int id;
    private final int keyBytes;
    private final String hashName;
    private final int hashBytes;
    private final long confidentialityLimit;
    private final long integrityLimit;

    CipherSuite(int id, int keyBytes, String hashName, int hashBytes, long confidentialityLimit, long integrityLimit) {
        this.id = id;
        this.keyBytes = keyBytes;
        this.hashName = hashName;
        this.hashBytes = hashBytes;
        this.confidentialityLimit = confidentialityLimit;
        this.integrityLimit = integrityLimit;
    }

    /** The suite with this TLS number, or null when it is not one of these. */
    public static @Nullable CipherSuite ofId(int id) {
        for (CipherSuite suite : values()) {
            if (suite.id == id) {
                return suite;
            }
        }
        return null;
    }

    /** The number that TLS knows the suite by, for example {@code 0x1301}. */
    public int id() {
        return id;
    }

    /** Length of the packet key and of the header key, in bytes. */
    public int keyBytes() {
        return keyBytes;
    }

    /** The name of the hash as {@link java.security.MessageDigest} knows it, for example {@code SHA-256}. */
    public String hashName() {
        return hashName;
    }

    /** Length of the hash, and so of a traffic secret, in bytes. */
    public int hashBytes() {
        return hashBytes;
    }

    /** The name of the HMAC over that hash as {@link javax.crypto.Mac} knows it, for example {@code HmacSHA256}. */
    public String macName() {
        return "Hmac" + hashName.replace("-", "");
    }

    /** How many packets one key may seal before it must be updated (RFC 9001 §6.6). */
    public long confidentialityLimit() {
        return confidentialityLimit;
    }

    /**
     * How many packets of one connection may fail authentication, over all its keys, before the connection must end
     * with AEAD_LIMIT_REACHED (RFC 9001 §6.6).
     */
    public long integrityLimit() {
        return integrityLimit;
    }

    void requireKey(byte[] key) {
        requireLength("key", key, keyBytes);
    }

    void requireIv(byte[] iv) {
        requireLength("iv", iv, IV_BYTES);
    }

    private static void requireLength(String what, byte[] bytes, int lengthBytes) {
        if (bytes.length != lengthBytes) {
            throw new IllegalArgumentException(what + " of " + bytes.length + " bytes, must be " + lengthBytes);
        }
    }

    /** RFC 9001 §6.6: the limits of each AEAD, for packets of any size. */
    private static final class Limits {
        static final long GCM_CONFIDENTIALITY = 1L << 23;
        static final long GCM_INTEGRITY = 1L << 52;
        /** More than there are packet numbers: never reached. */
        static final long CHACHA20_CONFIDENTIALITY = 1L << 62;

        static final long CHACHA20_INTEGRITY = 1L << 36;
    }
}
