package io.mpquic.quic.tls;

import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.net.InetAddress;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.Time;
import org.bouncycastle.asn1.x509.V3TBSCertificateGenerator;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;

/** A certification authority (ECDSA on P-256) that issues any certificate a test needs. */
final class TestAuthority {
    static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final AtomicLong SERIAL = new AtomicLong(1);

    private final X500Name name;
    private final KeyPair keys = keyPair("EC", 256);
    private final X509Certificate certificate;
    private final List<X509Certificate> issuers;

    TestAuthority(String name) {
        this(name, new Leaf());
    }

    TestAuthority(String name, Leaf leaf) {
        this.name = new X500Name("CN=" + name);
        this.certificate = leaf.authority().sign(this.name, keys, this.name, keys.getPrivate());
        this.issuers = List.of();
    }

    private TestAuthority(String name, TestAuthority parent, Leaf leaf) {
        this.name = new X500Name("CN=" + name);
        this.certificate = leaf.authority().sign(this.name, keys, parent.name, parent.keys.getPrivate());
        List<X509Certificate> chain = new ArrayList<>(List.of(certificate));
        chain.addAll(parent.issuers);
        this.issuers = List.copyOf(chain);
    }

    TestAuthority intermediate(String intermediateName) {
        return new TestAuthority(intermediateName, this, new Leaf());
    }

    TestAuthority intermediate(String intermediateName, Leaf leaf) {
        return new TestAuthority(intermediateName, this, leaf);
    }

    X509Certificate certificate() {
        return certificate;
    }

    TrustAnchors anchors() {
        return TrustAnchors.of(certificate);
    }

    Identity issue(Leaf leaf) {
        X509Certificate issued = leaf.sign(new X500Name("CN=" + leaf.commonName), leaf.keys, name, keys.getPrivate());
        List<X509Certificate> chain = new ArrayList<>(List.of(issued));
        chain.addAll(issuers);
        return Identity.of(chain, leaf.keys.getPrivate());
    }

    /** A certificate signed with the key of an ordinary certificate. */
    static Identity issueWith(Identity issuer, Leaf leaf) {
        X500Name issuerName = X500Name.getInstance(
                issuer.chain().get(0).getSubjectX500Principal().getEncoded());
        X509Certificate issued =
                leaf.sign(new X500Name("CN=" + leaf.commonName), leaf.keys, issuerName, issuer.privateKey());
        List<X509Certificate> chain = new ArrayList<>(List.of(issued));
        chain.addAll(issuer.chain());
        return Identity.of(chain, leaf.keys.getPrivate());
    }

    /** A leaf, and authorities of one name and key that all could have issued it and each other. */
    static List<X509Certificate> entangled(int authorities) {
        KeyPair keys = keyPair("EC", 256);
        X500Name name = new X500Name("CN=one");
        List<X509Certificate> chain = new ArrayList<>();
        chain.add(new Leaf().sign(new X500Name("CN=leaf"), keyPair("EC", 256), name, keys.getPrivate()));
        for (int i = 0; i < authorities; i++) {
            chain.add(new Leaf().authority().sign(name, keys, name, keys.getPrivate()));
        }
        return chain;
    }

    /** A certificate for a key that no {@link Identity} would accept. */
    X509Certificate certificateFor(KeyPair subjectKeys) {
        return new Leaf().sign(new X500Name("CN=leaf"), subjectKeys, name, keys.getPrivate());
    }

    Identity issue(String... names) {
        return issue(new Leaf().names(names));
    }

    static KeyPair keyPair(String algorithm, int bits) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
            if (bits > 0) {
                generator.initialize(bits);
            }
            return generator.generateKeyPair();
        } catch (java.security.GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    /** What a certificate says; by default an hour old, valid for a day, without any extension. */
    static final class Leaf {
        private final ExtensionsGenerator extensions = new ExtensionsGenerator();
        private String commonName = "leaf";
        private KeyPair keys = keyPair("EC", 256);
        private Instant notBefore = NOW.minus(Duration.ofHours(1));
        private Instant notAfter = NOW.plus(Duration.ofDays(1));

        Leaf commonName(String text) {
            commonName = text;
            return this;
        }

        Leaf keys(KeyPair pair) {
            keys = pair;
            return this;
        }

        Leaf validity(Instant from, Instant to) {
            notBefore = from;
            notAfter = to;
            return this;
        }

        Leaf names(String... names) {
            GeneralName[] alternatives = new GeneralName[names.length];
            for (int i = 0; i < names.length; i++) {
                InetAddress address = PeerName.addressOf(names[i]);
                alternatives[i] = address == null
                        ? new GeneralName(GeneralName.dNSName, names[i])
                        : new GeneralName(GeneralName.iPAddress, new DEROctetString(address.getAddress()));
            }
            return extension(Extension.subjectAlternativeName, false, new GeneralNames(alternatives));
        }

        Leaf usage(KeyPurposeId... purposes) {
            return extension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purposes));
        }

        Leaf keyUsage(int bits) {
            return extension(Extension.keyUsage, true, new KeyUsage(bits));
        }

        private Leaf authority() {
            extension(Extension.basicConstraints, true, new BasicConstraints(true));
            return keyUsage(KeyUsage.keyCertSign);
        }

        Leaf extension(ASN1ObjectIdentifier id, boolean critical, org.bouncycastle.asn1.ASN1Encodable value) {
            try {
                extensions.addExtension(id, critical, value);
                return this;
            } catch (java.io.IOException e) {
                throw new AssertionError(e);
            }
        }

        private X509Certificate sign(X500Name subject, KeyPair subjectKeys, X500Name issuer, PrivateKey issuerKey) {
            try {
                AlgorithmIdentifier algorithm = new AlgorithmIdentifier(X9ObjectIdentifiers.ecdsa_with_SHA256);
                V3TBSCertificateGenerator body = new V3TBSCertificateGenerator();
                body.setSerialNumber(new ASN1Integer(BigInteger.valueOf(SERIAL.getAndIncrement())));
                body.setSignature(algorithm);
                body.setIssuer(issuer);
                body.setSubject(subject);
                body.setStartDate(new Time(Date.from(notBefore)));
                body.setEndDate(new Time(Date.from(notAfter)));
                body.setSubjectPublicKeyInfo(
                        SubjectPublicKeyInfo.getInstance(subjectKeys.getPublic().getEncoded()));
                if (!extensions.isEmpty()) {
                    body.setExtensions(extensions.generate());
                }
                var tbs = body.generateTBSCertificate();
                Signature signature = Signature.getInstance("SHA256withECDSA");
                signature.initSign(issuerKey);
                signature.update(tbs.getEncoded());
                ASN1EncodableVector parts = new ASN1EncodableVector();
                parts.add(tbs);
                parts.add(algorithm);
                parts.add(new DERBitString(signature.sign()));
                return (X509Certificate) CertificateFactory.getInstance("X.509")
                        .generateCertificate(new ByteArrayInputStream(new DERSequence(parts).getEncoded()));
            } catch (java.security.GeneralSecurityException | java.io.IOException e) {
                throw new AssertionError(e);
            }
        }
    }
}
