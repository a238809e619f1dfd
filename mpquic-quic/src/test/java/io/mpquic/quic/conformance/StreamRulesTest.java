package io.mpquic.quic.conformance;

import static io.mpquic.quic.conformance.StreamPeers.CONNECTION_WINDOW;
import static io.mpquic.quic.conformance.StreamPeers.STREAMS;
import static io.mpquic.quic.conformance.StreamPeers.STREAM_WINDOW;
import static io.mpquic.quic.conformance.StreamPeers.accepted;
import static io.mpquic.quic.conformance.StreamPeers.data;
import static io.mpquic.quic.conformance.StreamPeers.flush;
import static io.mpquic.quic.conformance.StreamPeers.idOfPeer;
import static io.mpquic.quic.conformance.StreamPeers.open;
import static io.mpquic.quic.conformance.StreamPeers.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.stream.QuicStream;
import io.mpquic.quic.stream.ReceiveState;
import io.mpquic.quic.stream.SendState;
import io.mpquic.quic.wire.DataBlockedFrame;
import io.mpquic.quic.wire.MaxDataFrame;
import io.mpquic.quic.wire.MaxStreamDataFrame;
import io.mpquic.quic.wire.MaxStreamsFrame;
import io.mpquic.quic.wire.ResetStreamFrame;
import io.mpquic.quic.wire.StopSendingFrame;
import io.mpquic.quic.wire.StreamDataBlockedFrame;
import io.mpquic.quic.wire.StreamFrame;
import io.mpquic.quic.wire.StreamsBlockedFrame;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9000 §2 to §4: what an endpoint does with streams, as its peer sees it, in both roles. */
class StreamRulesTest {
    private static final long DATA = 1_500;
    private static final long STREAM_DATA = 1_000;
    private static final long CODE = 7;
    private static final int LONG_AFTER_MS = 3_000;

    private static RawPeer peer(boolean isClient) {
        return StreamPeers.connected(isClient, DATA, STREAM_DATA, 3);
    }

    private static byte[] pattern(int lengthBytes) {
        byte[] bytes = new byte[lengthBytes];
        for (int i = 0; i < lengthBytes; i++) {
            bytes[i] = (byte) (i * 31 + i / 256);
        }
        return bytes;
    }

    /** The offset behind the last byte of a stream that the target has sent. */
    private static long sentTo(RawPeer peer, QuicStream stream) {
        return peer.frames(StreamFrame.class).stream()
                .filter(frame -> frame.streamId() == stream.id())
                .mapToLong(frame -> frame.offset() + frame.data().byteSize())
                .max()
                .orElse(0);
    }

    private static String read(QuicStream stream) {
        byte[] into = new byte[1000];
        int length = stream.read(into, 0, into.length);
        return length < 0 ? "end" : new String(into, 0, length, StandardCharsets.US_ASCII);
    }

    @Requirement({"9000-2.1-1", "9000-4.6-2", "9000-19.11-3"})
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void noMoreStreamsAreOpenedThanThePeerAllowsAndNoIdTwice(boolean peerIsClient) {
        RawPeer peer = peer(peerIsClient);
        for (boolean oneWay : new boolean[] {true, false}) {
            Set<Long> ids = new HashSet<>();
            for (int allowed = 3; allowed <= 5; allowed++) {
                peer.send(peer.oneRtt(new MaxStreamsFrame(allowed, !oneWay)));
                // RFC 9000 §4.6: one that raises nothing.
                peer.send(peer.oneRtt(new MaxStreamsFrame(2, !oneWay)));
                while (ids.size() < allowed) {
                    assertTrue(ids.add(open(peer, oneWay).id()));
                }
                assertNull(
                        oneWay
                                ? peer.target.connection().openUnidirectional()
                                : peer.target.connection().openBidirectional());
                flush(peer);
                assertTrue(peer.frames(StreamsBlockedFrame.class).contains(new StreamsBlockedFrame(allowed, !oneWay)));
            }
            long kind = (oneWay ? 2 : 0) | (peerIsClient ? 1 : 0);
            assertEquals(Set.of(kind, 4 + kind, 8 + kind, 12 + kind, 16 + kind), ids);
        }
        peer.assertAlive();
    }

