package io.mpquic.quic.endpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.connection.ConnectionStatistics;
import io.mpquic.quic.sim.LinkConditions;
import io.mpquic.quic.wire.Version;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** What a connection took, and what came for it, has a fate that a counter tells. Drawn scenarios found what did not. */
class NothingUncountedTest {
    private static final long MS = 1_000_000;
    private static final int VERSION_OFFSET = 1;

    @Test
    void aQueuedMessageThatIsOverWithTheConnectionCountsAsDropped() {
        SimulatedPair pair = new SimulatedPair(1, LinkConditions.perfect());
        pair.connect();
        int taken = 0;
        for (int i = 0; i < 300; i++) {
            taken += pair.connection.offerDatagram(new byte[1000]) ? 1 : 0;
        }
        pair.connection.close(0, "", pair.network.nowNs());
        ConnectionStatistics statistics = pair.connection.statistics();
        assertTrue(statistics.datagramsDropped() > 0);
        assertEquals(taken, statistics.datagramsSent() + statistics.datagramsDropped());
    }

    @Test
    void aPathWhoseMtuFallsUnderFullLoadIsFoundOutAndWhatItCannotCarryCountsAsDropped() {
        SimulatedPair pair = new SimulatedPair(1, LinkConditions.perfect());
        pair.connect();
        pair.network.runFor(1000 * MS);
        pair.network.link(
                SimulatedPair.CLIENT,
                SimulatedPair.SERVER,
                LinkConditions.builder().maxDatagramBytes(1250).build());
        int taken = 0;
        for (int i = 0; i < 300; i++) {
            taken += pair.connection.offerDatagram(new byte[1400]) ? 1 : 0;
        }
        pair.network.runFor(30_000 * MS);
        ConnectionStatistics statistics = pair.connection.statistics();
        assertTrue(statistics.datagramsDropped() > 0, statistics::toString);
        assertEquals(taken, statistics.datagramsSent() + statistics.datagramsDropped());
    }

    // RFC 9000 §6.2: a Version Negotiation packet that lists the version in use is discarded.
    @Test
    void aVersionNegotiationThatIsIgnoredCountsAsDropped() {
        SimulatedPair pair = new SimulatedPair(1, LinkConditions.perfect());
        byte[][] first = new byte[1][];
        pair.network.dropIf(SimulatedPair.CLIENT, SimulatedPair.SERVER, (index, datagram, nowNs) -> {
            first[0] = datagram.clone();
            return true;
        });
        pair.connection = pair.client.endpoint.connect(SimulatedPair.SERVER, pair.network.nowNs());
        pair.network.runFor(MS);
        pair.network.inject(SimulatedPair.SERVER, SimulatedPair.CLIENT, versionNegotiation(first[0]));
        pair.network.runFor(MS);
        assertEquals(1, pair.connection.statistics().packetsDropped());
    }

    private static byte[] versionNegotiation(byte[] initial) {
        int destination = VERSION_OFFSET + Integer.BYTES;
        int source = destination + 1 + initial[destination];
        int end = source + 1 + initial[source];
        return ByteBuffer.allocate(end + Integer.BYTES)
                .put((byte) 0xc0)
                .putInt(Version.NEGOTIATION)
                .put(Arrays.copyOfRange(initial, source, end))
                .put(Arrays.copyOfRange(initial, destination, source))
                .putInt(Version.V1)
                .array();
    }
}
