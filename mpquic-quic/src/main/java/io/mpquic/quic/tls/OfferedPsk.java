package io.mpquic.quic.tls;

import io.mpquic.quic.crypto.CipherSuite;
import org.bouncycastle.tls.PRFAlgorithm;
import org.bouncycastle.tls.TlsPSKExternal;
import org.bouncycastle.tls.crypto.TlsCryptoUtils;
import org.bouncycastle.tls.crypto.TlsSecret;
import org.bouncycastle.tls.crypto.impl.bc.BcTlsCrypto;

/** A pre-shared key in the shape that the state machine wants: an external one, or that of a session. */
final class OfferedPsk implements TlsPSKExternal {
    private final byte[] identity;
    private final TlsSecret key;
    private final int prfAlgorithm;
    private final boolean session;

    private OfferedPsk(byte[] identity, TlsSecret key, int prfAlgorithm, boolean session) {
        this.identity = identity;
        this.key = key;
        this.prfAlgorithm = prfAlgorithm;
        this.session = session;
    }

    static OfferedPsk external(BcTlsCrypto crypto, ExternalPsk psk) {
        return new OfferedPsk(psk.identity(), crypto.createSecret(psk.key()), PRFAlgorithm.tls13_hkdf_sha256, false);
    }

    static OfferedPsk session(BcTlsCrypto crypto, byte[] ticket, CipherSuite suite, byte[] psk) {
        return new OfferedPsk(ticket, new SessionSecret(crypto, psk), prfAlgorithm(suite), true);
    }

    private static int prfAlgorithm(CipherSuite suite) {
        return switch (suite) {
            case TLS_AES_128_GCM_SHA256, TLS_CHACHA20_POLY1305_SHA256 -> PRFAlgorithm.tls13_hkdf_sha256;
            case TLS_AES_256_GCM_SHA384 -> PRFAlgorithm.tls13_hkdf_sha384;
        };
    }

    /** RFC 8446 §4.2.11.2: the length of a proof that one has the key, that of the hash. */
    int binderBytes() {
        return TlsCryptoUtils.getHashOutputSize(TlsCryptoUtils.getHashForPRF(prfAlgorithm));
    }

    boolean isSession() {
        return session;
    }

    @Override
    public byte[] getIdentity() {
        return identity;
    }

    @Override
    public TlsSecret getKey() {
        return key;
    }

    @Override
    public int getPRFAlgorithm() {
        return prfAlgorithm;
    }
}