    @Requirement("9000-2.2-1")
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void piecesReachTheApplicationInOrderAndOnce(boolean peerIsClient) {
        RawPeer peer = peer(peerIsClient);
        long id = idOfPeer(peer, 0, true);
        peer.send(peer.oneRtt(text(id, 6, "six", true)));
        QuicStream stream = accepted(peer);
        assertEquals("", read(stream));
        peer.send(peer.oneRtt(text(id, 3, "345s", false), text(id, 1, "12", false)));
        assertEquals("", read(stream));
        peer.send(peer.oneRtt(text(id, 0, "0", false), text(id, 0, "012345six", true)));
        assertEquals("012345six", read(stream));
        assertEquals("end", read(stream));
        peer.send(peer.oneRtt(text(id, 0, "012345six", true)));
        assertEquals("end", read(stream));
        assertEquals(0, peer.target.connection().openStreams());
        peer.assertAlive();
    }

    @Requirement({"9000-2.2-2", "9000-4.5-2", "9000-11.2-1"})
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatIsSentAgainIsTheSameAndNothingFollowsTheEnd(boolean peerIsClient) {
        RawPeer peer = peer(peerIsClient);
        QuicStream stream = open(peer, true);
        byte[] bytes = pattern(900);
        assertEquals(500, stream.write(bytes, 0, 500));
        flush(peer);
        assertEquals(400, stream.write(bytes, 500, 400));
        stream.finish();
        stream.finish();
        assertThrows(IllegalStateException.class, () -> stream.write(bytes, 0, 1));
        flush(peer);
        peer.advanceMs(LONG_AFTER_MS);
        int total = 0;
        for (StreamFrame frame : peer.frames(StreamFrame.class)) {
            int offset = (int) frame.offset();
            byte[] data = frame.data().toArray(ValueLayout.JAVA_BYTE);
            total += data.length;
            assertTrue(offset + data.length <= 900);
            assertEquals(offset + data.length == 900, frame.fin());
            for (int i = 0; i < data.length; i++) {
                assertEquals(bytes[offset + i], data[i], "offset " + (offset + i));
            }
        }
        assertTrue(total > 900, "nothing was sent again");
        assertEquals(0, peer.frames(ResetStreamFrame.class).size());
    }

    @Requirement({"9000-2.2-3", "9000-4.1-1", "9000-4.1-3", "9000-19.10-3"})
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aSenderKeepsToTheLimitsAndTellsThatItIsBlocked(boolean peerIsClient) {
        RawPeer peer = peer(peerIsClient);
        QuicStream one = open(peer, true);
        QuicStream two = open(peer, false);
        one.write(pattern(2_000), 0, 2_000);
        flush(peer);
        assertEquals(STREAM_DATA, sentTo(peer, one));
        assertTrue(
                peer.frames(StreamDataBlockedFrame.class).contains(new StreamDataBlockedFrame(one.id(), STREAM_DATA)));
        two.write(pattern(2_000), 0, 2_000);
        flush(peer);
        assertEquals(DATA - STREAM_DATA, sentTo(peer, two));
        assertTrue(peer.frames(DataBlockedFrame.class).contains(new DataBlockedFrame(DATA)));

        // RFC 9000 §4.1: limits that raise nothing.
        peer.send(peer.oneRtt(new MaxDataFrame(DATA - 1), new MaxStreamDataFrame(one.id(), 10)));
        assertEquals(STREAM_DATA, sentTo(peer, one));
        // More for the stream is of no use without more for the connection.
        peer.send(peer.oneRtt(new MaxStreamDataFrame(one.id(), 1_100)));
        assertEquals(STREAM_DATA, sentTo(peer, one));
        peer.send(peer.oneRtt(new MaxDataFrame(DATA + 50)));
        assertEquals(DATA + 50, sentTo(peer, one) + sentTo(peer, two));
        peer.send(peer.oneRtt(new MaxDataFrame(100_000)));
        assertEquals(1_100, sentTo(peer, one));
        assertEquals(STREAM_DATA, sentTo(peer, two));
        peer.acknowledgeAll().advanceMs(LONG_AFTER_MS);
        assertEquals(1_100, sentTo(peer, one));
        assertEquals(STREAM_DATA, sentTo(peer, two));
    }

