package io.mpquic.quic.endpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.mpquic.quic.connection.QuicConnection;
import io.mpquic.quic.connection.TransportSettings;
import io.mpquic.quic.scenario.StateSize;
import io.mpquic.quic.sim.LinkConditions;
import io.mpquic.quic.stream.QuicStream;
import io.mpquic.quic.stream.ReceiveState;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Streams in great number, and a peer that does not read. */
class StreamEnduranceTest {
    private static final long WINDOW_BYTES = 1 << 20;
    private static final long LIMIT_NS = TimeUnit.MINUTES.toNanos(10);
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private static SimulatedPair connected(int streams) {
        TransportSettings settings = TransportSettings.builder()
                .maxStreamsBidi(streams)
                .maxStreamsUni(100)
                .build();
        LinkConditions link = LinkConditions.builder().delayMs(2).build();
        SimulatedPair pair = new SimulatedPair(4, link, settings, settings);
        pair.connect();
        return pair;
    }

    private static QuicStream accepted(SimulatedPair pair) {
        List<QuicStream> next = new ArrayList<>();
        pair.network.runUntil(
                "the stream is accepted",
                () -> {
                    QuicStream stream = pair.server.accepted.pollStream();
                    if (stream != null) {
                        next.add(stream);
                    }
                    return stream != null;
                },
                LIMIT_NS);
        return next.getFirst();
    }

    /** A new stream, and how the server sees it. */
    private record Line(QuicStream from, QuicStream to) {
        static Line open(SimulatedPair pair) {
            QuicStream from = pair.connection.openBidirectional();
            from.write(new byte[1], 0, 1);
            QuicStream to = accepted(pair);
            assertEquals(1, to.read(new byte[1], 0, 1));
            return new Line(from, to);
        }
    }

    /** Moves bytes one way while the reader keeps up. */
    private static void transfer(SimulatedPair pair, Line line, long bytes) {
        byte[] out = new byte[20_000];
        byte[] in = new byte[20_000];
        long[] left = {bytes, bytes};
        pair.network.runUntil(
                "all bytes are read",
                () -> {
                    for (int n = 1; n > 0 && left[0] > 0; left[0] -= n) {
                        n = line.from.write(out, 0, (int) Math.min(left[0], out.length));
                    }
                    for (int n = 1; n > 0; left[1] -= n) {
                        n = line.to.read(in, 0, in.length);
                    }
                    return left[1] == 0;
                },
                LIMIT_NS);
    }

    /** RFC 9000 §4.1: what nobody reads fills one window and one buffer, and holds up nobody else. */
    @Test
    void aPeerThatNeverReadsStopsThatStreamAlone() {
        SimulatedPair pair = connected(10);
        QuicStream unread = pair.connection.openBidirectional();
        byte[] piece = new byte[50_000];
        long taken = 0;
        for (int quiet = 0; quiet < 20; quiet++) {
            for (int n = unread.write(piece, 0, piece.length); n > 0; n = unread.write(piece, 0, piece.length)) {
                taken += n;
                quiet = 0;
            }
            pair.network.runFor(TimeUnit.MILLISECONDS.toNanos(100));
        }
        assertTrue(taken >= WINDOW_BYTES && taken <= 2 * WINDOW_BYTES, "taken: " + taken);
        int held = StateSize.of(pair.server.accepted).get("ByteRing.bytes[]");
        assertTrue(held <= WINDOW_BYTES, "held: " + held);
        QuicStream there = accepted(pair);

        transfer(pair, Line.open(pair), 10 * WINDOW_BYTES);

        long[] read = {0};
        long written = taken;
        pair.network.runUntil(
                "the rest of the first one",
                () -> {
                    for (int n = there.read(piece, 0, piece.length); n > 0; n = there.read(piece, 0, piece.length)) {
                        read[0] += n;
                    }
                    return read[0] == written;
                },
                LIMIT_NS);
    }

