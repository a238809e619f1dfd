package io.mpquic.quic.tls;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.List;
import org.bouncycastle.tls.Certificate;
import org.bouncycastle.tls.SignatureAndHashAlgorithm;
import org.bouncycastle.tls.SignatureScheme;
import org.bouncycastle.tls.TlsCredentialedSigner;
import org.bouncycastle.tls.crypto.TlsStreamSigner;
import org.jspecify.annotations.Nullable;

/** An {@link Identity} together with the signature scheme that the peer understands. */
final class IdentitySigner implements TlsCredentialedSigner {
    private final Identity identity;
    private final SignatureAlgorithm algorithm;

    private IdentitySigner(Identity identity, SignatureAlgorithm algorithm) {
        this.identity = identity;
        this.algorithm = algorithm;
    }

    /**
     * Picks the best scheme that fits both the key and the peer.
     *
     * @param accepted what the peer accepts, as BouncyCastle parsed it
     * @return null when there is none
     */
    static @Nullable IdentitySigner of(Identity identity, @Nullable List<?> accepted) {
        if (accepted == null) {
            return null;
        }
        for (SignatureAlgorithm algorithm : SignatureAlgorithm.values()) {
            if (algorithm.fits(identity.chain().get(0).getPublicKey())
                    && accepted.contains(SignatureScheme.getSignatureAndHashAlgorithm(algorithm.id()))) {
                return new IdentitySigner(identity, algorithm);
            }
        }
        return null;
    }

    @Override
    public Certificate getCertificate() {
        return X509TlsCertificate.messageOf(identity.chain());
    }

    @Override
    public SignatureAndHashAlgorithm getSignatureAndHashAlgorithm() {
        return SignatureScheme.getSignatureAndHashAlgorithm(algorithm.id());
    }

    @Override
    public TlsStreamSigner getStreamSigner() throws IOException {
        try {
            return algorithm.signing(identity.privateKey());
        } catch (GeneralSecurityException e) {
            throw SignatureStream.unusableKey(e);
        }
    }

    @Override
    public byte[] generateRawSignature(byte[] hash) {
        throw new IllegalStateException("everything is signed through the stream");
    }
}
