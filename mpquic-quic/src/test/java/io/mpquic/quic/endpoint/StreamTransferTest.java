package io.mpquic.quic.endpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mpquic.quic.connection.QuicEvent;
import io.mpquic.quic.connection.TransportSettings;
import io.mpquic.quic.sim.LinkConditions;
import io.mpquic.quic.stream.QuicStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
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
