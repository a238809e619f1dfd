package io.mpquic.quic.interop;

import io.mpquic.quic.tls.Identity;
import io.mpquic.quic.tls.LargeChain;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.Base64;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;

/**
 * A certificate of this project's making, in the forms that the other makes want. Each of them reads and verifies it with
 * code of its own.
 *
 * @param root whom to trust; the certificate itself when that signs itself
 * @param certificatePem the certificate and its issuers up to the root
 */
record TestCertificate(
        Identity identity, X509Certificate root, KeyStore store, Path certificatePem, Path rootPem, Path keyPem) {
    static final String ALIAS = "peer";
    static final String PASSWORD = "only-for-tests";
    static final String NAME = "localhost";

    /** Those of a server, of a client, and of somebody whom nobody trusts. */
    static final TestCertificate SERVER = make();

    static final TestCertificate CLIENT = make();
    static final TestCertificate STRANGER = make();

    /** That of a server with some 12 kB of certificates. */
    static final TestCertificate LARGE = large();

    private static TestCertificate make() {
        Identity identity = Identity.selfSigned(NAME, "127.0.0.1");
        return make(identity, identity.chain().getFirst());
    }

    private static TestCertificate large() {
        LargeChain chain = LargeChain.make(NAME, "127.0.0.1");
        return make(chain.identity(), chain.root());
    }

    private static TestCertificate make(Identity identity, X509Certificate root) {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            Certificate[] chain = identity.chain().toArray(Certificate[]::new);
            store.setKeyEntry(ALIAS, identity.privateKey(), PASSWORD.toCharArray(), chain);
            return new TestCertificate(
                    identity,
                    root,
                    store,
                    write(identity.certificatesPem()),
                    write(pem(root)),
                    write(keyPem(identity)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** PKCS#8 with the public key inside, which the JDK leaves out and GnuTLS cannot do without (RFC 5915 §3). */
    private static String keyPem(Identity identity) throws IOException {
        PrivateKeyInfo plain = PrivateKeyInfo.getInstance(identity.privateKey().getEncoded());
        SubjectPublicKeyInfo certified = SubjectPublicKeyInfo.getInstance(
                identity.chain().getFirst().getPublicKey().getEncoded());
        ECPrivateKey secret = ECPrivateKey.getInstance(plain.parsePrivateKey());
        ECPrivateKey whole = new ECPrivateKey(
                256,
                secret.getKey(),
                certified.getPublicKeyData(),
                certified.getAlgorithm().getParameters());
        return pem("PRIVATE KEY", new PrivateKeyInfo(plain.getPrivateKeyAlgorithm(), whole).getEncoded());
    }

    private static String pem(X509Certificate certificate) throws CertificateEncodingException {
        return pem("CERTIFICATE", certificate.getEncoded());
    }

    private static String pem(String label, byte[] der) {
        String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return "-----BEGIN " + label + "-----\n" + body + "\n-----END " + label + "-----\n";
    }

    private static Path write(String pem) throws IOException {
        Path file = Files.createTempFile("mpquic-test-certificate", ".pem");
        file.toFile().deleteOnExit();
        return Files.writeString(file, pem);
    }

    X509Certificate certificate() {
        return identity.chain().getFirst();
    }

    X509Certificate[] chain() {
        return identity.chain().toArray(X509Certificate[]::new);
    }

    PrivateKey key() {
        return identity.privateKey();
    }
}
