package io.mpquic.quic.endpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.connection.QuicConnection;
import io.mpquic.quic.connection.QuicEvent;
import io.mpquic.quic.stream.QuicStream;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the streams of a connection must do, in its simplest form: a direction of a stream is a count of bytes written, a
 * count of bytes read, and how it ends. Byte k of a direction follows from its place, so nothing else is to be kept.
 */
final class StreamModel {
    private static final int CHUNK_BYTES = 3_000;

    /** One direction of one stream. */
    private static final class Flow {
        long written;
        long read;
        boolean finished;
        long resetCode = -1;
        long stopCode = -1;
        boolean ended;
    }

    /** One end: its streams, and what it was told of. */
    static final class End {
        final boolean client;
        final CreditWatch watch;
        final Map<Long, QuicStream> streams = new TreeMap<>();
        private final Map<Long, Flow> sent = new HashMap<>();
        private final Set<Long> announced = new HashSet<>();
        private @Nullable QuicConnection connection;
        private @Nullable End peer;
        private int eventsSeen;

        End(boolean client, CreditWatch watch) {
            this.client = client;
            this.watch = watch;
        }

        boolean sends(long id) {
            return (id & 2) == 0 || (id & 1) == (client ? 0 : 1);
        }

        boolean receives(long id) {
            return (id & 2) == 0 || !sends(id);
        }

        QuicConnection connection() {
            return Objects.requireNonNull(connection);
        }

        private End peer() {
            return Objects.requireNonNull(peer);
        }

        private Flow sending(long id) {
            return sent.computeIfAbsent(id, any -> new Flow());
        }

        private Flow receiving(long id) {
            return peer().sending(id);
        }
    }

    final End client;
    final End server;
    private final byte[] buffer = new byte[CHUNK_BYTES];

    StreamModel(End client, End server) {
        this.client = client;
        this.server = server;
        client.peer = server;
        server.peer = client;
    }

    void connected(QuicConnection atClient, QuicConnection atServer) {
        client.connection = atClient;
        server.connection = atServer;
    }

    /** Takes what the peer has opened, and what was told. */
    void observe(End end, List<QuicEvent> events) {
        for (QuicStream next = end.connection().pollStream();
                next != null;
                next = end.connection().pollStream()) {
            assertEquals(null, end.streams.put(next.id(), next));
        }
        for (; end.eventsSeen < events.size(); end.eventsSeen++) {
            if (events.get(end.eventsSeen) instanceof QuicEvent.StreamReadable readable) {
                end.announced.add(readable.stream().id());
            }
        }
        assertEquals(List.of(), end.watch.findings);
    }

    /** The end of a direction grants no more than a window beyond what was read from it or given up. */
    void checkGrants(End end, long largestWindow) {
        long consumed = 0;
        for (Map.Entry<Long, Flow> each : end.peer().sent.entrySet()) {
            Flow flow = each.getValue();
            boolean givenUp = flow.stopCode >= 0 || flow.resetCode >= 0;
            consumed += givenUp ? end.peer().watch.sentTo(each.getKey()) : flow.read;
        }
        long granted = end.watch.grantedData;
        assertTrue(granted <= consumed + largestWindow, "granted " + granted + ", consumed " + consumed);
    }

    void open(End end, boolean oneWay) {
        QuicStream stream = oneWay
                ? end.connection().openUnidirectional()
                : end.connection().openBidirectional();
        if (stream != null) {
            assertEquals(null, end.streams.put(stream.id(), stream));
        }
    }

    void write(End end, QuicStream stream, int lengthBytes) {
        Flow flow = end.sending(stream.id());
        if (flow.finished && flow.resetCode < 0) {
            return;
        }
        for (int i = 0; i < lengthBytes; i++) {
            buffer[i] = content(stream.id(), flow.written + i);
        }
        int taken = stream.write(buffer, 0, lengthBytes);
        if (taken < 0) {
            boolean stopped = stream.peerStopCode() >= 0;
            assertTrue(flow.resetCode >= 0 || stopped);
            assertTrue(!stopped || stream.peerStopCode() == flow.stopCode);
        } else {
            assertTrue(flow.resetCode < 0, "written after a reset");
            assertEquals(lengthBytes, taken); // far less than the buffer holds
            flow.written += taken;
        }
    }

    void finish(End end, QuicStream stream) {
        stream.finish();
        end.sending(stream.id()).finished = true;
    }

    void reset(End end, QuicStream stream, long code) {
        Flow flow = end.sending(stream.id());
        boolean first = flow.resetCode < 0
                && stream.peerStopCode() < 0
                && !stream.sendState().isFinal();
        stream.reset(code);
        if (first) {
            flow.resetCode = code;
        }
    }

    void stop(End end, QuicStream stream, long code) {
        Flow flow = end.receiving(stream.id());
        if (flow.stopCode < 0) {
            flow.stopCode = code;
        }
        stream.stopSending(code);
    }

    void read(End end, QuicStream stream, int lengthBytes) {
        Flow flow = end.receiving(stream.id());
        int length = stream.read(buffer, 0, lengthBytes);
        for (int i = 0; i < length; i++) {
            assertEquals(content(stream.id(), flow.read + i), buffer[i], "byte " + (flow.read + i));
        }
        if (length == 0) {
            if (lengthBytes > 0) {
                end.announced.remove(stream.id());
            }
            return;
        }
        assertTrue(
                flow.stopCode >= 0 || flow.ended || end.announced.contains(stream.id()),
                "stream " + stream.id() + " is readable, and nobody was told");
        flow.read += Math.max(0, length);
        assertTrue(flow.read <= flow.written);
        if (length < 0 && flow.stopCode < 0) {
            flow.ended = true;
            if (stream.peerResetCode() >= 0) {
                assertEquals(flow.resetCode, stream.peerResetCode());
            } else {
                assertTrue(flow.finished, "an end that nobody wrote");
                assertEquals(flow.written, flow.read);
            }
        }
    }

    /** Brings all to its end, and reads what there is. */
    boolean wind(End end) {
        for (QuicStream stream : end.streams.values()) {
            if (end.sends(stream.id())) {
                finish(end, stream);
            }
            if (end.receives(stream.id())) {
                for (long before = -1; end.receiving(stream.id()).read > before; ) {
                    before = end.receiving(stream.id()).read;
                    read(end, stream, CHUNK_BYTES);
                }
            }
        }
        return end.connection().openStreams() == 0;
    }

    /** Directions that nobody gave up have been read to their end. */
    void checkAllRead() {
        for (End end : List.of(client, server)) {
            for (Flow flow : end.sent.values()) {
                if (flow.resetCode < 0 && flow.stopCode < 0) {
                    assertTrue(flow.ended);
                    assertEquals(flow.written, flow.read);
                }
            }
        }
    }

    private static byte content(long id, long offset) {
        return (byte) (id * 31 + offset + (offset >> 8) * 7);
    }
}
