package io.mpquic.quic.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.TBSCertificate;
import org.bouncycastle.asn1.x509.Time;
import org.bouncycastle.asn1.x509.V3TBSCertificateGenerator;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;

/** Makes certificates that vouch for themselves (RFC 5280 §4.1). */
final class SelfSignedCertificate {
    /** Peers whose clocks are a little behind must not refuse a certificate that was made just now. */
    private static final Duration BACKDATED = Duration.ofHours(1);

    private static final Duration VALIDITY = Duration.ofDays(3652); // ten years
    private static final int SERIAL_BYTES = 16;
    private static final int MAX_COMMON_NAME_CHARS = 64; // RFC 5280 §A.1: ub-common-name

    private SelfSignedCertificate() {}

    static Identity create(List<String> names, Instant now) {
        if (names.isEmpty()) {
            throw new IllegalArgumentException("a certificate needs a name: peers refuse one without");
        }
        GeneralName[] alternatives =
                names.stream().map(SelfSignedCertificate::alternative).toArray(GeneralName[]::new);
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            KeyPair keys = generator.generateKeyPair();
            byte[] der = encode(names.get(0), alternatives, keys, now);
            X509Certificate certificate = (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
            return Identity.of(List.of(certificate), keys.getPrivate());
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("the runtime cannot make a certificate", e);
        }
    }

    private static GeneralName alternative(String name) {
        InetAddress address = PeerName.addressOf(name);
        if (address != null) {
            return new GeneralName(GeneralName.iPAddress, new DEROctetString(address.getAddress()));
        }
        String normal =
                name.startsWith("*.") ? "*." + PeerName.normalDnsName(name.substring(2)) : PeerName.normalDnsName(name);
        return new GeneralName(GeneralName.dNSName, normal);
    }

    private static byte[] encode(String name, GeneralName[] alternatives, KeyPair keys, Instant now)
            throws GeneralSecurityException, IOException {
        byte[] serial = new byte[SERIAL_BYTES];
        new SecureRandom().nextBytes(serial);
        Instant start = now.minus(BACKDATED);
        X500Name subject = new X500NameBuilder(BCStyle.INSTANCE)
                .addRDN(BCStyle.CN, name.substring(0, Math.min(name.length(), MAX_COMMON_NAME_CHARS)))
                .build();
        AlgorithmIdentifier algorithm = new AlgorithmIdentifier(X9ObjectIdentifiers.ecdsa_with_SHA256);

        ExtensionsGenerator extensions = new ExtensionsGenerator();
        extensions.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
        extensions.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(new KeyPurposeId[] {
            KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth
        }));
        extensions.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(alternatives));

        V3TBSCertificateGenerator generator = new V3TBSCertificateGenerator();
        generator.setSerialNumber(new ASN1Integer(new BigInteger(1, serial).setBit(0)));
        generator.setSignature(algorithm);
        generator.setIssuer(subject);
        generator.setSubject(subject);
        generator.setStartDate(new Time(Date.from(start)));
        generator.setEndDate(new Time(Date.from(start.plus(VALIDITY))));
        generator.setSubjectPublicKeyInfo(
                SubjectPublicKeyInfo.getInstance(keys.getPublic().getEncoded()));
        generator.setExtensions(extensions.generate());
        TBSCertificate body = generator.generateTBSCertificate();

        SignatureStream signature = SignatureAlgorithm.ECDSA_SECP256R1_SHA256.signing(keys.getPrivate());
        signature.write(body.getEncoded());
        ASN1EncodableVector parts = new ASN1EncodableVector();
        for (ASN1Encodable part : new ASN1Encodable[] {body, algorithm, new DERBitString(signature.getSignature())}) {
            parts.add(part);
        }
        return new DERSequence(parts).getEncoded();
    }
}
