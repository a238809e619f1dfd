package io.mpquic.quic.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.tls.Certificate;
import org.bouncycastle.tls.CertificateEntry;
import org.bouncycastle.tls.crypto.Tls13Verifier;
import org.bouncycastle.tls.crypto.TlsCertificate;
import org.bouncycastle.tls.crypto.TlsEncryptor;
import org.bouncycastle.tls.crypto.TlsVerifier;
import org.jspecify.annotations.Nullable;

/** A certificate of the JDK in the shape that the state machine wants. What only TLS 1.2 needs is not there. */
final class X509TlsCertificate implements TlsCertificate {
    private final X509Certificate certificate;

    X509TlsCertificate(X509Certificate certificate) {
        this.certificate = certificate;
    }

    /** Parses a certificate that the peer sent. */
    static X509TlsCertificate parse(byte[] encoding) throws HandshakeFault {
        try {
            X509Certificate parsed = (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(encoding));
            // The factory also takes text, and stops where a certificate ends; TLS carries exactly one, in DER.
            if (Arrays.equals(parsed.getEncoded(), encoding)) {
                return new X509TlsCertificate(parsed);
            }
        } catch (CertificateException | RuntimeException e) {
            throw new HandshakeFault(TlsAlert.BAD_CERTIFICATE.because("the certificate cannot be parsed: " + e));
        }
        throw new HandshakeFault(TlsAlert.BAD_CERTIFICATE.because("the certificate is not in plain DER"));
    }

    /** The JDK's certificates of a chain that the peer sent. */
    static List<X509Certificate> chainOf(Certificate message) {
        List<X509Certificate> chain = new ArrayList<>(message.getLength());
        for (TlsCertificate entry : message.getCertificateList()) {
            chain.add(((X509TlsCertificate) entry).certificate);
        }
        return chain;
    }

    /** A Certificate message with this chain. */
    static Certificate messageOf(List<X509Certificate> chain) {
        CertificateEntry[] entries = new CertificateEntry[chain.size()];
        for (int i = 0; i < entries.length; i++) {
            entries[i] = new CertificateEntry(new X509TlsCertificate(chain.get(i)), null);
        }
        return new Certificate(new byte[0], entries); // RFC 8446 §4.4.2: no context within the handshake
    }

    @Override
    public Tls13Verifier createVerifier(int signatureScheme) throws IOException {
        SignatureAlgorithm algorithm = SignatureAlgorithm.ofId(signatureScheme);
        if (algorithm == null || !algorithm.fits(certificate.getPublicKey())) {
            throw new HandshakeFault(TlsAlert.ILLEGAL_PARAMETER.because(
                    "CertificateVerify uses a signature scheme that does not fit the certificate's key"));
        }
        try {
            return algorithm.verifying(certificate.getPublicKey());
        } catch (GeneralSecurityException e) {
            throw new HandshakeFault(
                    TlsAlert.UNSUPPORTED_CERTIFICATE.because("the certificate's key cannot be used: " + e));
        }
    }

    @Override
    public byte[] getEncoded() throws IOException {
        try {
            return certificate.getEncoded();
        } catch (CertificateEncodingException e) {
            throw new IOException(e);
        }
    }

    /** The state machine looks for the "must staple" extension here. Stapling is never asked for, so it is moot. */
    @Override
    public byte @Nullable [] getExtension(ASN1ObjectIdentifier extensionOid) {
        return null;
    }

    @Override
    public BigInteger getSerialNumber() {
        return certificate.getSerialNumber();
    }

    @Override
    public String getSigAlgOID() {
        return certificate.getSigAlgOID();
    }

    @Override
    public @Nullable ASN1Encodable getSigAlgParams() {
        throw notInTls13();
    }

    @Override
    public TlsEncryptor createEncryptor(int certificateRole) {
        throw notInTls13();
    }

    @Override
    public TlsVerifier createVerifier(short signatureAlgorithm) {
        throw notInTls13();
    }

    @Override
    public short getLegacySignatureAlgorithm() {
        throw notInTls13();
    }

    @Override
    public boolean supportsSignatureAlgorithm(short signatureAlgorithm) {
        throw notInTls13();
    }

    @Override
    public boolean supportsSignatureAlgorithmCA(short signatureAlgorithm) {
        throw notInTls13();
    }

    @Override
    public TlsCertificate checkUsageInRole(int certificateRole) {
        throw notInTls13();
    }

    private static IllegalStateException notInTls13() {
        return new IllegalStateException("TLS 1.3 has no use for this");
    }
}
