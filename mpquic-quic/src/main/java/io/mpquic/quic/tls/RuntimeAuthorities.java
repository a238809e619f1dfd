package io.mpquic.quic.tls;

import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/** The authorities that the Java runtime believes. Apart, so that only who asks for them loads the classes it takes. */
final class RuntimeAuthorities {
    private RuntimeAuthorities() {}

    static Set<X509Certificate> load() throws CredentialException {
        try {
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init((KeyStore) null);
            Set<X509Certificate> found = new HashSet<>();
            for (TrustManager manager : factory.getTrustManagers()) {
                if (manager instanceof X509TrustManager x509) {
                    found.addAll(Arrays.asList(x509.getAcceptedIssuers()));
                }
            }
            if (found.isEmpty()) {
                throw new CredentialException("the Java runtime trusts no certification authority; name a CA file");
            }
            return found;
        } catch (GeneralSecurityException e) {
            throw new CredentialException("the Java runtime's trusted certificates cannot be read: " + e.getMessage());
        }
    }
}
