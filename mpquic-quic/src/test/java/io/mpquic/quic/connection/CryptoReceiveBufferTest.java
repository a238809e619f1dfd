package io.mpquic.quic.connection;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.mpquic.quic.wire.TransportError;
import io.mpquic.quic.wire.TransportException;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class CryptoReceiveBufferTest {
    private static final int LIMIT_BYTES = 65_536;

    /** A peer that needs no identity may send them, on each of the connections that it may begin. */
    @Test
    void scatteredPiecesTakeNoMoreMemoryThanTheBytesThatTheySpan() throws TransportException {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        MemorySegment one = MemorySegment.ofArray(new byte[1]);
        long allocated = 0;
        for (int run = 0; run < 20; run++) { // until it is compiled, and objects that nobody keeps are not made
            CryptoReceiveBuffer buffer = new CryptoReceiveBuffer();
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int offset = LIMIT_BYTES - 1; offset > 0; offset -= 2) {
                buffer.insert(offset, one);
            }
            allocated = threads.getCurrentThreadAllocatedBytes() - before;
        }
        assertTrue(allocated < 2 * LIMIT_BYTES, allocated + " bytes");
    }

    @Test
    void piecesOfAnySizeInAnyOrderComeOutInOrderAndOnce() throws TransportException {
        for (long seed = 1; seed <= 200; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            byte[] all = new byte[1 + random.nextInt(3_000)];
            random.nextBytes(all);
            CryptoReceiveBuffer buffer = new CryptoReceiveBuffer();
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            while (out.size() < all.length) {
                int from = random.nextInt(all.length);
                int length = random.nextInt(Math.min(all.length - from, 300) + 1);
                buffer.insert(from, MemorySegment.ofArray(all).asSlice(from, length));
                for (byte[] next = buffer.poll(); next != null; next = buffer.poll()) {
                    assertTrue(next.length > 0);
                    out.writeBytes(next);
                }
            }
            assertArrayEquals(all, out.toByteArray(), "seed " + seed);
        }
    }

    @Test
    void whatLiesTooFarAheadIsRefused() throws TransportException {
        CryptoReceiveBuffer buffer = new CryptoReceiveBuffer();
        buffer.insert(LIMIT_BYTES - 1, MemorySegment.ofArray(new byte[1]));
        TransportException refusal = assertThrows(
                TransportException.class, () -> buffer.insert(LIMIT_BYTES, MemorySegment.ofArray(new byte[1])));
        assertEquals(TransportError.CRYPTO_BUFFER_EXCEEDED, refusal.errorCode());
    }
}
