package io.mpquic.quic.tls;

import io.mpquic.quic.crypto.CipherSuite;
import io.mpquic.quic.crypto.KeySchedule;
import io.mpquic.quic.wire.RememberedParameters;
import org.jspecify.annotations.Nullable;

/**
 * What the secret of early data follows from (RFC 8446 §7.1, client_early_traffic_secret).
 *
 * @param suite the cipher suite of the session
 * @param psk the session's key
 * @param parameters on a client, the server's transport parameters that hold for early data
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record EarlyKey(CipherSuite suite, byte[] psk, @Nullable RememberedParameters parameters) {
    private static final byte[] NO_SALT = {};

    byte[] secret(byte[] clientHello) {
        return secretAfter(Transcript.digest(suite).digest(clientHello));
    }

    byte[] secretAfter(byte[] hash) {
        byte[] early = KeySchedule.hkdfExtract(suite, NO_SALT, psk);
        return KeySchedule.hkdfExpandLabel(suite, early, "c e traffic", hash, suite.hashBytes());
    }

    @Override
    public String toString() {
        return "EarlyKey";
    }
}
