package io.mpquic.quic.crypto;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.GeneralSecurityException;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;

/** RFC 9001 §5.4.3: the mask is the start of the sample encrypted as one AES block. */
final class JdkAesHeaderMask implements HeaderMask {
    private static final String TRANSFORMATION = "AES/ECB/NoPadding";

    private final Cipher cipher;
    private final byte[] sample = new byte[SAMPLE_BYTES];
    private final byte[] block = new byte[SAMPLE_BYTES];

    JdkAesHeaderMask(byte[] key) {
        cipher = Jca.always(TRANSFORMATION, () -> {
            Cipher made = JdkCryptoProvider.cipher(TRANSFORMATION);
            made.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"));
            return made;
        });
    }

    @Override
    public long mask(MemorySegment packet, long sampleOffset) {
        MemorySegment.copy(packet, ValueLayout.JAVA_BYTE, sampleOffset, sample, 0, SAMPLE_BYTES);
        try {
            // ECB keeps no state from block to block, so the cipher is never finished nor initialised again.
            cipher.update(sample, 0, SAMPLE_BYTES, block, 0);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot compute a header mask", e);
        }
        return JdkCryptoProvider.firstFiveBytes(block);
    }
}
