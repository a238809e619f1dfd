package io.mpquic.quic.endpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mpquic.quic.connection.QuicEvent;
import io.mpquic.quic.connection.TransportSettings;
import io.mpquic.quic.sim.LinkConditions;
import io.mpquic.quic.stream.QuicStream;
import io.mpquic.quic.stream.StreamMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Streams between two endpoints on a simulated network. */
class StreamTransferTest {
    private static final TransportSettings STREAMS =
            TransportSettings.builder().maxStreamsBidi(100).maxStreamsUni(10).build();

    private static void exchange(SimulatedPair pair, int streams, long bytes, int seconds) {
        if (pair.connection == null) {
            pair.connect();
        }
        List<Talk> here = new ArrayList<>();
        List<Talk> there = new ArrayList<>();
        for (int i = 0; i < streams; i++) {
            here.add(new Talk(pair.connection.openBidirectional(), bytes, i));
        }
        pair.network.runUntil(
                "all streams have ended at both ends",
                () -> {
                    for (QuicStream s = pair.server.accepted.pollStream();
                            s != null;
                            s = pair.server.accepted.pollStream()) {
                        there.add(new Talk(s, bytes, 1000 + s.id()));
                    }
                    here.forEach(Talk::go);
                    there.forEach(Talk::go);
                    return there.size() == streams
                            && here.stream().allMatch(t -> t.ended)
                            && there.stream().allMatch(t -> t.ended);
                },
                TimeUnit.SECONDS.toNanos(seconds));
        for (int i = 0; i < streams; i++) {
            assertEquals(here.get(i).wrote.getValue(), there.get(i).read.getValue());
            assertEquals(there.get(i).wrote.getValue(), here.get(i).read.getValue());
        }
    }

    private static LinkConditions link(double loss) {
        return LinkConditions.builder().delayMs(5).loss(loss).build();
    }

    @Test
    void megabytesArriveInBothDirectionsWithoutLoss() {
        exchange(new SimulatedPair(1, link(0), STREAMS, STREAMS), 1, 5_000_000, 300);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void bytesOfSeveralStreamsArriveWhenThreePacketsOfTenAreLost(long seed) {
        SimulatedPair pair = new SimulatedPair(seed, link(0), STREAMS, STREAMS);
        pair.connect();
        pair.network.linkBothWays(SimulatedPair.CLIENT, SimulatedPair.SERVER, link(0.3));
        exchange(pair, 6, 60_000, 3_600);
    }

    @Test
    void manyStreamsAtOnceArriveWhole() {
        exchange(new SimulatedPair(3, link(0.1), STREAMS, STREAMS), 100, 10_000, 3_600);
    }

    /** Writers that write again only when they are told to, and readers that read only then. */
    @ParameterizedTest
    @CsvSource({"1, 1, 0.0", "2, 1000, 0.1", "3, 70000, 0.1", "4, 3000000, 0.0", "5, 200000, 0.3"})
    void eventsAloneKeepATransferGoing(long seed, long sendBuffer, double loss) {
        TransportSettings settings = STREAMS.toBuilder()
                .streamMemory(new StreamMemory(1 << 20, 1 << 21, sendBuffer))
                .build();
        SimulatedPair pair = new SimulatedPair(seed, link(0), settings, settings);
        pair.connect();
        pair.network.linkBothWays(SimulatedPair.CLIENT, SimulatedPair.SERVER, link(loss));
        byte[] bytes = new byte[100_000];
        long[] left = {Math.min(30 * sendBuffer, loss > 0 ? 300_000 : 8_000_000)};
        QuicStream stream = pair.connection.openUnidirectional();
        Runnable write = () -> {
            for (int n = 1; n > 0 && left[0] > 0; left[0] -= n) {
                n = stream.write(bytes, 0, (int) Math.min(bytes.length, left[0]));
            }
            if (left[0] == 0) {
                stream.finish();
            }
        };
        write.run();
        pair.network.runUntil(
                "the end is read",
                () -> {
                    boolean ended = false;
                    for (QuicEvent.StreamReadable readable : pair.server.eventsOf(QuicEvent.StreamReadable.class)) {
                        int n = 1;
                        while (n > 0) {
                            n = readable.stream().read(bytes, 0, bytes.length);
                        }
                        ended |= n < 0;
                    }
                    pair.server.events.clear();
                    if (!pair.client.eventsOf(QuicEvent.StreamWritable.class).isEmpty()) {
                        pair.client.events.clear();
                        write.run();
                    }
                    return ended;
                },
                TimeUnit.HOURS.toNanos(1));
        assertEquals(0, left[0]);
    }

    /** RFC 9000 §3.5: STOP_SENDING is answered with RESET_STREAM, and its code. */
    @Test
    void aStreamThatIsStoppedIsReset() {
        SimulatedPair pair = new SimulatedPair(5, link(0.1), STREAMS, STREAMS);
        pair.connect();
        QuicStream stream = pair.connection.openUnidirectional();
        stream.write(new byte[100_000], 0, 100_000);
        pair.network.runUntil(
                "it arrives",
                () -> !pair.server.eventsOf(QuicEvent.StreamReadable.class).isEmpty(),
                TimeUnit.SECONDS.toNanos(30));
        pair.server.accepted.pollStream().stopSending(77);
        pair.network.runUntil(
                "it is reset",
                () -> stream.peerStopCode() == 77
                        && pair.connection.openStreams() == 0
                        && pair.server.accepted.openStreams() == 0,
                TimeUnit.SECONDS.toNanos(60));
        assertEquals(-1, stream.write(new byte[1], 0, 1));
    }
}
