package io.mpquic.quic.crypto;

/**
 * How much the keys of one connection may be used (RFC 9001 §6.6).
 *
 * @param confidentialityPackets how many packets one key may seal, at least 1; an update comes long before
 * @param integrityPackets how many packets may fail authentication, over all keys, at least 1
 */
public record AeadLimits(long confidentialityPackets, long integrityPackets) {
    /** No limits of one's own: those of the cipher suite count. */
    public static final AeadLimits OF_SUITE = new AeadLimits(Long.MAX_VALUE, Long.MAX_VALUE);

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException when a limit is below 1
     */
    public AeadLimits {
        if (confidentialityPackets < 1 || integrityPackets < 1) {
            throw new IllegalArgumentException(
                    "AEAD limits must be at least 1, not " + confidentialityPackets + " and " + integrityPackets);
        }
    }

    /** These limits, and where those of a cipher suite are lower, those. */
    public AeadLimits within(CipherSuite suite) {
        return new AeadLimits(
                Math.min(confidentialityPackets, suite.confidentialityLimit()),
                Math.min(integrityPackets, suite.integrityLimit()));
    }
}
