package io.mpquic.quic.io;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class EndpointDriverTest {
    @Test
    void aDeadlineThatLiesFarInThePastIsNotWaitedFor() {
        assertEquals(0, EndpointDriver.waitNs(Long.MIN_VALUE, 1000, 5));
        assertEquals(0, EndpointDriver.waitNs(4, 1000, 5));
        assertEquals(0, EndpointDriver.waitNs(5, 1000, 5));
    }

    @Test
    void aWaitEndsAtTheDeadlineOrAtTheBound() {
        assertEquals(3, EndpointDriver.waitNs(8, 1000, 5));
        assertEquals(1000, EndpointDriver.waitNs(5000, 1000, 5));
        assertEquals(1000, EndpointDriver.waitNs(Long.MAX_VALUE, 1000, 5));
    }
}
