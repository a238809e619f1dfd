package io.mpquic.dataplane.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

class BackoffTest {
    private static final long S = 1_000_000_000L;
    private final Backoff backoff = new Backoff(new Random(1));

    private void assertPause(long longestNs) {
        long pauseNs = backoff.pauseNs(0, 0);
        assertTrue(pauseNs <= longestNs && pauseNs >= longestNs * 2 / 3, pauseNs + " for " + longestNs);
    }

    @Test
    void theFirstRetryComesAtOnceAndThePausesGrowToThreeSeconds() {
        assertEquals(0, backoff.pauseNs(0, 0));
        assertPause(S / 4);
        assertPause(S / 2);
        assertPause(S);
        assertPause(2 * S);
        assertPause(3 * S);
        assertPause(3 * S);
    }

    @Test
    void aSessionThatLastedStartsAnew() {
        assertEquals(1, backoff.nextAttempt());
        assertEquals(2, backoff.nextAttempt());
        for (int i = 0; i < 5; i++) {
            backoff.pauseNs(0, 0);
        }
        assertEquals(0, backoff.pauseNs(0, 6 * S));
        assertEquals(1, backoff.nextAttempt());
        assertPause(S / 4);
    }

    @Test
    void aSessionThatDidNotLastDoesNotMakeTheClientHurry() {
        for (int i = 0; i < 6; i++) {
            backoff.pauseNs(0, S / 100);
        }
        assertPause(3 * S);
    }

    @Test
    void anAttemptThatTookLongHasPausedEnough() {
        for (int i = 0; i < 6; i++) {
            backoff.pauseNs(0, 0);
        }
        assertEquals(0, backoff.pauseNs(5 * S, 0));
    }

    @Test
    void afterAChangeOfTheWanTheNextAttemptIsTheFirstAndThePauseBehindItTheShortest() {
        for (int i = 0; i < 6; i++) {
            backoff.nextAttempt();
            backoff.pauseNs(0, 0);
        }
        backoff.reset();
        assertEquals(1, backoff.nextAttempt());
        assertPause(S / 4);
        assertPause(S / 2);
    }
}
