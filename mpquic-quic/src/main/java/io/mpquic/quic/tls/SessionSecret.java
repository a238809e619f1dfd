package io.mpquic.quic.tls;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.bouncycastle.tls.crypto.TlsSecret;
import org.bouncycastle.tls.crypto.impl.bc.BcTlsCrypto;
import org.bouncycastle.tls.crypto.impl.bc.BcTlsSecret;

/**
 * The key of a session to be resumed. The state machine knows external keys only; what differs is one label in the
 * derivation of the binder (RFC 8446 §7.1), so the secret that is extracted from this key changes that label.
 */
final class SessionSecret extends BcTlsSecret {
    SessionSecret(BcTlsCrypto crypto, byte[] psk) {
        super(crypto, psk.clone());
    }

    /** The zeros that the key schedule begins with. */
    static TlsSecret salt(BcTlsCrypto crypto, int lengthBytes) {
        return new Salt(crypto, new byte[lengthBytes]);
    }

    private static final class Salt extends BcTlsSecret {
        Salt(BcTlsCrypto crypto, byte[] zeros) {
            super(crypto, zeros);
        }

        @Override
        public synchronized TlsSecret hkdfExtract(int cryptoHashAlgorithm, TlsSecret keyingMaterial) {
            TlsSecret extracted = super.hkdfExtract(cryptoHashAlgorithm, keyingMaterial);
            return keyingMaterial instanceof SessionSecret ? new EarlySecret(crypto, extracted.extract()) : extracted;
        }
    }

    /** The early secret of a resumed session. */
    private static final class EarlySecret extends BcTlsSecret {
        /** Length of the output, length of the label, and its prefix {@code "tls13 "}. */
        private static final int LABEL_OFFSET = 2 + 1 + 6;

        private static final byte[] EXTERNAL = "ext binder".getBytes(StandardCharsets.US_ASCII);
        private static final byte[] RESUMPTION = "res binder".getBytes(StandardCharsets.US_ASCII);

        EarlySecret(BcTlsCrypto crypto, byte[] data) {
            super(crypto, data);
        }

        @Override
        public synchronized TlsSecret hkdfExpand(int cryptoHashAlgorithm, byte[] info, int lengthBytes) {
            int end = LABEL_OFFSET + EXTERNAL.length;
            byte[] own = info.clone();
            if (info.length > end && Arrays.equals(info, LABEL_OFFSET, end, EXTERNAL, 0, EXTERNAL.length)) {
                System.arraycopy(RESUMPTION, 0, own, LABEL_OFFSET, RESUMPTION.length);
            }
            return super.hkdfExpand(cryptoHashAlgorithm, own, lengthBytes);
        }
    }
}
