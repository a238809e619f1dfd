package io.mpquic.quic.tls;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Base64;
import java.util.List;

/** A chain of certificates and the private key of its first one. Immutable and thread-safe; never prints the key. */
public final class Identity {
    private final List<X509Certificate> chain;
    private final PrivateKey privateKey;

    private Identity(List<X509Certificate> chain, PrivateKey privateKey) {
        this.chain = List.copyOf(chain);
        this.privateKey = privateKey;
    }

    /**
     * Reads an identity from two PEM files; they may be the same one.
     *
     * @param certificates the certificate, followed by those of its issuers as far as peers need them
     * @param key the private key, as PKCS#8, SEC1 or PKCS#1, not encrypted
     * @throws CredentialException when a file is missing or unfit; the message says which, why, and what would be right
     */
    public static Identity load(Path certificates, Path key) throws CredentialException {
        PemFile certificateFile = PemFile.read("certificate file", certificates);
        PemFile keyFile = PemFile.read("private key file", key);
        List<X509Certificate> chain = certificateFile.certificates();
        PublicKey publicKey = chain.get(0).getPublicKey();
        if (!SignatureAlgorithm.anyFits(publicKey)) {
            throw certificateFile.fault("the certificate's key (" + publicKey.getAlgorithm()
                    + ") is not supported; it must be ECDSA on P-256 or P-384, Ed25519, or RSA");
        }
        PrivateKey privateKey = PrivateKeyFile.parse(keyFile, publicKey);
        for (int i = 0; i < chain.size(); i++) {
            if (belongTogether(chain.get(i).getPublicKey(), privateKey)) {
                if (i > 0) {
                    throw certificateFile.fault("the key in " + key + " belongs to certificate " + (i + 1)
                            + " of the file; that one must come first");
                }
                return new Identity(chain, privateKey);
            }
        }
        throw keyFile.fault("the key does not belong to the certificate in " + certificates);
    }

    /**
     * An identity from objects of the JDK. The key need not reveal its value: one that lives in a token will do.
     *
     * @param chain the certificate, followed by those of its issuers as far as peers need them
     * @param privateKey the key of the first certificate
     * @throws IllegalArgumentException when the chain is empty, its key is of a kind that is not supported, or the
     *     private key is not the certificate's
     */
    public static Identity of(List<X509Certificate> chain, PrivateKey privateKey) {
        if (chain.isEmpty()) {
            throw new IllegalArgumentException("an identity needs a certificate");
        }
        if (!belongTogether(chain.get(0).getPublicKey(), privateKey)) {
            throw new IllegalArgumentException("the private key does not belong to the certificate");
        }
        return new Identity(chain, privateKey);
    }

    /**
     * Makes a certificate that is signed with its own key: ECDSA on P-256, valid from an hour ago for ten years, for
     * servers and clients alike. It takes some tens of milliseconds; a peer must be given it beforehand to trust it.
     *
     * @param namesOrAddresses the DNS names (a left-most label may be {@code *}) and IP addresses that it is valid for
     * @throws IllegalArgumentException when there is none, or one is neither
     */
    public static Identity selfSigned(String... namesOrAddresses) {
        return SelfSignedCertificate.create(List.of(namesOrAddresses), Instant.now());
    }

    /** Whether a private key is the other half of a public one: shown by signing something and verifying it. */
    private static boolean belongTogether(PublicKey publicKey, PrivateKey privateKey) {
        byte[] probe = "a private key and its certificate".getBytes(StandardCharsets.US_ASCII);
        for (SignatureAlgorithm algorithm : SignatureAlgorithm.values()) {
            if (!algorithm.fits(publicKey)) {
                continue;
            }
            try {
                SignatureStream signing = algorithm.signing(privateKey);
                signing.write(probe);
                SignatureStream verifying = algorithm.verifying(publicKey);
                verifying.write(probe);
                return verifying.verifySignature(signing.getSignature());
            } catch (GeneralSecurityException | IOException e) {
                return false; // not even of the same algorithm
            }
        }
        return false;
    }

    /** The certificate, followed by those of its issuers. */
    public List<X509Certificate> chain() {
        return chain;
    }

    /** The private key of the first certificate. */
    public PrivateKey privateKey() {
        return privateKey;
    }

    /** The chain as the text of a PEM file. */
    public String certificatesPem() {
        StringBuilder text = new StringBuilder();
        for (X509Certificate certificate : chain) {
            try {
                text.append(pem("CERTIFICATE", certificate.getEncoded()));
            } catch (CertificateEncodingException e) {
                throw new IllegalStateException(e);
            }
        }
        return text.toString();
    }

    /**
     * The private key as the text of a PEM file (PKCS#8, not encrypted). It must be kept from others.
     *
     * @throws IllegalStateException when the key does not reveal its value
     */
    public String privateKeyPem() {
        byte[] encoded = privateKey.getEncoded();
        if (encoded == null) {
            throw new IllegalStateException("the private key does not reveal its value");
        }
        return pem("PRIVATE KEY", encoded);
    }

    private static String pem(String label, byte[] der) {
        String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return "-----BEGIN " + label + "-----\n" + body + "\n-----END " + label + "-----\n";
    }

    @Override
    public String toString() {
        return "Identity[" + chain.get(0).getSubjectX500Principal().getName() + "]";
    }
}
