package io.mpquic.quic.endpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.connection.QuicConnection;
import io.mpquic.quic.connection.QuicEvent;
import io.mpquic.quic.connection.TransportSettings;
import io.mpquic.quic.sim.LinkConditions;
import io.mpquic.quic.stream.QuicStream;
import io.mpquic.quic.stream.ReceiveState;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;

/** Streams between two endpoints on a simulated network. */
class StreamTransferTest {
    private static final TransportSettings STREAMS =
            TransportSettings.builder().maxStreamsBidi(100).maxStreamsUni(10).build();

    /** Writes a number of bytes, reads to the end, and keeps checksums of both. */
    private static final class Talk {
        final QuicStream stream;
        final CRC32 wrote = new CRC32();
        final CRC32 read = new CRC32();
        private final Random random;
        private final byte[] in = new byte[5000];
        private byte[] rest = {};
        private int restFrom;
        private long left;
        boolean ended;

        Talk(QuicStream stream, long bytes, long seed) {
            this.stream = stream;
            left = bytes;
            random = new Random(seed);
        }

        void go() {
            write();
            for (int n = ended ? -1 : stream.read(in, 0, in.length); n != 0; n = stream.read(in, 0, in.length)) {
                if (n < 0) {
                    ended = true;
                    return;
                }
                read.update(in, 0, n);
            }
        }

        private void write() {
            while (true) {
                if (restFrom == rest.length) {
                    if (left == 0) {
                        stream.finish();
                        return;
                    }
                    rest = new byte[(int) Math.min(left, 10_000)];
                    restFrom = 0;
                    random.nextBytes(rest);
                    wrote.update(rest);
                    left -= rest.length;
                }
                int taken = stream.write(rest, restFrom, rest.length - restFrom);
                if (taken == 0) {
                    return;
                }
                restFrom += taken;
            }
        }
    }

    private static void exchange(SimulatedPair pair, int streams, long bytes, int seconds) {
        pair.connect();
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

    @Test
    void bytesArriveInBothDirectionsThroughHeavyLoss() {
        exchange(new SimulatedPair(2, link(0.2), STREAMS, STREAMS), 1, 300_000, 3_600);
    }

    @Test
    void manyStreamsAtOnceArriveWhole() {
        exchange(new SimulatedPair(3, link(0.1), STREAMS, STREAMS), 100, 10_000, 3_600);
    }

    /** RFC 9000 §4.6: places are given back; nothing is kept of streams that are over. */
    @Test
    void tenThousandShortStreamsLeaveNothingBehind() {
        SimulatedPair pair = new SimulatedPair(4, link(0), STREAMS, STREAMS);
        pair.connect();
        QuicConnection client = pair.connection;
        byte[] buffer = new byte[10];
        int[] opened = {0};
        int[] ended = {0};
        List<QuicStream> reading = new ArrayList<>();
        pair.network.runUntil(
                "all are over",
                () -> {
                    for (QuicStream s = opened[0] < 10_000 ? client.openUnidirectional() : null;
                            s != null;
                            s = opened[0] < 10_000 ? client.openUnidirectional() : null) {
                        opened[0]++;
                        s.write(new byte[] {1, 2, 3}, 0, 3);
                        s.finish();
                    }
                    for (QuicStream s = pair.server.accepted.pollStream();
                            s != null;
                            s = pair.server.accepted.pollStream()) {
                        reading.add(s);
                    }
                    reading.removeIf(s -> {
                        int read = s.read(buffer, 0, buffer.length);
                        assertEquals(3, read == 0 ? 3 : read);
                        read = s.read(buffer, 0, buffer.length);
                        assertTrue(read <= 3);
                        boolean over = s.receiveState() == ReceiveState.DATA_READ;
                        ended[0] += over ? 1 : 0;
                        return over;
                    });
                    return ended[0] == 10_000;
                },
                TimeUnit.SECONDS.toNanos(600));
        pair.network.runFor(TimeUnit.SECONDS.toNanos(1));
        assertEquals(0, client.openStreams());
        assertEquals(0, pair.server.accepted.openStreams());
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
