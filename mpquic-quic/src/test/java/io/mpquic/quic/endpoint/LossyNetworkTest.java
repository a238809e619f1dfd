package io.mpquic.quic.endpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.connection.CloseReason;
import io.mpquic.quic.connection.ConnectionStatistics;
import io.mpquic.quic.connection.QuicConnection;
import io.mpquic.quic.connection.QuicEvent;
import io.mpquic.quic.sim.LinkConditions;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Whole connections over a network that loses, reorders, duplicates and corrupts, each replayable from its seed. */
class LossyNetworkTest {
    private static final int SEEDS = 200;
    private static final int DATAGRAMS = 10_000;
    private static final LinkConditions BAD_LINK = LinkConditions.builder()
            .delayMs(10)
            .jitterMs(2)
            .loss(0.10)
            .reorder(0.02, 5)
            .duplicate(0.02)
            .corrupt(0.02)
            .build();

    @TestFactory
    Stream<DynamicTest> aHandshakeAndTenThousandDatagramsSurviveABadLink() {
        return IntStream.range(0, SEEDS).mapToObj(seed -> DynamicTest.dynamicTest("seed " + seed, () -> carry(seed)));
    }

    private static void carry(int seed) {
        SimulatedPair pair = new SimulatedPair(seed, BAD_LINK);
        pair.connect();
        sendAll(pair, seed);
        pair.network.runFor(TimeUnit.SECONDS.toNanos(2));

        checkReceived(seed, pair.server.datagrams);
        ConnectionStatistics sent = pair.connection.statistics();
        ConnectionStatistics got = pair.server.accepted.statistics();
        assertEquals(DATAGRAMS, sent.datagramsSent(), () -> "seed " + seed);
        assertEquals(pair.server.datagrams.size(), got.datagramsReceived(), () -> "seed " + seed);
        assertEquals(0, sent.bytesInFlight(), () -> "seed " + seed + ": nothing is left unresolved");
        assertTrue(pair.connection.isEstablished(), () -> "seed " + seed + ": " + pair.client.events);

        closeAndCheck(pair, seed);
    }

    private static void sendAll(SimulatedPair pair, int seed) {
        int next = 0;
        QuicConnection connection = pair.connection;
        while (next < DATAGRAMS) {
            while (next < DATAGRAMS && connection.offerDatagram(message(next, seed))) {
                next++;
            }
            int sentSoFar = next;
            long before = connection.statistics().datagramsSent();
            pair.network.runUntil(
                    "the queue drains after " + sentSoFar + " datagrams",
                    () -> connection.statistics().datagramsSent() > before
                            || connection.statistics().datagramsSent() == sentSoFar,
                    TimeUnit.SECONDS.toNanos(60));
        }
        pair.network.runUntil(
                "all datagrams are sent",
                () -> connection.statistics().datagramsSent() == DATAGRAMS,
                TimeUnit.SECONDS.toNanos(600));
    }

    /** Sequence number, filler of varying length, checksum over both. */
    private static byte[] message(int sequence, int seed) {
        int length = 12 + (sequence * 31 + seed) % 1100;
        ByteBuffer buffer = ByteBuffer.allocate(length).putInt(sequence);
        while (buffer.remaining() > Long.BYTES) {
            buffer.put((byte) (sequence + buffer.position()));
        }
        return buffer.putLong(checksum(buffer.array(), buffer.position())).array();
    }

    private static long checksum(byte[] bytes, int length) {
        CRC32 crc = new CRC32();
        crc.update(bytes, 0, length);
        return crc.getValue();
    }

    private static void checkReceived(int seed, List<byte[]> datagrams) {
        BitSet seen = new BitSet();
        for (byte[] datagram : datagrams) {
            ByteBuffer buffer = ByteBuffer.wrap(datagram);
            int sequence = buffer.getInt();
            assertEquals(
                    checksum(datagram, datagram.length - Long.BYTES),
                    buffer.getLong(datagram.length - Long.BYTES),
                    () -> "seed " + seed + ": datagram " + sequence + " is intact");
            assertFalse(seen.get(sequence), () -> "seed " + seed + ": datagram " + sequence + " came twice");
            seen.set(sequence);
        }
        // 10 % lost and 2 % corrupted: about 88 % arrive; 85 % is five standard deviations below.
        assertTrue(seen.cardinality() > DATAGRAMS * 85 / 100, () -> "seed " + seed + ": " + seen.cardinality());
    }

    private static void closeAndCheck(SimulatedPair pair, int seed) {
        pair.connection.close(7, "done", pair.network.nowNs());
        pair.network.runFor(TimeUnit.SECONDS.toNanos(80));
        assertTrue(pair.client.endpoint.connections().isEmpty(), () -> "seed " + seed);
        assertTrue(pair.server.endpoint.connections().isEmpty(), () -> "seed " + seed);
        CloseReason reason =
                pair.server.eventsOf(QuicEvent.Closed.class).getFirst().reason();
        // The one close may be lost: then the idle timeout ends it, 60 s after the last keep-alive went out.
        assertTrue(
                reason.equals(new CloseReason(CloseReason.Kind.PEER, true, 7, "done"))
                        || reason.kind() == CloseReason.Kind.IDLE_TIMEOUT,
                () -> "seed " + seed + ": " + reason);
    }
}
