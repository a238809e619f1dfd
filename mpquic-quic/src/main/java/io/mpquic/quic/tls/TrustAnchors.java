package io.mpquic.quic.tls;

import java.nio.file.Path;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.security.auth.x500.X500Principal;

/**
 * The certificates that are believed without further proof. Usually those of certification authorities; a peer's own
 * certificate can be one as well. Immutable and thread-safe.
 */
public final class TrustAnchors {
    private final Set<X509Certificate> certificates;
    private final Set<TrustAnchor> pkixAnchors;

    private TrustAnchors(Collection<X509Certificate> certificates) {
        this.certificates = Set.copyOf(new HashSet<>(certificates));
        Set<TrustAnchor> anchors = new HashSet<>();
        for (X509Certificate certificate : this.certificates) {
            anchors.add(new TrustAnchor(certificate, null));
        }
        this.pkixAnchors = Set.copyOf(anchors);
    }

    /**
     * Reads all certificates of a PEM file.
     *
     * @param pem the file
     * @throws CredentialException when there is no such file, or it holds no certificate; the message says which file
     */
    public static TrustAnchors load(Path pem) throws CredentialException {
        return new TrustAnchors(PemFile.read("CA certificate file", pem).certificates());
    }

    /**
     * Believes the given certificates.
     *
     * @throws IllegalArgumentException when there are none
     */
    public static TrustAnchors of(X509Certificate... certificates) {
        if (certificates.length == 0) {
            throw new IllegalArgumentException("no certificate to trust");
        }
        return new TrustAnchors(List.of(certificates));
    }

    /**
     * The public authorities that the Java runtime believes: its {@code cacerts} file, or the one that the system
     * property {@code javax.net.ssl.trustStore} names. Reading it takes some tens of milliseconds.
     *
     * @throws CredentialException when it cannot be read or is empty
     */
    public static TrustAnchors system() throws CredentialException {
        return new TrustAnchors(RuntimeAuthorities.load());
    }

    /** The certificates, in no particular order. */
    public Set<X509Certificate> certificates() {
        return certificates;
    }

    boolean contains(X509Certificate certificate) {
        return certificates.contains(certificate);
    }

    boolean hasSubject(X500Principal name) {
        for (X509Certificate certificate : certificates) {
            if (certificate.getSubjectX500Principal().equals(name)) {
                return true;
            }
        }
        return false;
    }

    Set<TrustAnchor> pkixAnchors() {
        return pkixAnchors;
    }
}
