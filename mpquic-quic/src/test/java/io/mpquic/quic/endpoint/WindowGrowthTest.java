package io.mpquic.quic.endpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.connection.TransportSettings;
import io.mpquic.quic.scenario.StateSize;
import io.mpquic.quic.sim.LinkConditions;
import io.mpquic.quic.stream.QuicStream;
import io.mpquic.quic.stream.StreamMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** RFC 9000 §4.2: windows follow the path and the reader, within bounds. */
class WindowGrowthTest {
    private static final int MIB = 1 << 20;
    private static final long MBIT = 1_000_000;
    private static final LinkConditions LONG_AND_FAST =
            LinkConditions.builder().delayMs(300).rate(100 * MBIT, 8 * MIB).build();

    private final byte[] piece = new byte[100_000];

    /** One stream of the client's whose writer always has more, and its reader. */
    private final class Flow {
        final SimulatedPair pair;
        final QuicStream from;
        final List<QuicStream> to = new ArrayList<>();
        long written;
        long read;

        Flow(SimulatedPair pair) {
            this.pair = pair;
            from = pair.connection.openUnidirectional();
        }

        void write() {
            for (int n = 1; n > 0; written += n) {
                n = from.write(piece, 0, piece.length);
            }
        }

        void read(long most) {
            QuicStream next = to.isEmpty() ? pair.server.accepted.pollStream() : null;
            if (next != null) {
                to.add(next);
            }
            for (QuicStream stream : to) {
                long left = most;
                for (int n = 1; n > 0 && left > 0; left -= n) {
                    n = stream.read(piece, 0, (int) Math.min(left, piece.length));
                    read += n;
                }
            }
        }

        void runFor(long ms, long mostPerStep) {
            long endNs = pair.network.nowNs() + TimeUnit.MILLISECONDS.toNanos(ms);
            pair.network.at(endNs, () -> {});
            pair.network.runUntil(
                    "time passes",
                    () -> {
                        write();
                        read(mostPerStep);
                        return pair.network.nowNs() >= endNs;
                    },
                    Long.MAX_VALUE / 2);
        }
    }

    private static TransportSettings.Builder settings() {
        return TransportSettings.builder().maxStreamsUni(8);
    }

    private static SimulatedPair connected(LinkConditions link, TransportSettings settings) {
        SimulatedPair pair = new SimulatedPair(1, link, settings, settings);
        pair.connect();
        return pair;
    }

    private long mbitPerSecond(TransportSettings settings) {
        Flow flow = new Flow(connected(LONG_AND_FAST, settings));
        flow.runFor(8_000, Long.MAX_VALUE);
        long before = flow.read;
        flow.runFor(3_000, Long.MAX_VALUE);
        return (flow.read - before) * 8 / 3 / MBIT;
    }

    @Test
    void aLongAndFastPathIsFilled() {
        long rate = mbitPerSecond(settings().build());
        assertTrue(rate >= 85, rate + " Mbit/s");
    }

    /** What {@link #aLongAndFastPathIsFilled} is worth: half a MiB to 1 MiB a round trip of 600 ms. */
    @Test
    void aFixedWindowBoundsTheRate() {
        long rate = mbitPerSecond(
                settings().streamMemory(StreamMemory.fixedWindows()).build());
        assertTrue(rate >= 5 && rate <= 15, rate + " Mbit/s");
    }

    @Test
    void aSlowReaderGetsNoLargerWindow() {
        SimulatedPair pair = connected(
                LinkConditions.builder().delayMs(5).build(), settings().build());
        Flow flow = new Flow(pair);
        flow.write();
        for (int i = 0; i < 1_000; i++) {
            pair.network.runFor(TimeUnit.MILLISECONDS.toNanos(20));
            flow.write();
            flow.read(10_000);
        }
        assertTrue(flow.read > 5 * MIB, "read: " + flow.read);
        // A window at the reader, and as much that waits at the writer.
        assertTrue(flow.written - flow.read <= 2 * MIB, "between them: " + (flow.written - flow.read));
        assertTrue(StateSize.of(pair.server.accepted).get("ByteRing.bytes[]") <= MIB);
    }

    @Test
    void windowsGrowToTheirBoundsAndNoFurther() {
        TransportSettings settings = settings()
                .maxStreamDataUni(64 << 10)
                .maxData(128 << 10)
                .streamMemory(new StreamMemory(512 << 10, MIB, 700_000))
                .build();
        SimulatedPair pair = connected(
                LinkConditions.builder().delayMs(20).rate(200 * MBIT, MIB).build(), settings);
        List<Flow> flows = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            flows.add(new Flow(pair));
            flows.get(i).write();
            pair.network.runFor(TimeUnit.MILLISECONDS.toNanos(100));
            flows.get(i).read(1);
        }
        for (int i = 0; i < 300; i++) {
            pair.network.runFor(TimeUnit.MILLISECONDS.toNanos(10));
            flows.forEach(Flow::write);
            flows.forEach(flow -> flow.read(Long.MAX_VALUE));
        }
        // Nobody reads any more.
        flows.forEach(flow -> assertEquals(1, flow.to.size()));
        long[] read = flows.stream().mapToLong(flow -> flow.read).toArray();
        for (int i = 0; i < 100; i++) {
            flows.forEach(Flow::write);
            pair.network.runFor(TimeUnit.MILLISECONDS.toNanos(50));
        }
        long waiting = 0;
        for (int i = 0; i < 4; i++) {
            QuicStream stream = flows.get(i).to.getFirst();
            long here = 0;
            for (int n = 1; n > 0; here += n) {
                n = stream.read(piece, 0, piece.length);
            }
            waiting += here;
            assertTrue(here <= 512 << 10, "stream " + i + " holds " + here);
            long unread = flows.get(i).written - read[i];
            assertTrue(unread <= (512 << 10) + 700_000, "of stream " + i + " " + unread + " are on the way");
        }
        // What was read since the news of the last limit is not granted again: less than half of a window.
        assertTrue(waiting > MIB / 2 && waiting <= MIB, "all hold " + waiting);
    }

    /** A peer that fills one stream after another gets no more memory than the window of the connection. */
    @Test
    void aStreamThatWasReadKeepsLittleMemory() {
        SimulatedPair pair = connected(LONG_AND_FAST, settings().build());
        Flow flow = new Flow(pair);
        flow.runFor(6_000, Long.MAX_VALUE);
        assertTrue(flow.read > 2 * MIB, "read: " + flow.read);
        pair.network.runUntil(
                "all is read",
                () -> {
                    flow.read(Long.MAX_VALUE);
                    return flow.read == flow.written;
                },
                TimeUnit.SECONDS.toNanos(10));
        pair.network.runFor(TimeUnit.SECONDS.toNanos(1));
        assertTrue(StateSize.of(pair.server.accepted).get("ByteRing.bytes[]") <= 16_384);
        assertTrue(StateSize.of(pair.connection).get("ByteRing.bytes[]") <= 16_384);
    }

    @Test
    void settingsHaveBounds() {
        assertThrows(IllegalArgumentException.class, () -> new StreamMemory(-1, 0, 1));
        assertThrows(IllegalArgumentException.class, () -> new StreamMemory(0, (1L << 30) + 1, 1));
        assertThrows(IllegalArgumentException.class, () -> new StreamMemory(0, 0, 0));
        StreamMemory memory = new StreamMemory(1, 2, 3);
        assertEquals(
                memory,
                settings().streamMemory(memory).build().toBuilder().build().streamMemory());
    }
}
