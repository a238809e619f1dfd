package io.mpquic.dataplane.forward;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** No byte string throws, and nothing is written or read outside of the packet. */
class SegmenterFuzzTest {
    private final Segmenter segmenter = new Segmenter();

    @Test
    void anyBytesAreCutOrRefused() {
        int cut = 0;
        for (int seed = 0; seed < 200_000; seed++) {
            Random random = new Random(seed);
            byte[] bytes = new byte[random.nextInt(160)];
            random.nextBytes(bytes);
            likelier(bytes, random);
            // Exactly the packet's memory: a read outside throws.
            MemorySegment memory = MemorySegment.ofArray(bytes);
            if (!segmenter.begin(memory, 0, bytes.length)) {
                continue;
            }
            int packets = 0;
            while (segmenter.hasNext()) {
                int length = segmenter.nextLengthBytes();
                // As much memory as was asked for: a write outside throws too.
                assertEquals(length, segmenter.next(MemorySegment.ofArray(new byte[length]), 0));
                assertTrue(++packets <= bytes.length);
            }
            cut += packets > 1 ? 1 : 0;
        }
        assertTrue(cut > 10_000, "too few were cut: " + cut);
    }

    private static void likelier(byte[] bytes, Random random) {
        if (bytes.length < 70 || random.nextInt(10) == 0) {
            return;
        }
        int length = bytes.length - 10;
        boolean ipv4 = random.nextBoolean();
        boolean tcp = random.nextBoolean();
        int transport = ipv4 ? 20 + 4 * random.nextInt(3) : 40 + 8 * random.nextInt(2);
        ByteBuffer out = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
        out.put(0, (byte) (random.nextInt(10) == 0 ? 0 : 1));
        out.put(1, (byte) (tcp ? ipv4 ? 1 : 4 : 5));
        out.putShort(4, (short) random.nextInt(50));
        out.putShort(6, (short) transport);
        out.putShort(8, (short) (tcp ? 16 : 6));
        out.order(ByteOrder.BIG_ENDIAN);
        int protocol = random.nextInt(20) == 0 ? random.nextInt(256) : tcp ? 6 : 17;
        if (ipv4) {
            out.put(10, (byte) (0x40 | transport / 4));
            out.putShort(12, (short) length);
            out.putShort(16, (short) 0);
            out.put(19, (byte) protocol);
        } else {
            out.put(10, (byte) 0x60);
            out.putShort(14, (short) (length - 40));
            out.put(16, (byte) (transport == 40 ? protocol : 60));
            out.put(50, (byte) protocol);
            out.put(51, (byte) 0);
        }
        int dataOffset = 10 + transport + 12;
        if (tcp && dataOffset < bytes.length && random.nextInt(4) > 0) {
            out.put(dataOffset, (byte) (5 + random.nextInt(3) << 4));
        }
    }
}
