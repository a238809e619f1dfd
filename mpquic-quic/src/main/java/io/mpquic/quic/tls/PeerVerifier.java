package io.mpquic.quic.tls;

import io.mpquic.quic.wire.TransportException;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertStore;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.CertificateParsingException;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.PKIXParameters;
import java.security.cert.PKIXReason;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a chain of certificates is to be believed (RFC 5280 §6, RFC 9525).
 *
 * @param anchors whom to believe
 * @param role what the peer uses its certificate as
 * @param name whom the certificate must name; null when any name will do
 * @param clock tells the time that certificates must be valid at
 */
record PeerVerifier(
        TrustAnchors anchors, PeerRole role, @Nullable PeerName name, InstantSource clock) {
    /**
     * A leaf, some intermediates, and what a careless administrator adds. The search for a path takes a signature check
     * for each pair of certificates, on the thread that carries packets, and whoever connects may ask for it.
     */
    static final int LONGEST_CHAIN = 10;

    private static final String ANY_USAGE = "2.5.29.37.0";
    private static final int DIGITAL_SIGNATURE = 0; // RFC 5280 §4.2.1.3

    /**
     * Verifies a chain.
     *
     * @param chain what the peer showed, leaf first, not empty; the order of the others does not matter
     * @throws TransportException with the alert that fits, and a reason that says what was wrong
     */
    void verify(List<X509Certificate> chain) throws TransportException {
        if (chain.size() > LONGEST_CHAIN) {
            throw TlsAlert.BAD_CERTIFICATE.because(subject() + " came in a chain of " + chain.size()
                    + " certificates; at most " + LONGEST_CHAIN + " are looked at");
        }
        X509Certificate leaf = chain.get(0);
        Date now = Date.from(clock.instant());
        checkValidity(leaf, now);
        checkUsage(leaf);
        // A self-signed certificate that was given as its own authority needs no issuer.
        if (!anchors.contains(leaf)) {
            checkPath(chain, now);
        }
        if (name != null) {
            name.check(leaf);
        }
    }

    private void checkValidity(X509Certificate leaf, Date now) throws TransportException {
        try {
            leaf.checkValidity(now);
        } catch (CertificateExpiredException e) {
            throw TlsAlert.CERTIFICATE_EXPIRED.because(
                    subject() + " expired at " + leaf.getNotAfter().toInstant() + " (it is " + now.toInstant() + ")");
        } catch (CertificateNotYetValidException e) {
            throw TlsAlert.CERTIFICATE_EXPIRED.because(subject() + " is not valid before "
                    + leaf.getNotBefore().toInstant() + " (it is " + now.toInstant() + ")");
        }
    }

    private void checkUsage(X509Certificate leaf) throws TransportException {
        boolean[] keyUsage = leaf.getKeyUsage();
        if (keyUsage != null && !keyUsage[DIGITAL_SIGNATURE]) {
            // RFC 8446 §4.4.2.2 and §4.4.2.4: the key must be allowed to sign, if anything is said about it.
            throw TlsAlert.UNSUPPORTED_CERTIFICATE.because(subject() + " does not allow digital signatures");
        }
        List<String> usages;
        try {
            usages = leaf.getExtendedKeyUsage();
        } catch (CertificateParsingException e) {
            throw TlsAlert.BAD_CERTIFICATE.because("the extended key usage of " + subject() + " cannot be parsed");
        }
        if (usages != null && !usages.contains(role.usageOid()) && !usages.contains(ANY_USAGE)) {
            throw TlsAlert.UNSUPPORTED_CERTIFICATE.because(
                    subject() + " is not for " + role.usageName() + " (extended key usage)");
        }
    }

    /**
     * Finds a path from the leaf to an anchor. Nearly every chain leads straight there, and a validator also says what
     * is wrong with it; only when that fails all other ways through the chain are tried.
     */
    private void checkPath(List<X509Certificate> chain, Date now) throws TransportException {
        try {
            CertPathValidatorException refusal = validate(straightPath(chain), now);
            if (refusal != null && !existsOtherPath(chain, now)) {
                throw pathFault(refusal);
            }
        } catch (GeneralSecurityException e) {
            throw TlsAlert.INTERNAL_ERROR.because(subject() + " could not be verified: " + e);
        }
    }

    /** The leaf, its issuer, the issuer's issuer, until one was issued by an anchor or no issuer is to be found. */
    private List<X509Certificate> straightPath(List<X509Certificate> chain) {
        List<X509Certificate> path = new ArrayList<>();
        @Nullable X509Certificate next = chain.get(0);
        while (next != null) {
            path.add(next);
            X500Principal issuer = next.getIssuerX500Principal();
            next = anchors.hasSubject(issuer) ? null : find(issuer, chain, path);
        }
        return path;
    }

    private static @Nullable X509Certificate find(
            X500Principal subject, List<X509Certificate> chain, List<X509Certificate> taken) {
        for (X509Certificate certificate : chain) {
            if (certificate.getSubjectX500Principal().equals(subject) && !taken.contains(certificate)) {
                return certificate;
            }
        }
        return null;
    }

    private @Nullable CertPathValidatorException validate(List<X509Certificate> path, Date now)
            throws GeneralSecurityException {
        PKIXParameters parameters = new PKIXParameters(anchors.pkixAnchors());
        parameters.setRevocationEnabled(false);
        parameters.setDate(now);
        try {
            CertPathValidator.getInstance("PKIX")
                    .validate(CertificateFactory.getInstance("X.509").generateCertPath(path), parameters);
            return null;
        } catch (CertPathValidatorException e) {
            return e;
        }
    }

    private boolean existsOtherPath(List<X509Certificate> chain, Date now) throws GeneralSecurityException {
        X509CertSelector target = new X509CertSelector();
        target.setCertificate(chain.get(0));
        PKIXBuilderParameters parameters = new PKIXBuilderParameters(anchors.pkixAnchors(), target);
        parameters.addCertStore(CertStore.getInstance("Collection", new CollectionCertStoreParameters(chain)));
        parameters.setRevocationEnabled(false);
        parameters.setDate(now);
        try {
            CertPathBuilder.getInstance("PKIX").build(parameters);
            return true;
        } catch (CertPathBuilderException e) {
            return false;
        }
    }

    private TransportException pathFault(CertPathValidatorException refusal) {
        CertPathValidatorException.Reason reason = refusal.getReason();
        if (reason == CertPathValidatorException.BasicReason.EXPIRED
                || reason == CertPathValidatorException.BasicReason.NOT_YET_VALID) {
            return TlsAlert.CERTIFICATE_EXPIRED.because(
                    "an issuer of " + subject() + " is not valid now: " + refusal.getMessage());
        }
        // A wrong signature means: an authority with the name of a trusted one, but with another key.
        if (reason == PKIXReason.NO_TRUST_ANCHOR
                || reason == CertPathValidatorException.BasicReason.INVALID_SIGNATURE) {
            return TlsAlert.UNKNOWN_CA.because(subject() + " was issued by an authority that is not trusted here");
        }
        return TlsAlert.BAD_CERTIFICATE.because(subject() + " is not acceptable: " + refusal.getMessage());
    }

    private String subject() {
        return "the " + role.text() + "'s certificate";
    }
}
