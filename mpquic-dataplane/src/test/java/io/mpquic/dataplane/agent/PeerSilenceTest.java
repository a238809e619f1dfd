package io.mpquic.dataplane.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class PeerSilenceTest {
    private static final long LIMIT_NS = Duration.ofSeconds(5).toNanos();

    private final PeerSilence silence = new PeerSilence(LIMIT_NS);

    @Test
    void aPeerThatOwesNothingIsNeverTooSilent() {
        assertFalse(silence.isTooLong(0, 0));
        assertEquals(Long.MAX_VALUE, silence.leftNs(0));
    }

    @Test
    void withoutASignOfARestartThePatienceIsTheWholeLimit() {
        assertFalse(silence.isTooLong(LIMIT_NS, 0));
        assertEquals(1, silence.leftNs(LIMIT_NS));
        assertTrue(silence.isTooLong(LIMIT_NS + 1, 0));
    }

    @Test
    void aPacketThatBelongsToNoConnectionMakesTheWaitShort() {
        assertFalse(silence.isTooLong(0, 3));
        assertFalse(silence.isTooLong(PeerSilence.DOUBTED_LIMIT_NS, 4));
        assertEquals(1, silence.leftNs(PeerSilence.DOUBTED_LIMIT_NS));
        assertTrue(silence.isTooLong(PeerSilence.DOUBTED_LIMIT_NS + 1, 4));
    }

    @Test
    void strayPacketsDoNoHarmWhileThePeerAnswers() {
        assertFalse(silence.isTooLong(0, 1_000));
        assertFalse(silence.isTooLong(PeerSilence.DOUBTED_LIMIT_NS + 1, 1_000));
        assertTrue(silence.isTooLong(PeerSilence.DOUBTED_LIMIT_NS + 1, 1_001));
        assertFalse(silence.isTooLong(0, 1_001), "it answers again");
        assertFalse(silence.isTooLong(PeerSilence.DOUBTED_LIMIT_NS + 1, 1_001));
    }

    @Test
    void aShorterLimitIsNotMadeLongerByDoubt() {
        PeerSilence impatient = new PeerSilence(1_000_000);
        assertFalse(impatient.isTooLong(0, 0));
        assertTrue(impatient.isTooLong(1_000_001, 1));
    }
}
