package io.mpquic.quic.congestion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.conformance.Requirement;
import org.junit.jupiter.api.Test;

class PacerTest {
    private static final long MS = 1_000_000;
    private static final int MDS = 1200;

    private final NewReno reno = new NewReno(MDS);
    private long rttNs = 100 * MS;
    private final Pacer pacer = new Pacer(reno, () -> rttNs);

    private int sendAllPermitted(long nowNs) {
        int packets = 0;
        while (pacer.permits(nowNs)) {
            pacer.onSent(MDS, nowNs);
            packets++;
        }
        return packets;
    }

    @Requirement("9002-7.7-1")
    @Test
    void aBurstOfSixteenPacketsGoesOutAtOnce() {
        assertEquals(16, sendAllPermitted(0));
        assertFalse(pacer.permits(0));
    }

    @Test
    void aBlockedSenderMaySendAgainAtTheTimeItIsTold() {
        sendAllPermitted(5 * MS);
        long nextNs = pacer.nextSendNs();
        assertTrue(nextNs > 5 * MS);
        assertFalse(pacer.permits(5 * MS));
        assertTrue(pacer.permits(nextNs));
    }

    @Test
    void nothingIsToldToWaitBeforeTheFirstPacket() {
        assertEquals(Long.MIN_VALUE, pacer.nextSendNs());
        assertTrue(pacer.permits(7));
        assertEquals(7, pacer.nextSendNs());
    }

    @Requirement("9002-7.7-1")
    @Test
    void overTimeTheRateOfTheControllerIsSent() {
        // Two windows of 12,000 bytes each 100 ms.
        sendAllPermitted(0);
        long bytes = 0;
        for (long nowNs = 0; nowNs < 10_000 * MS; nowNs = Math.max(nowNs + 1, pacer.nextSendNs())) {
            bytes += (long) sendAllPermitted(nowNs) * MDS;
        }
        assertEquals(2_400_000, bytes, 24_000);
    }

    @Test
    void lateWakeUpsDoNotCostThroughput() {
        // 100 MB/s: in congestion avoidance a window of about 8 MB and a round trip of 100 ms.
        for (int i = 0; i < 14_000; i++) {
            reno.onPacketAcked(MDS, 1, 2, false);
        }
        reno.onPacketsLost(MDS, 3, 4);
        long rate = reno.pacingBytesPerSecond(rttNs);
        assertTrue(rate > 100_000_000, "rate " + rate);
        sendAllPermitted(0);
        long bytes = 0;
        long lateNs = MS;
        for (long nowNs = 0; nowNs < 1_000 * MS; nowNs = pacer.nextSendNs() + lateNs) {
            bytes += (long) sendAllPermitted(nowNs) * MDS;
        }
        assertTrue(bytes > rate * 98 / 100, bytes + " of " + rate);
    }

    @Test
    void anIdleTimeDoesNotSaveUpMoreThanOneBurst() {
        sendAllPermitted(0);
        assertEquals(16, sendAllPermitted(60_000 * MS));
    }

    @Test
    void aProbeThatDidNotAskPutsTheBucketIntoDebt() {
        sendAllPermitted(0);
        long beforeNs = pacer.nextSendNs();
        pacer.onSent(MDS, 0);
        assertTrue(pacer.nextSendNs() > beforeNs);
    }

    @Test
    void aBlockedSenderDoesNotWakeForEveryPacketOfAFastPath() {
        rttNs = MS;
        sendAllPermitted(0);
        // 24 MB/s: one packet each 50 us.
        assertTrue(pacer.nextSendNs() >= 200_000, "after " + pacer.nextSendNs());
    }
}
