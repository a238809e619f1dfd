package io.mpquic.quic.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.conformance.Requirement;
import org.junit.jupiter.api.Test;

class RttEstimatorTest {
    private static final long MS = 1_000_000;

    private final RttEstimator rtt = new RttEstimator();

    @Test
    void beforeTheFirstSampleTheRoundTripIsTakenFor333Milliseconds() {
        assertFalse(rtt.hasSample());
        assertEquals(333 * MS, rtt.smoothedNs());
        assertEquals(333 * MS / 2, rtt.varianceNs());
        assertEquals(Long.MAX_VALUE, rtt.firstSampleNs());
    }

    @Requirement("9002-5.2-1")
    @Test
    void theFirstSampleIsTakenAsItIsWhateverThePeerSaysOfItsDelay() {
        rtt.onSample(100 * MS, 30 * MS, 7);
        assertTrue(rtt.hasSample());
        assertEquals(100 * MS, rtt.latestNs());
        assertEquals(100 * MS, rtt.minNs());
        assertEquals(100 * MS, rtt.smoothedNs());
        assertEquals(50 * MS, rtt.varianceNs());
        assertEquals(7, rtt.firstSampleNs());
    }

    @Test
    void laterSamplesMoveTheAverageByAnEighthAndTheVarianceByAQuarter() {
        rtt.onSample(100 * MS, 0, 0);
        rtt.onSample(180 * MS, 0, 1);
        assertEquals(110 * MS, rtt.smoothedNs());
        assertEquals(57_500_000, rtt.varianceNs());
    }

    @Test
    void theDelayOfThePeerIsSubtracted() {
        rtt.onSample(100 * MS, 0, 0);
        rtt.onSample(120 * MS, 20 * MS, 1);
        assertEquals(100 * MS, rtt.smoothedNs());
        assertEquals(120 * MS, rtt.latestNs());
    }

    @Requirement("9002-5.3-2")
    @Test
    void theDelayIsNotSubtractedWhenTheResultWouldBeBelowTheMinimum() {
        rtt.onSample(100 * MS, 0, 0);
        rtt.onSample(108 * MS, 20 * MS, 1);
        assertEquals(101 * MS, rtt.smoothedNs());
    }

    @Test
    void anAbsurdDelayDoesNoHarm() {
        rtt.onSample(100 * MS, 0, 0);
        rtt.onSample(108 * MS, Long.MAX_VALUE, 1);
        assertEquals(101 * MS, rtt.smoothedNs());
    }

    @Requirement("9002-5.2-1")
    @Test
    void theMinimumIgnoresTheDelayAndOnlyFalls() {
        rtt.onSample(100 * MS, 0, 0);
        rtt.onSample(90 * MS, 50 * MS, 1);
        rtt.onSample(200 * MS, 0, 2);
        assertEquals(90 * MS, rtt.minNs());
    }

    @Test
    void afterPersistentCongestionTheMinimumStartsFromTheNewestSample() {
        rtt.onSample(10 * MS, 0, 0);
        rtt.onSample(200 * MS, 0, 1);
        rtt.onPersistentCongestion();
        assertEquals(200 * MS, rtt.minNs());
    }

    @Test
    void aSampleOfNoTimeAtAllCountsAsOneNanosecond() {
        rtt.onSample(0, 0, 0);
        assertEquals(1, rtt.latestNs());
    }

    @Test
    void anotherPathStartsAnew() {
        rtt.onSample(10 * MS, 0, 0);
        rtt.reset();
        assertFalse(rtt.hasSample());
        assertEquals(333 * MS, rtt.smoothedNs());
    }
}
