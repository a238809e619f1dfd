package io.mpquic.dataplane.forward;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

class OffloadAllocationTest {
    private static final int ROUNDS = 2_000;
    private static final int STRETCHES = 50;

    private final CountingSink sink = new CountingSink();
    private final OffloadLoop loop = new OffloadLoop(sink);

    @Test
    void cuttingAndJoiningAllocatesNothing() throws IOException {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        // The compiler works in the background: measure until it is done with this.
        long leastBytes = Long.MAX_VALUE;
        for (int stretch = 0; stretch < STRETCHES && leastBytes > 1_000; stretch++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int round = 0; round < ROUNDS; round++) {
                loop.cut();
                loop.join();
            }
            leastBytes = Math.min(leastBytes, threads.getCurrentThreadAllocatedBytes() - before);
        }

        assertTrue(sink.bytes > 0);
        assertTrue(leastBytes <= 1_000, leastBytes + " bytes for " + ROUNDS * OffloadLoop.PACKETS + " packets");
    }
}
