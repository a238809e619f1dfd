package io.mpquic.quic.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mpquic.quic.crypto.CipherSuite;
import io.mpquic.quic.crypto.KeySchedule;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import org.bouncycastle.tls.crypto.CryptoHashAlgorithm;
import org.bouncycastle.tls.crypto.TlsCryptoUtils;
import org.bouncycastle.tls.crypto.TlsSecret;
import org.junit.jupiter.api.Test;

/** RFC 8448 §3, §4: the keys of a resumed session, step by step. */
class Rfc8448ResumptionTest {
    private static final CipherSuite SUITE = CipherSuite.TLS_AES_128_GCM_SHA256;
    private static final String PSK = "4ecd0eb6ec3b4d87f5d6028f922ca4c5851a277fd41311c9e62d2c9492e1c4f3";

    @Test
    void theKeyOfASessionFollowsFromTheResumptionSecretAndTheNonce() {
        byte[] secret = HexFormat.of().parseHex("7df235f2031d2a051287d02b0241b0bfdaf86cc856231f2d5aba46c434ec196c");
        assertEquals(PSK, HexFormat.of().formatHex(new ResumptionSecret(SUITE, secret).psk(new byte[] {0, 0})));
    }

    @Test
    void theSecretOfEarlyDataFollowsFromTheSessionAndTheClientHello() {
        byte[] helloHash = HexFormat.of().parseHex("08ad0fa05d7c7233b1775ba2ff9f4c5b8b59276b7f227f13a976245f5d960913");
        EarlyKey key = new EarlyKey(SUITE, HexFormat.of().parseHex(PSK), null);
        assertEquals(
                "3fbbe6a60deb66c30a32795aba0eff7eaa10105586e7be5c09678d63b6caab62",
                HexFormat.of().formatHex(key.secretAfter(helloHash)));
    }

    @Test
    void theBinderKeyOfASessionIsNotThatOfAnExternalKey() throws Exception {
        QuicTlsCrypto crypto = new QuicTlsCrypto(new SecureRandom(), new IgnoringSink());
        byte[] empty = MessageDigest.getInstance("SHA-256").digest();
        TlsSecret early = crypto.hkdfInit(CryptoHashAlgorithm.sha256)
                .hkdfExtract(
                        CryptoHashAlgorithm.sha256,
                        new SessionSecret(crypto, HexFormat.of().parseHex(PSK)));
        byte[] binderKey = TlsCryptoUtils.hkdfExpandLabel(early, CryptoHashAlgorithm.sha256, "ext binder", empty, 32)
                .extract();
        assertEquals(
                "69fe131a3bbad5d63c64eebcc30e395b9d8107726a13d074e389dbc8a4e47256",
                HexFormat.of().formatHex(binderKey));
        byte[] extracted =
                KeySchedule.hkdfExtract(SUITE, new byte[0], HexFormat.of().parseHex(PSK));
        for (String label : List.of("derived", "c e traffic")) {
            assertEquals(
                    HexFormat.of().formatHex(KeySchedule.hkdfExpandLabel(SUITE, extracted, label, empty, 32)),
                    HexFormat.of()
                            .formatHex(
                                    TlsCryptoUtils.hkdfExpandLabel(early, CryptoHashAlgorithm.sha256, label, empty, 32)
                                            .extract()),
                    "all other labels stay as they are");
        }
    }

    private static final class IgnoringSink implements HandshakeSink {
        @Override
        public void onMessageBytes(byte[] buffer, int offset, int lengthBytes) {}

        @Override
        public void onSecrets(CipherSuite suite, HandshakeSecrets secrets) {}

        @Override
        public void onEarlyKey(EarlyKey key) {}

        @Override
        public void onEarlyDataDecided(boolean accepted) {}

        @Override
        public void onPeerTransportParameters(byte[] encoded) {}

        @Override
        public void onComplete(HandshakeOutcome outcome) {}
    }
}
