package io.mpquic.quic.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

class SendBatchTest {
    private static final InetSocketAddress PEER = new InetSocketAddress("192.0.2.1", 45_001);
    private static final InetSocketAddress OTHER = new InetSocketAddress("192.0.2.2", 45_001);

    private final SendBatch batch = new SendBatch(Arena.ofAuto(), () -> 40);

    private boolean add(int lengthBytes) {
        return batch.add(lengthBytes, PEER, null, 2);
    }

    @Test
    void packetsOfOneSizeGoTogetherUpToTheMostThatTheSystemTakes() {
        for (int i = 0; i < 40; i++) {
            assertFalse(batch.isFull());
            assertTrue(add(1350));
        }
        assertTrue(batch.isFull());
        assertFalse(add(1350));
        assertEquals(40 * 1350, batch.end());
        assertEquals(1350, batch.packetBytes());
        assertEquals(40, batch.count());
    }

    @Test
    void aShorterPacketIsTheLast() {
        add(1350);
        assertTrue(add(60));
        assertTrue(batch.isFull());
        assertFalse(add(60));
        assertFalse(add(20));
    }

    @Test
    void aLongerPacketBeginsAnotherBatch() {
        add(60);
        assertFalse(add(61));
        assertFalse(batch.isFull());
        assertTrue(add(60));
    }

    @Test
    void packetsToAnotherAddressOrWithAnotherMarkBeginAnotherBatch() {
        add(60);
        assertFalse(batch.add(60, OTHER, null, 2));
        assertFalse(batch.add(60, PEER, null, 0));
        assertTrue(batch.add(60, new InetSocketAddress("192.0.2.1", 45_001), null, 2));
    }

    @Test
    void aBatchStaysBelowWhatOneCallMaySend() {
        for (int i = 0; i < 6; i++) {
            assertTrue(add(10_000));
        }
        assertTrue(batch.isFull());
        assertFalse(add(10_000));
        assertTrue(batch.end() <= SendBatch.MAX_BYTES);
    }

    @Test
    void aPacketLargerThanABatchGoesAlone() {
        assertTrue(add(65_527));
        assertTrue(batch.isFull());
        assertTrue(batch.memory().byteSize() >= batch.end());
    }

    @Test
    void onePacketMoreCanAlwaysBeBuiltBehindTheOthers() {
        while (add(1350)) {
            assertTrue(batch.memory().byteSize() - batch.end() >= 65_527);
        }
        assertTrue(batch.memory().byteSize() - batch.end() >= 65_527);
    }

    @Test
    void aClearedBatchIsAsNew() {
        add(1350);
        add(60);
        batch.clear();
        assertTrue(batch.isEmpty());
        assertTrue(batch.add(1400, OTHER, null, 0));
        assertEquals(1400, batch.packetBytes());
        assertEquals(0, batch.codepoint());
    }
}
