package io.mpquic.dataplane.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class FirstAnswerTest {
    private static final long MS = 1_000_000;
    private final FirstAnswer firstAnswer = new FirstAnswer();

    @Test
    void anAttemptThatFollowsNoSessionIsPatient() {
        assertEquals(Long.MAX_VALUE, firstAnswer.patienceNs(0));
    }

    @Test
    void justAfterASessionTheServerIsExpectedToAnswerSoon() {
        firstAnswer.onSessionOver(20 * MS, 1000 * MS);
        assertEquals(400 * MS, firstAnswer.patienceNs(1000 * MS));
        assertEquals(400 * MS, firstAnswer.patienceNs(3999 * MS));
        assertEquals(Long.MAX_VALUE, firstAnswer.patienceNs(4000 * MS));
    }

    @Test
    void aLongPathIsGivenItsTime() {
        firstAnswer.onSessionOver(600 * MS, 0);
        assertEquals(2400 * MS, firstAnswer.patienceNs(0));
    }
}
