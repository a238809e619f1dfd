package io.mpquic.quic.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** From seal to sink and back with the acknowledgement, a datagram leaves nothing to the garbage collector. */
class DatagramPathTest {
    private static final int DATAGRAMS_A_ROUND = 20_000;

    /** Until the compiler has seen the code, method handles may allocate: many rounds may pass, one has to be clean. */
    private static final int MAX_ROUNDS = 100;

    @Test
    void aDatagramThroughTwoEndpointsAllocatesNothing() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        DatagramPath path = new DatagramPath(new NoProtection());
        long leastBytes = Long.MAX_VALUE;
        long sent = 0;
        for (int round = 0; round < MAX_ROUNDS && leastBytes >= DATAGRAMS_A_ROUND; round++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < DATAGRAMS_A_ROUND; i++) {
                path.send(0);
                path.receive(0);
                path.takeReply(0);
            }
            leastBytes = Math.min(leastBytes, threads.getCurrentThreadAllocatedBytes() - before);
            sent += DATAGRAMS_A_ROUND;
        }
        assertEquals(sent, path.receivedDatagrams());
        assertTrue(leastBytes < DATAGRAMS_A_ROUND, leastBytes + " bytes for " + DATAGRAMS_A_ROUND + " datagrams");
    }
}
