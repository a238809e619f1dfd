package io.mpquic.quic.endpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.connection.EarlyData;
import io.mpquic.quic.connection.QuicConnection;
import io.mpquic.quic.connection.QuicEvent;
import io.mpquic.quic.connection.TransportSettings;
import io.mpquic.quic.sim.LinkConditions;
import io.mpquic.quic.stream.QuicStream;
import io.mpquic.quic.tls.SessionStore;
import io.mpquic.quic.tls.TlsClientConfig;
import io.mpquic.quic.tls.TlsServerConfig;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.Arrays;
import java.util.BitSet;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole connections of a client that sends before the handshake is complete, over networks that lose and repeat. */
class EarlyDataConnectionTest {
    private static final int DATAGRAMS = 20;
    private static final int STREAM_BYTES = 40_000;
    private static final int DELAY_MS = 50;
    private static final TransportSettings SETTINGS = TransportSettings.defaults().toBuilder()
            .maxData(1_000_000)
            .maxStreamDataBidiRemote(1_000_000)
            .maxStreamsBidi(4)
            .build();

    private final TlsClientConfig clientTls = TlsClientConfig.builder()
            .alpn("mpquic-ip")
            .serverName("mpquic-server")
            .insecure()
            .sessions(SessionStore.inMemory(1))
            .earlyData()
            .build();
    private TlsServerConfig serverTls = serverTls();

    /** What the server was given, by the number in each datagram, and which of it before the handshake was complete. */
    private final BitSet received = new BitSet();

    private final BitSet early = new BitSet();
    private boolean twice;

    private static TlsServerConfig serverTls() {
        return TlsServerConfig.builder()
                .alpn("mpquic-ip")
                .identity(SimulatedPair.IDENTITY)
                .resumption(Duration.ofHours(1))
                .earlyData()
                .build();
    }

    private void take(QuicConnection connection, MemorySegment buffer, long offset, int lengthBytes) {
        int number = buffer.get(ValueLayout.JAVA_INT_UNALIGNED, offset);
        twice |= received.get(number);
        received.set(number);
        early.set(number, connection.earlyData().mayBeReplayed());
    }

    private SimulatedPair pair(long seed, LinkConditions conditions, RetryPolicy retry) {
        SplittableRandom random = new SplittableRandom(seed);
        received.clear();
        early.clear();
        return new SimulatedPair(
                seed,
                conditions,
                each -> ClientConfig.builder(clientTls, random.split()).settings(SETTINGS),
                each -> ServerConfig.builder(serverTls, random.split())
                        .settings(SETTINGS)
                        .retry(retry)
                        .sink(this::take)
                        .statelessResetKey(SimulatedPair.RESET_KEY));
    }

    private static LinkConditions good() {
        return LinkConditions.builder().delayMs(DELAY_MS).build();
    }

    /** The two ends meet for the first time. */
    private void meet() {
        SimulatedPair pair = pair(1, good(), RetryPolicy.NEVER);
        pair.connect();
        pair.network.runFor(TimeUnit.SECONDS.toNanos(1));
        assertEquals(EarlyData.Status.NONE, pair.connection.earlyData().status());
    }

    private static void offer(QuicConnection connection, int from, int to) {
        for (int number = from; number < to; number++) {
            byte[] message = new byte[300];
            MemorySegment.ofArray(message).set(ValueLayout.JAVA_INT_UNALIGNED, 0, number);
            assertTrue(connection.offerDatagram(message));
        }
    }

