package io.mpquic.quic.tls;

import io.mpquic.quic.crypto.CipherSuite;
import java.io.IOException;
import java.security.SecureRandom;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.SecurityParameters;
import org.bouncycastle.tls.TlsFatalAlert;
import org.bouncycastle.tls.crypto.TlsCertificate;
import org.bouncycastle.tls.crypto.TlsCipher;
import org.bouncycastle.tls.crypto.TlsCryptoParameters;
import org.bouncycastle.tls.crypto.TlsSecret;
import org.bouncycastle.tls.crypto.impl.bc.BcTlsCrypto;

/**
 * BouncyCastle's cryptography for one connection, without packet protection: where the state machine wants a cipher,
 * the traffic secrets are handed to QUIC instead.
 */
final class QuicTlsCrypto extends BcTlsCrypto {
    private final HandshakeSink sink;

    QuicTlsCrypto(SecureRandom random, HandshakeSink sink) {
        super(random);
        this.sink = sink;
    }

    @Override
    public TlsCipher createCipher(TlsCryptoParameters parameters, int encryptionAlgorithm, int macAlgorithm)
            throws IOException {
        SecurityParameters handshake = parameters.getSecurityParametersHandshake();
        CipherSuite suite = CipherSuite.ofId(handshake.getCipherSuite());
        if (suite == null) {
            throw new TlsFatalAlert(AlertDescription.internal_error, "cipher suite that was never offered");
        }
        sink.onSecrets(
                suite,
                new HandshakeSecrets(
                        handshake.getClientRandom(),
                        copy(handshake.getTrafficSecretClient()),
                        copy(handshake.getTrafficSecretServer())));
        return new RecordlessCipher();
    }

    /** A copy of a secret. To extract the original would destroy it, and Finished still depends on it. */
    private byte[] copy(TlsSecret secret) {
        return adoptSecret(secret).extract();
    }

    @Override
    public TlsCertificate createCertificate(short type, byte[] encoding) throws IOException {
        return X509TlsCertificate.parse(encoding);
    }
}
