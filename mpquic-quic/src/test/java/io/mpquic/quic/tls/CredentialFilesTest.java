package io.mpquic.quic.tls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.stream.Stream;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** PEM files that operators have, and what they are told about those that cannot be used. */
class CredentialFilesTest {
    private static final TestAuthority AUTHORITY = new TestAuthority("authority");
    private static final Identity IDENTITY = AUTHORITY.issue("a.example");

    @TempDir
    Path folder;

    private Path file(String name, String text) {
        try {
            return Files.writeString(folder.resolve(name), text);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private Path certificate() {
        return file("server.crt", IDENTITY.certificatesPem());
    }

    private Path key() {
        return file("server.key", IDENTITY.privateKeyPem());
    }

    private static String pem(String label, byte[] der) {
        return "-----BEGIN " + label + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der) + "\n-----END " + label + "-----\n";
    }

    private static void assertFault(String message, Executable loading) {
        CredentialException fault = assertThrows(CredentialException.class, loading);
        assertTrue(fault.getMessage().contains(message), fault.getMessage());
    }

    // --- what is accepted

    static Stream<KeyPair> keys() {
        return HandshakeTest.keys();
    }

    @ParameterizedTest
    @MethodSource("keys")
    void everyKindOfKeyIsReadAsPkcs8(KeyPair keys) throws Exception {
        Identity identity = AUTHORITY.issue(new TestAuthority.Leaf().keys(keys).names("a.example"));
        Identity loaded = Identity.load(
                file("c", identity.certificatesPem()),
                file("k", pem("PRIVATE KEY", keys.getPrivate().getEncoded())));
        assertEquals(identity.chain(), loaded.chain());
        assertArrayEquals(keys.getPrivate().getEncoded(), loaded.privateKey().getEncoded());
    }

    @Test
    void anEcKeyIsReadInItsOldForm() throws Exception {
        for (int bits : new int[] {256, 384}) {
            KeyPair keys = TestAuthority.keyPair("EC", bits);
            Identity identity =
                    AUTHORITY.issue(new TestAuthority.Leaf().keys(keys).names("a.example"));
            PrivateKeyInfo info = PrivateKeyInfo.getInstance(keys.getPrivate().getEncoded());
            // As openssl ecparam -genkey writes it: the curve in a block of its own, and in the key as well.
            byte[] withCurve = new ECPrivateKey(
                            bits,
                            ECPrivateKey.getInstance(info.parsePrivateKey()).getKey(),
                            info.getPrivateKeyAlgorithm().getParameters())
                    .getEncoded();
            byte[] withoutCurve = info.getPrivateKey().getOctets();
            for (byte[] sec1 : List.of(withCurve, withoutCurve)) {
                String text = pem(
                                "EC PARAMETERS",
                                info.getPrivateKeyAlgorithm()
                                        .getParameters()
                                        .toASN1Primitive()
                                        .getEncoded())
                        + pem("EC PRIVATE KEY", sec1);
                Identity loaded = Identity.load(file("c", identity.certificatesPem()), file("k", text));
                assertEquals(
                        ((java.security.interfaces.ECPrivateKey) keys.getPrivate()).getS(),
                        ((java.security.interfaces.ECPrivateKey) loaded.privateKey()).getS());
            }
        }
    }

    @Test
    void anRsaKeyIsReadInItsOldForm() throws Exception {
        KeyPair keys = TestAuthority.keyPair("RSA", 2048);
        Identity identity = AUTHORITY.issue(new TestAuthority.Leaf().keys(keys).names("a.example"));
        byte[] pkcs1 = PrivateKeyInfo.getInstance(keys.getPrivate().getEncoded())
                .getPrivateKey()
                .getOctets();
        Identity loaded =
                Identity.load(file("c", identity.certificatesPem()), file("k", pem("RSA PRIVATE KEY", pkcs1)));
        assertEquals(keys.getPrivate(), loaded.privateKey());
    }

    @Test
    void oneFileCanHoldBothAndWordsBetweenThem() throws Exception {
        Path both = file(
                "both.pem",
                "Subject: leaf\r\n" + IDENTITY.privateKeyPem().replace("\n", "\r\n") + "and\r\n"
                        + IDENTITY.certificatesPem().replace("\n", "\r\n"));
        assertEquals(IDENTITY.chain(), Identity.load(both, both).chain());
    }

    @Test
    void aChainKeepsItsOrder() throws Exception {
        Identity identity = AUTHORITY.intermediate("one").intermediate("two").issue("a.example");
        Identity loaded = Identity.load(file("c", identity.certificatesPem()), file("k", identity.privateKeyPem()));
        assertEquals(identity.chain(), loaded.chain());
    }

    @Test
    void aFileOfAuthoritiesIsReadWhole() throws Exception {
        TestAuthority other = new TestAuthority("other");
        Path file = file(
                "ca.pem",
                pem("CERTIFICATE", AUTHORITY.certificate().getEncoded())
                        + pem("CERTIFICATE", other.certificate().getEncoded()));
        assertEquals(
                java.util.Set.of(AUTHORITY.certificate(), other.certificate()),
                TrustAnchors.load(file).certificates());
    }

    @Test
    void theRuntimesAuthoritiesAreThere() throws Exception {
        assertFalse(TrustAnchors.system().certificates().isEmpty());
    }

    // --- what is refused, and the words for it

    @Test
    void aMissingFileIsNamed() {
        Path missing = folder.resolve("missing.pem");
        assertFault("certificate file " + missing + ": no such file", () -> Identity.load(missing, key()));
        assertFault("private key file " + missing + ": no such file", () -> Identity.load(certificate(), missing));
        assertFault("CA certificate file " + missing + ": no such file", () -> TrustAnchors.load(missing));
    }

    @Test
    void aFolderIsNoFile() {
        assertFault("is a directory", () -> TrustAnchors.load(folder));
    }

    @Test
    void anEmptyFileIsCalledSo() {
        assertFault("the file is empty", () -> TrustAnchors.load(file("empty.pem", " \n")));
    }

    @Test
    void aBinaryFileIsNoPemFile() throws Exception {
        Path der = Files.write(folder.resolve("ca.der"), AUTHORITY.certificate().getEncoded());
        assertFault("not a PEM file, there is no -----BEGIN line", () -> TrustAnchors.load(der));
    }

    @Test
    void swappedFilesAreRecognised() {
        assertFault("no CERTIFICATE block, only PRIVATE KEY", () -> Identity.load(key(), certificate()));
        assertFault("no private key, only CERTIFICATE", () -> Identity.load(certificate(), certificate()));
        assertFault("no CERTIFICATE block, only PRIVATE KEY", () -> TrustAnchors.load(key()));
    }

    @Test
    void aKeyOfAnotherCertificateIsRefused() {
        for (KeyPair stranger : keys().toList()) {
            Path key =
                    file("other.key", pem("PRIVATE KEY", stranger.getPrivate().getEncoded()));
            assertFault(
                    "private key file " + key + ": the key does not belong to the certificate in " + certificate(),
                    () -> Identity.load(certificate(), key));
        }
    }

    @Test
    void aChainInTheWrongOrderIsRecognised() throws Exception {
        Path reversed = file(
                "chain.pem", pem("CERTIFICATE", AUTHORITY.certificate().getEncoded()) + IDENTITY.certificatesPem());
        assertFault(
                "belongs to certificate 2 of the file; that one must come first", () -> Identity.load(reversed, key()));
    }

    @Test
    void anEncryptedKeyIsRefusedWithTheCommandThatHelps() {
        Path modern = file("enc.key", pem("ENCRYPTED PRIVATE KEY", new byte[] {48, 0}));
        assertFault("openssl pkey -in " + modern, () -> Identity.load(certificate(), modern));
        Path old = file(
                "old.key",
                "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nAAAA\n"
                        + "-----END EC PRIVATE KEY-----\n");
        assertFault("the key is encrypted", () -> Identity.load(certificate(), old));
    }

    @Test
    void anUnknownKindOfKeyIsRefusedWithThoseThatAreKnown() {
        Path dsa = file("dsa.key", pem("DSA PRIVATE KEY", new byte[] {48, 0}));
        assertFault(
                "must be PRIVATE KEY (PKCS#8), EC PRIVATE KEY or RSA PRIVATE KEY",
                () -> Identity.load(certificate(), dsa));
        Path x25519 = file(
                "x.key",
                pem(
                        "PRIVATE KEY",
                        TestAuthority.keyPair("X25519", 0).getPrivate().getEncoded()));
        assertFault("must be ECDSA on P-256 or P-384, Ed25519, or RSA", () -> Identity.load(certificate(), x25519));
    }

    @Test
    void aCertificateWithAnUnknownKindOfKeyIsRefused() {
        KeyPair p521 = TestAuthority.keyPair("EC", 521);
        X509Certificate certificate = AUTHORITY.certificateFor(p521);
        assertFault(
                "the certificate's key (EC) is not supported",
                () -> Identity.load(file("c", pem("CERTIFICATE", certificate.getEncoded())), key()));
    }

    @Test
    void damageIsFound() {
        assertFault(
                "block CERTIFICATE is damaged",
                () -> TrustAnchors.load(file("a", "-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n")));
        assertFault("certificate 1 is damaged", () -> TrustAnchors.load(file("b", pem("CERTIFICATE", new byte[9]))));
        assertFault("has no END line", () -> TrustAnchors.load(file("c", "-----BEGIN CERTIFICATE-----\nAAAA\n")));
        assertFault(
                "closed by END PRIVATE KEY",
                () -> TrustAnchors.load(file("d", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END PRIVATE KEY-----\n")));
        for (String label : List.of("PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY")) {
            assertFault(
                    "damaged", () -> Identity.load(certificate(), file("e", pem(label, new byte[] {48, 3, 2, 1, 0}))));
        }
    }

    // --- self-signed

    @Test
    void aSelfSignedIdentitySurvivesItsFiles() throws Exception {
        Identity made = Identity.selfSigned("tunnel.example", "*.tunnel.example", "192.0.2.1", "2001:db8::1");
        Identity loaded = Identity.load(file("c", made.certificatesPem()), file("k", made.privateKeyPem()));
        assertEquals(made.chain(), loaded.chain());
        X509Certificate certificate = loaded.chain().get(0);
        assertEquals(
                List.of("tunnel.example", "*.tunnel.example", "192.0.2.1", "2001:db8:0:0:0:0:0:1"),
                certificate.getSubjectAlternativeNames().stream()
                        .map(entry -> entry.get(1))
                        .toList());
        certificate.verify(certificate.getPublicKey());
        certificate.checkValidity(Date.from(Instant.now().minus(Duration.ofMinutes(59))));
        certificate.checkValidity(Date.from(Instant.now().plus(Duration.ofDays(3650))));
        assertTrue(TrustAnchors.load(file("c", made.certificatesPem())).contains(certificate));
    }

    @Test
    void aSelfSignedIdentityNeedsProperNames() {
        assertThrows(IllegalArgumentException.class, () -> Identity.selfSigned());
        assertThrows(IllegalArgumentException.class, () -> Identity.selfSigned("not a name"));
        assertThrows(IllegalArgumentException.class, () -> Identity.selfSigned("a.*.example"));
    }

    @Test
    void anIdentityNeverPrintsItsKey() {
        assertEquals("Identity[CN=leaf]", IDENTITY.toString());
    }

    @Test
    void aKeyThatIsNotTheCertificatesIsRefused() {
        assertThrows(
                IllegalArgumentException.class,
                () -> Identity.of(
                        IDENTITY.chain(), TestAuthority.keyPair("EC", 256).getPrivate()));
        assertThrows(IllegalArgumentException.class, () -> Identity.of(List.of(), IDENTITY.privateKey()));
    }
}
