package io.mpquic.quic.congestion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.conformance.Requirement;
import org.junit.jupiter.api.Test;

class NewRenoTest {
    private static final int MDS = 1200;
    private static final long MS = 1_000_000;

    private final NewReno reno = new NewReno(MDS);

    @Test
    void theInitialWindowIsTenDatagramsButNotMoreThan14720BytesUnlessTwoDatagramsAre() {
        assertEquals(12_000, NewReno.initialWindowBytes(1200));
        assertEquals(14_520, NewReno.initialWindowBytes(1452));
        assertEquals(14_720, NewReno.initialWindowBytes(1500));
        assertEquals(18_000, NewReno.initialWindowBytes(9000));
        assertEquals(12_000, reno.windowBytes());
    }

    @Test
    void slowStartGrowsByTheBytesAcknowledged() {
        reno.onPacketAcked(1000, 1, 2, false);
        reno.onPacketAcked(500, 1, 2, false);
        assertEquals(13_500, reno.windowBytes());
        assertTrue(reno.inSlowStart());
    }

    @Test
    void aWindowThatWasNotUsedDoesNotGrow() {
        reno.onPacketAcked(1200, 1, 2, true);
        assertEquals(12_000, reno.windowBytes());
    }

    @Requirement({"9002-7.3.1-1", "9002-7.3.2-1", "9002-7.3.2-2"})
    @Test
    void aLossHalvesTheWindowAndEndsSlowStart() {
        reno.onPacketsLost(1200, 5 * MS, 10 * MS);
        assertEquals(6_000, reno.windowBytes());
        assertFalse(reno.inSlowStart());
    }

    @Test
    void furtherLossesOfPacketsSentBeforeRecoveryChangeNothing() {
        reno.onPacketsLost(1200, 5 * MS, 10 * MS);
        reno.onPacketsLost(3600, 9 * MS, 12 * MS);
        reno.onPacketsLost(1200, 10 * MS, 13 * MS);
        assertEquals(6_000, reno.windowBytes());
    }

    @Test
    void aPacketSentInRecoveryThatIsLostStartsANewRecovery() {
        reno.onPacketsLost(1200, 5 * MS, 10 * MS);
        reno.onPacketsLost(1200, 11 * MS, 20 * MS);
        assertEquals(3_000, reno.windowBytes());
    }

    @Requirement("9002-7.3.2-2")
    @Test
    void acknowledgementsOfPacketsSentBeforeRecoveryDoNotGrowTheWindow() {
        reno.onPacketsLost(1200, 5 * MS, 10 * MS);
        for (int i = 0; i < 20; i++) {
            reno.onPacketAcked(1200, 9 * MS, 12 * MS, false);
        }
        assertEquals(6_000, reno.windowBytes());
    }

    @Requirement("9002-7.3.3-1")
    @Test
    void congestionAvoidanceAddsOneDatagramForEachWindowAcknowledged() {
        reno.onPacketsLost(1200, 5 * MS, 10 * MS);
        for (int i = 0; i < 4; i++) {
            reno.onPacketAcked(1200, 11 * MS, 20 * MS, false);
        }
        assertEquals(6_000, reno.windowBytes());
        reno.onPacketAcked(1200, 11 * MS, 20 * MS, false);
        assertEquals(7_200, reno.windowBytes());
    }

    @Test
    void theWindowNeverFallsBelowTwoDatagrams() {
        for (int i = 1; i < 20; i++) {
            reno.onPacketsLost(1200, i * 10 * MS, i * 10 * MS + 1);
        }
        assertEquals(2 * MDS, reno.windowBytes());
        assertFalse(reno.inSlowStart());
    }

    @Requirement("9002-7.6.2-2")
    @Test
    void persistentCongestionFallsToTheMinimumAndStartsSlowly() {
        for (int i = 0; i < 50; i++) {
            reno.onPacketAcked(1200, 1, 2, false);
        }
        reno.onPacketsLost(1200, 5 * MS, 10 * MS);
        reno.onPersistentCongestion(10 * MS);
        assertEquals(2 * MDS, reno.windowBytes());
        assertTrue(reno.inSlowStart());
        reno.onPacketAcked(1200, 9 * MS, 12 * MS, false);
        assertEquals(3 * MDS, reno.windowBytes());
    }

    @Requirement("9002-7.3.1-1")
    @Test
    void aCongestionMarkActsLikeALoss() {
        reno.onCongestionExperienced(5 * MS, 10 * MS);
        assertEquals(6_000, reno.windowBytes());
    }

    @Test
    void theInitialWindowFollowsTheDatagramSizeUntilItWasUsed() {
        reno.onMaxDatagramSize(1452);
        assertEquals(14_520, reno.windowBytes());
        reno.onPacketsLost(1452, 5 * MS, 10 * MS);
        reno.onMaxDatagramSize(1200);
        assertEquals(7_260, reno.windowBytes());
    }

    @Test
    void aLargerDatagramSizeLiftsTheMinimumWindow() {
        for (int i = 1; i < 20; i++) {
            reno.onPacketsLost(1200, i * 10 * MS, i * 10 * MS + 1);
        }
        reno.onMaxDatagramSize(9000);
        assertEquals(18_000, reno.windowBytes());
    }

    @Test
    void thePacingRateIsTwoWindowsARoundTripInSlowStartAndOneAndAQuarterLater() {
        assertEquals(240_000, reno.pacingBytesPerSecond(100 * MS));
        reno.onPacketsLost(1200, 5 * MS, 10 * MS);
        assertEquals(75_000, reno.pacingBytesPerSecond(100 * MS));
    }

    @Test
    void anotherPathStartsAnew() {
        reno.onPacketsLost(1200, 5 * MS, 10 * MS);
        reno.reset();
        assertEquals(12_000, reno.windowBytes());
        assertTrue(reno.inSlowStart());
        reno.onPacketAcked(1200, 9 * MS, 12 * MS, false);
        assertEquals(13_200, reno.windowBytes());
    }

    @Requirement("9000-14-1")
    @Test
    void aDatagramSizeBelow1200IsRefused() {
        assertThrows(IllegalArgumentException.class, () -> new NewReno(1199));
        assertThrows(IllegalArgumentException.class, () -> reno.onMaxDatagramSize(100));
    }
}
