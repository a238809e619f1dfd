package io.mpquic.quic.endpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.conformance.Requirement;
import java.util.HashSet;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class UsedSerialsTest {
    @Requirement("9000-8.1.4-5")
    @Property
    void eachNumberIsUsedOnceAndOldOnesNever(
            @ForAll @Size(max = 200) java.util.List<@LongRange(min = 0, max = 3L * UsedSerials.WINDOW) Long> serials) {
        UsedSerials used = new UsedSerials();
        Set<Long> seen = new HashSet<>();
        long highest = -1;
        for (long serial : serials) {
            highest = Math.max(highest, serial);
            boolean expected = serial > highest - UsedSerials.WINDOW && seen.add(serial);
            assertEquals(expected, used.firstUse(serial), () -> serial + " of " + serials);
        }
    }

    @Test
    void aPlaceIsFreeAgainOneWindowLater() {
        UsedSerials used = new UsedSerials();
        assertTrue(used.firstUse(5));
        assertTrue(used.firstUse(5 + UsedSerials.WINDOW));
        assertFalse(used.firstUse(5 + UsedSerials.WINDOW));
        assertFalse(used.firstUse(5), "too old");
        assertTrue(used.firstUse(6), "the oldest within the window");
    }
}
