package io.mpquic.quic.crypto;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import javax.crypto.Cipher;
import javax.crypto.spec.ChaCha20ParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** RFC 9001 §5.4.4: the mask is the key stream of ChaCha20, with counter and nonce taken from the sample. */
final class JdkChaCha20HeaderMask implements HeaderMask {
    private static final ValueLayout.OfInt COUNTER = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int MASK_BYTES = 5;
    private static final byte[] ZEROS = new byte[MASK_BYTES];

    private final SecretKeySpec key;
    private final byte[] nonce = new byte[SAMPLE_BYTES - Integer.BYTES];
    private final byte[] keyStream = new byte[MASK_BYTES];
    private Cipher cipher = newCipher();

    JdkChaCha20HeaderMask(byte[] key) {
        this.key = new SecretKeySpec(key, "ChaCha20");
    }

    @Override
    public long mask(MemorySegment packet, long sampleOffset) {
        int counter = packet.get(COUNTER, sampleOffset);
        MemorySegment.copy(packet, ValueLayout.JAVA_BYTE, sampleOffset + Integer.BYTES, nonce, 0, nonce.length);
        Jca.always("ChaCha20", () -> {
            init(new ChaCha20ParameterSpec(nonce, counter));
            return cipher.doFinal(ZEROS, 0, MASK_BYTES, keyStream, 0);
        });
        return JdkCryptoProvider.firstFiveBytes(keyStream);
    }

    private void init(ChaCha20ParameterSpec parameters) throws GeneralSecurityException {
        try {
            cipher.init(Cipher.ENCRYPT_MODE, key, parameters);
        } catch (InvalidKeyException e) {
            // SunJCE refuses the nonce of the call before, but a packet can come twice. A new object does not know it.
            cipher = newCipher();
            cipher.init(Cipher.ENCRYPT_MODE, key, parameters);
        }
    }

    private static Cipher newCipher() {
        return JdkCryptoProvider.cipher("ChaCha20");
    }
}
