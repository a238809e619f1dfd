package io.mpquic.quic.tls;

import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERIA5String;

/**
 * An identity that has many large certificates above it.
 *
 * @param identity the leaf, and the certificates up to the root without it
 * @param root whom to trust
 */
public record LargeChain(Identity identity, X509Certificate root) {
    private static final ASN1ObjectIdentifier COMMENT = new ASN1ObjectIdentifier("2.16.840.1.113730.1.13");
    private static final int INTERMEDIATES = 5;
    private static final int COMMENT_BYTES = 2000;

    /** A chain of some 12 kB, valid now: three times what a server may send before it knows the client's address. */
    public static LargeChain make(String... names) {
        return make(COMMENT_BYTES, names);
    }

    /** A chain of five intermediate certificates with so many bytes more than they need. */
    public static LargeChain make(int commentBytes, String... names) {
        TestAuthority root = new TestAuthority("root", valid());
        TestAuthority issuer = root;
        for (int i = 0; i < INTERMEDIATES; i++) {
            TestAuthority.Leaf large = valid().extension(COMMENT, false, new DERIA5String("x".repeat(commentBytes)));
            issuer = issuer.intermediate("intermediate " + i, large);
        }
        return new LargeChain(issuer.issue(valid().names(names)), root.certificate());
    }

    private static TestAuthority.Leaf valid() {
        Instant now = Instant.now();
        return new TestAuthority.Leaf().validity(now.minus(Duration.ofHours(1)), now.plus(Duration.ofDays(1)));
    }
}