    @Requirement("9000-3.2-1")
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aStreamOpensAllOfItsKindWithLowerNumbers(boolean peerIsClient) {
        RawPeer peer = peer(peerIsClient);
        peer.send(peer.oneRtt(text(idOfPeer(peer, 2, false), 0, "x", false)));
        for (int i = 0; i <= 2; i++) {
            assertEquals(idOfPeer(peer, i, false), accepted(peer).id());
        }
        assertNull(peer.target.connection().pollStream());
        peer.send(peer.oneRtt(text(idOfPeer(peer, 1, true), 0, "x", false)));
        assertEquals(idOfPeer(peer, 0, true), accepted(peer).id());
        assertEquals(idOfPeer(peer, 1, true), accepted(peer).id());
        assertNull(peer.target.connection().pollStream());
        // The older ones are streams as any other.
        peer.send(peer.oneRtt(text(idOfPeer(peer, 0, true), 0, "late", true))).assertAlive();
    }

    @Requirement("9000-3.3-1")
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void nothingIsSaidOfAStreamThatIsOver(boolean peerIsClient) {
        RawPeer peer = peer(peerIsClient);
        QuicStream stream = open(peer, true);
        stream.write(pattern(50), 0, 50);
        stream.finish();
        flush(peer);
        peer.acknowledgeAll();
        assertEquals(SendState.DATA_RECVD, stream.sendState());
        assertEquals(0, peer.target.connection().openStreams());
        peer.received.clear();
        stream.reset(CODE);
        peer.send(peer.oneRtt(new StopSendingFrame(stream.id(), CODE), new MaxStreamDataFrame(stream.id(), 5_000)));
        peer.advanceMs(LONG_AFTER_MS);
        assertEquals(0, peer.frames(ResetStreamFrame.class).size());
        assertEquals(0, peer.frames(StreamFrame.class).size());
        peer.assertAlive();
    }

    @Requirement({"9000-3.3-2", "9000-13.3-1"})
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void afterAResetOnlyTheResetIsRepeatedUnchanged(boolean peerIsClient) {
        RawPeer peer = peer(peerIsClient);
        QuicStream stream = open(peer, true);
        stream.write(pattern(2_000), 0, 2_000);
        flush(peer);
        assertEquals(STREAM_DATA, sentTo(peer, stream));
        peer.received.clear();
        stream.reset(CODE);
        stream.reset(CODE + 1);
        assertEquals(-1, stream.write(pattern(1), 0, 1));
        flush(peer);
        peer.send(peer.oneRtt(new MaxStreamDataFrame(stream.id(), 5_000)));
        peer.advanceMs(LONG_AFTER_MS);
        assertEquals(0, peer.frames(StreamFrame.class).size());
        assertEquals(0, peer.frames(StreamDataBlockedFrame.class).size());
        assertTrue(peer.frames(ResetStreamFrame.class).size() > 1);
        assertEquals(
                Set.of(new ResetStreamFrame(stream.id(), CODE, STREAM_DATA)),
                new HashSet<>(peer.frames(ResetStreamFrame.class)));
        peer.acknowledgeAll();
        assertEquals(SendState.RESET_RECVD, stream.sendState());
        assertEquals(0, peer.target.connection().openStreams());
    }

    @Requirement("9000-3.5-1")
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aSenderThatIsAskedToStopResetsWithTheSameCode(boolean peerIsClient) {
        RawPeer peer = peer(peerIsClient);
        QuicStream ready = open(peer, false);
        QuicStream sending = open(peer, true);
        QuicStream sent = open(peer, true);
        sending.write(pattern(10), 0, 10);
        sent.write(pattern(20), 0, 20);
        sent.finish();
        flush(peer);
        for (QuicStream stream : new QuicStream[] {ready, sending, sent}) {
            peer.send(peer.oneRtt(new StopSendingFrame(stream.id(), CODE)));
            assertEquals(CODE, stream.peerStopCode());
            assertTrue(peer.frames(ResetStreamFrame.class)
                    .contains(new ResetStreamFrame(
                            stream.id(), CODE, stream == ready ? 0 : stream == sending ? 10 : 20)));
        }
    }

