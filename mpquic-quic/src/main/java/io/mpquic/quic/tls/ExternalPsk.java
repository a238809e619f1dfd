package io.mpquic.quic.tls;

/**
 * A key that both ends were given before, with a name for it (RFC 8446 §4.2.11). It belongs to SHA-256, so a cipher suite
 * with that hash has to be among those in use. Whoever has the key is believed to be the other end: no certificate is
 * shown or asked for in such a handshake. Immutable and thread-safe.
 */
public final class ExternalPsk {
    /** RFC 9257 §6: a key should have at least 128 bits of entropy. */
    private static final int MIN_KEY_BYTES = 16;

    /** Of SHA-256. */
    static final int HASH_BYTES = 32;

    private static final int MAX_IDENTITY_BYTES = 1024;

    private final byte[] identity;
    private final byte[] key;

    /**
     * Creates it.
     *
     * @param identity the name of the key, which is sent in the clear: 1 to 1024 bytes
     * @param key at least 16 bytes from a random generator; a password is not a key, as it can be guessed offline
     * @throws IllegalArgumentException when a length is out of range
     */
    public ExternalPsk(byte[] identity, byte[] key) {
        if (identity.length < 1 || identity.length > MAX_IDENTITY_BYTES) {
            throw new IllegalArgumentException("identity of " + identity.length + " bytes; 1 to 1024 can be");
        }
        if (key.length < MIN_KEY_BYTES) {
            throw new IllegalArgumentException("key of " + key.length + " bytes; at least 16 are needed");
        }
        this.identity = identity.clone();
        this.key = key.clone();
    }

    byte[] identity() {
        return identity.clone();
    }

    byte[] key() {
        return key.clone();
    }

    @Override
    public String toString() {
        return "ExternalPsk with an identity of " + identity.length + " bytes";
    }
}
