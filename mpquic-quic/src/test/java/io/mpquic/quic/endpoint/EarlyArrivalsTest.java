package io.mpquic.quic.endpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.wire.ConnectionId;
import io.mpquic.quic.wire.LongHeader;
import io.mpquic.quic.wire.Version;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

/** 0-RTT packets without a connection: kept, but not many and not for long. */
class EarlyArrivalsTest {
    private static final ConnectionId ONE = ConnectionId.ofLong(1);
    private static final ConnectionId OTHER = ConnectionId.ofLong(2);

    private final EarlyArrivals arrivals = new EarlyArrivals(true);

    private static void keep(EarlyArrivals arrivals, ConnectionId id, int lengthBytes, long nowNs) {
        LongHeader header = new LongHeader.ZeroRtt(Version.V1, id, OTHER, lengthBytes - 20, 20);
        arrivals.onUnknown(
                header, MemorySegment.ofArray(new byte[lengthBytes]), 0, lengthBytes, SimulatedPair.CLIENT, nowNs);
    }

    private int dueTo(ConnectionId id, long nowNs) {
        arrivals.onOpened(id, SimulatedPair.CLIENT, nowNs);
        return arrivals.dueSize();
    }

    @Test
    void eachConnectionGetsItsOwnOnce() {
        keep(arrivals, ONE, 100, 0);
        keep(arrivals, OTHER, 100, 1);
        keep(arrivals, ONE, 100, 2);
        arrivals.onOpened(ONE, SimulatedPair.SERVER, 2);
        assertEquals(0, arrivals.dueSize(), "of another address");
        assertEquals(2, dueTo(ONE, 2));
        assertEquals(0, dueTo(ONE, 2));
        assertEquals(1, dueTo(OTHER, 2));
        assertEquals(0, arrivals.size());
    }

    @Test
    void memoryIsBoundedAndTheOldestMakesRoom() {
        for (int i = 0; i < 3 * EarlyArrivals.MOST_DATAGRAMS; i++) {
            keep(arrivals, i % 2 == 0 ? ONE : OTHER, EarlyArrivals.LONGEST_BYTES, i);
            assertTrue(arrivals.size() <= EarlyArrivals.MOST_DATAGRAMS);
        }
        keep(arrivals, ONE, EarlyArrivals.LONGEST_BYTES + 1, 1_000);
        assertEquals(EarlyArrivals.MOST_DATAGRAMS / 2, dueTo(ONE, 1_000));
    }

    @Test
    void theyAreForgottenAfterAWhile() {
        keep(arrivals, ONE, 100, 0);
        keep(arrivals, ONE, 100, 10);
        assertEquals(1, dueTo(ONE, EarlyArrivals.KEPT_NS + 5));
    }

    @Test
    void anEndpointThatTakesNoEarlyDataKeepsNothing() {
        EarlyArrivals unwilling = new EarlyArrivals(false);
        keep(unwilling, ONE, 100, 0);
        assertEquals(0, unwilling.size());
    }
}