    @Requirement("9000-4.2-1")
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void creditComesAsTheApplicationReadsAndNotBefore(boolean peerIsClient) {
        RawPeer peer = peer(peerIsClient);
        long[] ids = {idOfPeer(peer, 0, true), idOfPeer(peer, 0, false)};
        for (long id : ids) {
            peer.send(peer.oneRtt(data(id, 0, STREAM_WINDOW, false)));
        }
        peer.advanceMs(LONG_AFTER_MS);
        assertEquals(0, peer.frames(MaxStreamDataFrame.class).size());
        assertEquals(0, peer.frames(MaxDataFrame.class).size());
        for (long id : ids) {
            QuicStream stream = accepted(peer);
            assertEquals(STREAM_WINDOW, read(stream).length());
            flush(peer);
            assertTrue(peer.frames(MaxStreamDataFrame.class).contains(new MaxStreamDataFrame(id, 2 * STREAM_WINDOW)));
        }
        assertTrue(peer.frames(MaxDataFrame.class).contains(new MaxDataFrame(CONNECTION_WINDOW + 2 * STREAM_WINDOW)));
        peer.send(peer.oneRtt(data(ids[0], STREAM_WINDOW, STREAM_WINDOW, true))).assertAlive();
    }

    @Requirement({"9000-4.4-1", "9000-4.5-1"})
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aResetEndsOneDirectionAndItsFinalSizeCounts(boolean peerIsClient) {
        RawPeer peer = peer(peerIsClient);
        long id = idOfPeer(peer, 0, false);
        long other = idOfPeer(peer, 1, false);
        peer.send(peer.oneRtt(text(id, 0, "half", false)));
        QuicStream stream = accepted(peer);
        peer.send(peer.oneRtt(new ResetStreamFrame(id, CODE, STREAM_WINDOW)));
        peer.send(peer.oneRtt(new ResetStreamFrame(other, CODE, STREAM_WINDOW)));
        assertEquals(ReceiveState.RESET_RECVD, stream.receiveState());
        assertEquals("end", read(stream));
        assertEquals(CODE, stream.peerResetCode());
        flush(peer);
        // What nobody will read is given back.
        assertTrue(peer.frames(MaxDataFrame.class).stream()
                .anyMatch(frame -> frame.maximumBytes() == CONNECTION_WINDOW + 2 * STREAM_WINDOW));
        stream.write(pattern(2_000), 0, 2_000);
        flush(peer);
        assertEquals(STREAM_DATA, sentTo(peer, stream));
        peer.send(peer.oneRtt(new MaxStreamDataFrame(id, STREAM_DATA + 100)));
        assertEquals(STREAM_DATA + 100, sentTo(peer, stream));
        peer.assertAlive();
    }

    @Requirement("9000-4.6-5")
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void newStreamsAreAllowedAsOldOnesEnd(boolean peerIsClient) {
        RawPeer peer = peer(peerIsClient);
        for (int i = 0; i < STREAMS; i++) {
            peer.send(peer.oneRtt(data(idOfPeer(peer, i, true), 0, 1, true)));
        }
        peer.advanceMs(LONG_AFTER_MS);
        assertEquals(0, peer.frames(MaxStreamsFrame.class).size(), "none is over before it is read");
        for (int i = 0; i < STREAMS; i++) {
            QuicStream stream = accepted(peer);
            assertEquals(1, read(stream).length());
            assertEquals("end", read(stream));
        }
        flush(peer);
        assertTrue(peer.frames(MaxStreamsFrame.class).contains(new MaxStreamsFrame(2 * STREAMS, false)));
        assertFalse(peer.frames(MaxStreamsFrame.class).stream().anyMatch(MaxStreamsFrame::bidirectional));
        peer.send(peer.oneRtt(data(idOfPeer(peer, 2 * STREAMS - 1, true), 0, 1, true)))
                .assertAlive();
    }

    @Requirement("9000-19.9-1")
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theFinalSizesOfStreamsThatAreResetStayWithinTheLimit(boolean peerIsClient) {
        RawPeer peer = peer(peerIsClient);
        QuicStream[] streams = {open(peer, true), open(peer, true), open(peer, false)};
        for (QuicStream stream : streams) {
            stream.write(pattern(2_000), 0, 2_000);
        }
        flush(peer);
        for (QuicStream stream : streams) {
            stream.reset(CODE);
        }
        flush(peer);
        assertEquals(3, peer.frames(ResetStreamFrame.class).size());
        assertEquals(
                DATA,
                peer.frames(ResetStreamFrame.class).stream()
                        .mapToLong(ResetStreamFrame::finalSize)
                        .sum());
    }
}
