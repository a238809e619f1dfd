package io.mpquic.quic.crypto;

import io.mpquic.quic.crypto.LibCrypto.Algorithm;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import java.nio.ByteOrder;

/**
 * A header mask of libcrypto: AES encrypts the sample as one block (RFC 9001 §5.4.3), ChaCha20 takes it as counter and
 * nonce and encrypts zeros (§5.4.4), which is the order in which libcrypto wants them.
 */
final class NativeHeaderMask implements HeaderMask {
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final int MASK_BITS = 40;
    private static final int OUT_OFFSET = SAMPLE_BYTES;
    private static final int LENGTH_OFFSET = OUT_OFFSET + SAMPLE_BYTES;
    private static final int ZEROS_OFFSET = LENGTH_OFFSET + SAMPLE_BYTES;
    private static final int WORK_BYTES = ZEROS_OFFSET + SAMPLE_BYTES;

    private final boolean isChaCha20;
    private final MemorySegment context;
    /** Sample, mask, the length that libcrypto reports, zeros. */
    private final MemorySegment work = Arena.ofAuto().allocate(WORK_BYTES, SAMPLE_BYTES);

    NativeHeaderMask(Algorithm algorithm, byte[] key) {
        isChaCha20 = algorithm == Algorithm.CHACHA20;
        context = LibCrypto.context(algorithm, true, key);
    }

    @Override
    public long mask(MemorySegment packet, long sampleOffset) {
        // A copy, so that a sample on the heap is as good as any.
        MemorySegment.copy(packet, sampleOffset, work, 0, SAMPLE_BYTES);
        try {
            long handle = context.address();
            long sample = work.address();
            long out = sample + OUT_OFFSET;
            long length = sample + LENGTH_OFFSET;
            if (isChaCha20) {
                LibCrypto.beginEncryption(handle, sample);
                LibCrypto.encrypt(handle, out, length, sample + ZEROS_OFFSET, Long.BYTES);
            } else {
                // ECB keeps no state from block to block.
                LibCrypto.encrypt(handle, out, length, sample, SAMPLE_BYTES);
            }
            return work.get(LONG, OUT_OFFSET) >>> (Long.SIZE - MASK_BITS);
        } finally {
            Reference.reachabilityFence(this);
        }
    }
}
