package io.mpquic.quic.crypto;

/**
 * What protects the packets of one direction at one encryption level: packet cipher and header mask (RFC 9001 §5.1).
 * Not thread-safe.
 */
public final class PacketKeys {
    private final CryptoProvider provider;
    private final CipherSuite suite;
    private final byte[] secret;
    private final PacketAead aead;
    private final HeaderMask headerMask;

    private PacketKeys(CryptoProvider provider, CipherSuite suite, byte[] secret, HeaderMask headerMask) {
        this.provider = provider;
        this.suite = suite;
        this.secret = secret;
        this.aead = provider.aead(suite, KeySchedule.packetKey(suite, secret), KeySchedule.packetIv(suite, secret));
        this.headerMask = headerMask;
    }

    /**
     * Derives the keys from a traffic secret of TLS, or from an Initial secret (RFC 9001 §5.1).
     *
     * @param secret {@link CipherSuite#hashBytes()} bytes
     * @throws IllegalArgumentException if the secret has another length
     */
    public static PacketKeys derive(CryptoProvider provider, CipherSuite suite, byte[] secret) {
        if (secret.length != suite.hashBytes()) {
            throw new IllegalArgumentException("secret of " + secret.length + " bytes for " + suite);
        }
        HeaderMask headerMask = provider.headerMask(suite, KeySchedule.headerKey(suite, secret));
        return new PacketKeys(provider, suite, secret.clone(), headerMask);
    }

    /**
     * The keys of the next key phase (RFC 9001 §6.1). These keys stay usable: packets of the old phase may still
     * arrive.
     */
    public PacketKeys nextPhase() {
        // RFC 9001 §6.1: a key update leaves the header protection key as it is.
        return new PacketKeys(provider, suite, KeySchedule.nextSecret(suite, secret), headerMask);
    }

    /** The packet cipher. */
    public PacketAead aead() {
        return aead;
    }

    /** The header mask: one object for all key phases. */
    public HeaderMask headerMask() {
        return headerMask;
    }

    /** The cipher suite, which says what limits the keys have. */
    public CipherSuite suite() {
        return suite;
    }
}
