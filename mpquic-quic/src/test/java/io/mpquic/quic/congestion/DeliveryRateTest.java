package io.mpquic.quic.congestion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class DeliveryRateTest {
    private static final long MS = 1_000_000;

    private final DeliveryRate rate = new DeliveryRate();

    @Test
    void aSampleIsWhatWasDeliveredSinceItsPacketWasSent() {
        for (int i = 0; i < 10; i++) {
            rate.onSent(1000, 1000 * (i + 1), 10 * i * MS);
        }
        for (int i = 0; i < 9; i++) {
            rate.onAcked(1000, 10 * i * MS, (100 + 10 * i) * MS, false);
            rate.endAck();
        }
        // Nine packets were delivered from the first sending at 0 to the last acknowledgement at 190 ms.
        rate.onAcked(1000, 90 * MS, 190 * MS, false);
        assertTrue(rate.hasSample());
        assertEquals(10_000, rate.sampleBytes());
        assertEquals(10_000 / 0.19, rate.sampleBytesPerSecond(), 1);
    }

    @Test
    void acknowledgementsInAHeapDoNotMakeThePathFaster() {
        rate.onSent(1000, 1000, 0);
        for (int i = 1; i <= 10; i++) {
            rate.onSent(1000, 1000 * (i + 1), 10 * i * MS);
        }
        rate.onAcked(1000, 0, 100 * MS, false);
        rate.endAck();
        for (int i = 1; i <= 10; i++) {
            rate.onAcked(1000, 10 * i * MS, 201 * MS, false);
        }
        assertTrue(rate.sampleBytesPerSecond() <= 110_000, "sent at 100 kB/s: " + rate.sampleBytesPerSecond());
    }

    @Test
    void timeWithoutAnythingInFlightDoesNotCount() {
        rate.onSent(1000, 1000, 0);
        rate.onAcked(1000, 0, 100 * MS, false);
        rate.endAck();
        rate.onSent(1000, 1000, 10_000 * MS);
        rate.onAcked(1000, 10_000 * MS, 10_100 * MS, false);
        assertEquals(10_000, rate.sampleBytesPerSecond(), 1);
    }

    @Test
    void theNewestPacketOfAnAckFrameGivesItsSample() {
        rate.onSent(1000, 1000, 0);
        rate.onSent(1000, 2000, 10 * MS);
        rate.onAcked(1000, 10 * MS, 100 * MS, true);
        rate.onAcked(1000, 0, 100 * MS, false);
        assertEquals(10 * MS, rate.sampleSentNs());
        assertTrue(rate.isSampleLimited());
        assertEquals(2000, rate.ackedBytes());
        rate.endAck();
        assertFalse(rate.hasSample());
    }

    @Test
    void lossSinceAPacketWasSentIsKnown() {
        rate.onSent(1000, 1000, 0);
        rate.onLost(500);
        rate.onSent(1000, 1500, 10 * MS);
        rate.onLost(300);
        assertEquals(800, rate.lostSince(0));
        assertEquals(300, rate.lostSince(10 * MS));
        assertEquals(1500, rate.inFlightAt(10 * MS));
        assertEquals(0, rate.inFlightAt(5 * MS), "nothing was sent then");
    }

    @Test
    void manyMomentsInFlightMakeItGrowAndOldOnesAreForgotten() {
        for (long i = 0; i < 100_000; i++) {
            rate.onSent(1000, 1000 * (i + 1), i);
        }
        assertEquals(0, rate.inFlightAt(0), "forgotten: there is a limit");
        for (long i = 40_000; i < 100_000; i++) {
            assertEquals(1000 * (i + 1), rate.inFlightAt(i));
        }
        for (long i = 0; i < 50; i++) {
            rate.onAcked(1000, 99_950 + i, 200_000 + i, false);
            rate.endAck();
        }
        for (long i = 200_050; i < 300_000; i++) {
            rate.onSent(1000, 5000, i);
            assertEquals(5000, rate.inFlightAt(i));
        }
    }

    @Test
    void whatFollowsAPauseIsLimitedUntilWhatWasInFlightThenHasLeft() {
        rate.onSent(1000, 1000, 0);
        rate.onPause(1000);
        rate.onSent(1000, 2000, 10 * MS);
        rate.onAcked(1000, 0, 100 * MS, false);
        assertFalse(rate.isSampleLimited(), "sent before the pause");
        rate.endAck();
        rate.onAcked(1000, 10 * MS, 110 * MS, false);
        assertTrue(rate.isSampleLimited(), "sent after it");
        rate.endAck();
        rate.onSent(1000, 1000, 120 * MS);
        rate.onAcked(1000, 120 * MS, 220 * MS, false);
        assertFalse(rate.isSampleLimited(), "the hole in the flow has left the path");
    }
}