    /** RFC 9000 §4.6: places are given back, and nothing is kept of streams that are over. */
    @Test
    void aHundredThousandShortStreamsLeaveNothingBehind() {
        SimulatedPair pair = connected(100);
        openAndEnd(pair, 2_000);
        Map<String, Integer> clientBefore = StateSize.of(pair.connection);
        Map<String, Integer> serverBefore = StateSize.of(pair.server.accepted);
        openAndEnd(pair, 98_000);
        assertNotLarger(clientBefore, StateSize.of(pair.connection));
        assertNotLarger(serverBefore, StateSize.of(pair.server.accepted));
    }

    private static void assertNotLarger(Map<String, Integer> before, Map<String, Integer> after) {
        after.forEach((name, size) -> assertTrue(
                size <= Math.max(64, before.getOrDefault(name, 0)),
                name + " grew from " + before.get(name) + " to " + size));
    }

    private static void openAndEnd(SimulatedPair pair, int streams) {
        byte[] buffer = new byte[10];
        int[] opened = {0};
        int[] ended = {0};
        List<QuicStream> reading = new ArrayList<>();
        pair.network.runUntil(
                "all are over",
                () -> {
                    while (opened[0] < streams) {
                        QuicStream stream = pair.connection.openUnidirectional();
                        if (stream == null) {
                            break;
                        }
                        opened[0]++;
                        stream.write(new byte[] {1, 2, 3}, 0, 3);
                        stream.finish();
                    }
                    QuicConnection server = pair.server.accepted;
                    for (QuicStream next = server.pollStream(); next != null; next = server.pollStream()) {
                        reading.add(next);
                    }
                    reading.removeIf(stream -> {
                        int read = stream.read(buffer, 0, buffer.length);
                        assertTrue(read == 3 || read <= 0, "read: " + read);
                        stream.read(buffer, 0, buffer.length);
                        boolean over = stream.receiveState() == ReceiveState.DATA_READ;
                        ended[0] += over ? 1 : 0;
                        return over;
                    });
                    return ended[0] == streams;
                },
                LIMIT_NS);
        pair.network.runFor(TimeUnit.SECONDS.toNanos(1));
        pair.client.events.clear();
        pair.server.events.clear();
        assertEquals(0, pair.connection.openStreams());
        assertEquals(0, pair.server.accepted.openStreams());
    }

    /** What a thread spends on a transfer beside a number of streams that do nothing. */
    private record Cost(long cpuNs, long allocatedBytes) {}

    private static Cost costBeside(int idleStreams) {
        SimulatedPair pair = connected(idleStreams + 10);
        for (int i = 0; i < idleStreams; i++) {
            Line.open(pair).to.write(new byte[1], 0, 1);
        }
        assertEquals(idleStreams, pair.server.accepted.openStreams());
        Line busy = Line.open(pair);
        transfer(pair, busy, 4 * WINDOW_BYTES);
        long cpuNs = Long.MAX_VALUE;
        long allocated = Long.MAX_VALUE;
        for (int round = 0; round < 6; round++) {
            long startedNs = THREADS.getCurrentThreadCpuTime();
            long before = THREADS.getCurrentThreadAllocatedBytes();
            transfer(pair, busy, WINDOW_BYTES);
            cpuNs = Math.min(cpuNs, THREADS.getCurrentThreadCpuTime() - startedNs);
            allocated = Math.min(allocated, THREADS.getCurrentThreadAllocatedBytes() - before);
        }
        return new Cost(cpuNs, allocated);
    }

    @Test
    void aPacketCostsNoMoreBesideAThousandIdleStreams() {
        costBeside(1); // warms the machine up
        Cost alone = costBeside(1);
        Cost beside = costBeside(1_000);
        assertTrue(beside.allocatedBytes < 1.2 * alone.allocatedBytes, alone + ", " + beside);
        // A glance at each stream for each packet would cost ten times as much.
        assertTrue(beside.cpuNs < 3 * alone.cpuNs, alone + ", " + beside);
    }
}
