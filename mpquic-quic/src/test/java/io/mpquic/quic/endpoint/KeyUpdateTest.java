package io.mpquic.quic.endpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.connection.QuicConnection;
import io.mpquic.quic.connection.SmallAeadLimits;
import io.mpquic.quic.sim.LinkConditions;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9001 §6: keys change under load, and nobody notices. */
class KeyUpdateTest {
    private static final long MS = TimeUnit.MILLISECONDS.toNanos(1);

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void updatesOfBothEndsSurviveLossAndReordering(long seed) {
        SimulatedPair pair = new SimulatedPair(
                seed,
                LinkConditions.builder().loss(0.1).delayMs(10).jitterMs(20).build());
        pair.connect();
        QuicConnection server = pair.server.accepted;
        int begun = 0;
        for (int i = 0; i < 3_000; i++) {
            begun += pair.connection.updateKeys(pair.network.nowNs()) ? 1 : 0;
            begun += server.updateKeys(pair.network.nowNs()) ? 1 : 0;
            pair.connection.offerDatagram(new byte[100]);
            server.offerDatagram(new byte[100]);
            pair.network.runFor(5 * MS);
        }
        pair.network.runFor(2_000 * MS);
        assertTrue(begun >= 10, begun + " updates begun");
        assertTrue(pair.connection.isEstablished() && server.isEstablished());
        assertEquals(
                pair.connection.statistics().keyUpdates(), server.statistics().keyUpdates());
        int arrived = pair.server.datagrams.size();
        assertTrue(arrived > 2_300, arrived + " datagrams");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void keysOfSmallLimitsAreRenewedForAsLongAsTheConnectionLives(long seed) {
        SimulatedPair pair = new SimulatedPair(
                seed, LinkConditions.builder().loss(0.05).delayMs(5).build());
        pair.connect();
        SmallAeadLimits.set(pair.connection, 2_000, Long.MAX_VALUE);
        for (int i = 0; i < 20_000; i++) {
            pair.connection.offerDatagram(new byte[100]);
            pair.network.runFor(MS);
        }
        assertTrue(pair.connection.isEstablished());
        long updates = pair.connection.statistics().keyUpdates();
        assertTrue(updates >= 15, updates + " updates");
    }
}
