package io.mpquic.quic.connection;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.conformance.Requirement;
import io.mpquic.quic.wire.PacketNumber;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PacketSpaceTest {
    /** RFC 9000 §17.1: four bytes tell 2^31 numbers apart, counted from the largest that was acknowledged. */
    @Requirement("9000-12.3-3")
    @Test
    void numbersThatNobodyAcknowledgesRunOutBeforeTheyCannotBeWritten() {
        PacketSpace space = new PacketSpaces(0, new SplittableRandom(1)).application;
        assertFalse(space.isOutOfNumbers());
        while (!space.isOutOfNumbers()) {
            space.takePacketNumber();
        }
        assertTrue(space.peekPacketNumber() > 1_000_000_000);
        for (int close = 0; close < 100; close++) {
            long number = space.takePacketNumber();
            assertDoesNotThrow(() -> PacketNumber.lengthBytes(number, space.largestAcknowledged));
        }
        space.largestAcknowledged = space.peekPacketNumber() - 1;
        assertFalse(space.isOutOfNumbers());
    }
}