    private static byte[] pattern() {
        byte[] bytes = new byte[STREAM_BYTES];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (i * 31 + i / 256);
        }
        return bytes;
    }

    private static void write(QuicConnection connection) {
        QuicStream stream = connection.openBidirectional();
        assertNotNull(stream);
        assertEquals(STREAM_BYTES, stream.write(pattern(), 0, STREAM_BYTES));
        stream.finish();
    }

    private static byte[] readAll(QuicConnection connection) {
        QuicStream stream = connection.pollStream();
        assertNotNull(stream);
        byte[] into = new byte[2 * STREAM_BYTES];
        int length = 0;
        for (int read = stream.read(into, 0, into.length);
                read > 0;
                read = stream.read(into, length, into.length - length)) {
            length += read;
        }
        return Arrays.copyOf(into, length);
    }

    @Test
    void earlyDataSaveARoundTrip() {
        meet();
        SimulatedPair pair = pair(2, good(), RetryPolicy.NEVER);
        pair.connection = pair.client.endpoint.connect(SimulatedPair.SERVER, pair.network.nowNs());
        offer(pair.connection, 0, DATAGRAMS);
        pair.network.runFor(TimeUnit.MILLISECONDS.toNanos(DELAY_MS + 5));
        assertEquals(DATAGRAMS, received.cardinality(), "half a round trip after the first packet was sent");
        assertEquals(DATAGRAMS, early.cardinality());
        pair.network.runFor(TimeUnit.SECONDS.toNanos(2));
        assertEquals(EarlyData.Status.ACCEPTED, pair.connection.earlyData().status());
        assertEquals(0, pair.connection.statistics().bytesInFlight());
    }

    @ParameterizedTest
    @ValueSource(longs = {11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30})
    void overALossyNetworkEachDatagramArrivesAtMostOnceAndTheStreamWhole(long seed) {
        meet();
        LinkConditions lossy = LinkConditions.builder()
                .delayMs(DELAY_MS)
                .loss(0.1)
                .duplicate(0.1)
                .jitterMs(10)
                .build();
        SimulatedPair pair = pair(seed, lossy, RetryPolicy.NEVER);
        pair.connection = pair.client.endpoint.connect(SimulatedPair.SERVER, pair.network.nowNs());
        assertTrue(pair.connection.earlyData().isOpen());
        offer(pair.connection, 0, DATAGRAMS);
        write(pair.connection);
        pair.network.runUntil(
                "established",
                () -> pair.connection.isEstablished() && pair.server.accepted != null,
                TimeUnit.SECONDS.toNanos(60));
        offer(pair.connection, DATAGRAMS, 2 * DATAGRAMS);
        pair.network.runFor(TimeUnit.SECONDS.toNanos(20));
        assertFalse(twice);
        assertTrue(received.get(DATAGRAMS, 2 * DATAGRAMS).cardinality() > DATAGRAMS / 2, received.toString());
        assertTrue(received.nextSetBit(0) < DATAGRAMS, "the others are not lost with the first packet");
        assertTrue(early.length() <= DATAGRAMS, "only what was sent early may be a replay");
        assertArrayEquals(pattern(), readAll(pair.server.accepted));
        assertEquals(EarlyData.Status.ACCEPTED, pair.connection.earlyData().status());
        assertEquals(0, pair.connection.statistics().bytesInFlight());
    }

    @Test
    void aRetryCostsARoundTripAndNoStreamData() {
        meet();
        SimulatedPair pair = pair(3, good(), RetryPolicy.ALWAYS);
        pair.connection = pair.client.endpoint.connect(SimulatedPair.SERVER, pair.network.nowNs());
        write(pair.connection);
        pair.network.runFor(TimeUnit.SECONDS.toNanos(3));
        assertEquals(EarlyData.Status.ACCEPTED, pair.connection.earlyData().status());
        assertArrayEquals(pattern(), readAll(pair.server.accepted));
    }

    @Test
    void aServerThatWasRestartedRefusesAndTheClientBeginsAnew() {
        meet();
        serverTls = serverTls();
        SimulatedPair pair = pair(4, good(), RetryPolicy.NEVER);
        pair.connection = pair.client.endpoint.connect(SimulatedPair.SERVER, pair.network.nowNs());
        offer(pair.connection, 0, DATAGRAMS);
        write(pair.connection);
        pair.network.runUntil(
                "refused",
                () -> !pair.client.eventsOf(QuicEvent.EarlyDataRejected.class).isEmpty(),
                TimeUnit.SECONDS.toNanos(5));
        write(pair.connection);
        pair.network.runFor(TimeUnit.SECONDS.toNanos(3));
        assertTrue(pair.connection.isEstablished());
        assertTrue(early.isEmpty());
        assertArrayEquals(pattern(), readAll(pair.server.accepted));
        assertEquals(0, pair.connection.statistics().bytesInFlight());
    }
}
