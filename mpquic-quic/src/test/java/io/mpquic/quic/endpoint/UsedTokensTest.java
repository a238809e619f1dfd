package io.mpquic.quic.endpoint;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.conformance.Requirement;
import org.junit.jupiter.api.Test;

class UsedTokensTest {
    private static final long LIFETIME_NS = 1_000;

    private final UsedTokens used = new UsedTokens(LIFETIME_NS);

    @Requirement("9000-8.1.4-5")
    @Test
    void eachProcessHasSerialsOfItsOwnAndEachIsUsedOnce() {
        for (long process = 0; process < UsedTokens.MAX_PROCESSES; process++) {
            assertTrue(used.firstUse(process, 0, 5, 10));
            assertFalse(used.firstUse(process, 0, 5, 10));
        }
    }

    @Test
    void moreProcessesThanAreKeptDoNotMakeATokenGoodTwice() {
        for (long process = 0; process < 100; process++) {
            used.firstUse(process, 0, process, 100);
        }
        for (long process = 0; process < 100; process++) {
            assertFalse(used.firstUse(process, 0, process, 100), "of process " + process);
        }
    }

    @Test
    void processesWhoseUsedTokensAreTooOldMakeRoom() {
        for (long process = 0; process < UsedTokens.MAX_PROCESSES; process++) {
            assertTrue(used.firstUse(process, 0, process, 10));
        }
        assertFalse(used.firstUse(50, 0, 9, 10));
        assertFalse(used.firstUse(50, 0, LIFETIME_NS, LIFETIME_NS), "the first is as old as it may be");
        assertTrue(used.firstUse(50, 0, LIFETIME_NS, LIFETIME_NS + 1));
        assertFalse(used.firstUse(51, 0, LIFETIME_NS, LIFETIME_NS + 1), "the others are not");
    }
}
