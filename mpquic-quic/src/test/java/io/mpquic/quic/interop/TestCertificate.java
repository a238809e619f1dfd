package io.mpquic.quic.interop;

import io.mpquic.quic.tls.Identity;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;

/**
 * A certificate of this project's making that signs itself, in the forms that the other makes want. Each of them reads
 * and verifies it with code of its own.
 */
record TestCertificate(Identity identity, KeyStore store, Path certificatePem, Path keyPem) {
    static final String ALIAS = "peer";
    static final String PASSWORD = "only-for-tests";
    static final String NAME = "localhost";

    /** Those of a server, of a client, and of somebody whom nobody trusts. */
    static final TestCertificate SERVER = make();

    static final TestCertificate CLIENT = make();
    static final TestCertificate STRANGER = make();

    private static TestCertificate make() {
        Identity identity = Identity.selfSigned(NAME, "127.0.0.1");
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            Certificate[] chain = identity.chain().toArray(Certificate[]::new);
            store.setKeyEntry(ALIAS, identity.privateKey(), PASSWORD.toCharArray(), chain);
            return new TestCertificate(
                    identity, store, write(identity.certificatesPem()), write(identity.privateKeyPem()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Path write(String pem) throws IOException {
        Path file = Files.createTempFile("mpquic-test-certificate", ".pem");
        file.toFile().deleteOnExit();
        return Files.writeString(file, pem);
    }

    X509Certificate certificate() {
        return identity.chain().getFirst();
    }

    PrivateKey key() {
        return identity.privateKey();
    }
}
