package io.mpquic.quic.conformance;

import static io.mpquic.quic.conformance.StreamPeers.CONNECTION_WINDOW;
import static io.mpquic.quic.conformance.StreamPeers.STREAMS;
import static io.mpquic.quic.conformance.StreamPeers.STREAM_WINDOW;
import static io.mpquic.quic.conformance.StreamPeers.data;

import io.mpquic.quic.wire.Frame;
import io.mpquic.quic.wire.MaxStreamDataFrame;
import io.mpquic.quic.wire.MaxStreamsFrame;
import io.mpquic.quic.wire.ResetStreamFrame;
import io.mpquic.quic.wire.StopSendingFrame;
import io.mpquic.quic.wire.StreamDataBlockedFrame;
import io.mpquic.quic.wire.TransportError;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9000 §4 and §19.4 to §19.14: what a peer must not do with streams that it may have, in both roles. */
class StreamFaultRulesTest {
    private static final long CODE = 7;

    /** Sends all but the last frame, which are in order, and the last, which is a fault. */
    private static void assertFault(boolean peerIsClient, long errorCode, Frame... frames) {
        RawPeer peer = StreamPeers.connected(peerIsClient);
        assertFault(peer, errorCode, frames);
    }

    private static void assertFault(RawPeer peer, long errorCode, Frame... frames) {
        for (int i = 0; i < frames.length - 1; i++) {
            peer.send(peer.oneRtt(frames[i])).assertAlive();
        }
        peer.send(peer.oneRtt(frames[frames.length - 1]));
        peer.assertClosedWith(errorCode);
    }

    private static void assertInOrder(boolean peerIsClient, Frame... frames) {
        RawPeer peer = StreamPeers.connected(peerIsClient);
        for (Frame frame : frames) {
            peer.send(peer.oneRtt(frame)).assertAlive();
        }
    }

    private static long id(boolean peerIsClient, long index, boolean oneWay) {
        return index << 2 | (oneWay ? 2 : 0) | (peerIsClient ? 0 : 1);
    }

    private static ResetStreamFrame reset(long id, long finalSize) {
        return new ResetStreamFrame(id, CODE, finalSize);
    }

    @Requirement({"9000-4.1-2", "9000-19.10-4"})
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void moreDataThanAStreamMayHaveAreAFlowControlError(boolean peerIsClient) {
        for (boolean oneWay : new boolean[] {true, false}) {
            long id = id(peerIsClient, 0, oneWay);
            assertInOrder(peerIsClient, data(id, 0, STREAM_WINDOW, true));
            assertFault(peerIsClient, TransportError.FLOW_CONTROL_ERROR, data(id, 0, STREAM_WINDOW + 1, false));
            assertFault(peerIsClient, TransportError.FLOW_CONTROL_ERROR, data(id, STREAM_WINDOW, 1, false));
            assertFault(peerIsClient, TransportError.FLOW_CONTROL_ERROR, data(id, STREAM_WINDOW + 1, 0, true));
            assertFault(peerIsClient, TransportError.FLOW_CONTROL_ERROR, reset(id, STREAM_WINDOW + 1));
            assertFault(peerIsClient, TransportError.FLOW_CONTROL_ERROR, data(id, (1L << 62) - 2, 1, true));
        }
    }

    @Requirement({"9000-4.1-2", "9000-4.5-1", "9000-19.9-2"})
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void moreDataThanAllStreamsMayHaveAreAFlowControlError(boolean peerIsClient) {
        long one = id(peerIsClient, 0, true);
        long two = id(peerIsClient, 1, true);
        long three = id(peerIsClient, 0, false);
        int rest = CONNECTION_WINDOW - 2 * STREAM_WINDOW;
        Frame first = data(one, 0, STREAM_WINDOW, false);
        // A gap counts as what fills it.
        Frame second = data(two, STREAM_WINDOW - 1, 1, false);
        assertInOrder(peerIsClient, first, second, first, second, data(three, 0, rest, false));
        assertFault(peerIsClient, TransportError.FLOW_CONTROL_ERROR, first, second, data(three, 0, rest + 1, false));
        assertFault(peerIsClient, TransportError.FLOW_CONTROL_ERROR, first, second, data(three, rest + 1, 0, true));
        // RFC 9000 §4.5: the final size counts as bytes that were sent.
        assertFault(peerIsClient, TransportError.FLOW_CONTROL_ERROR, first, second, reset(three, rest + 1));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aFinalSizeThatChangesIsAFinalSizeError(boolean peerIsClient) {
        for (boolean oneWay : new boolean[] {true, false}) {
            long id = id(peerIsClient, 0, oneWay);
            List<Frame> ends = List.of(data(id, 10, 0, true), data(id, 8, 2, true), reset(id, 10));
            for (Frame end : ends) {
                assertInOrder(peerIsClient, end, end, data(id, 2, 8, false), end);
                // RFC 9000 §4.5: beyond it; another end of either kind, smaller or larger.
                assertFault(peerIsClient, TransportError.FINAL_SIZE_ERROR, end, data(id, 10, 1, false));
                assertFault(peerIsClient, TransportError.FINAL_SIZE_ERROR, end, data(id, 5, 6, false));
                assertFault(peerIsClient, TransportError.FINAL_SIZE_ERROR, end, data(id, 9, 0, true));
                assertFault(peerIsClient, TransportError.FINAL_SIZE_ERROR, end, data(id, 11, 0, true));
                assertFault(peerIsClient, TransportError.FINAL_SIZE_ERROR, end, reset(id, 9));
                assertFault(peerIsClient, TransportError.FINAL_SIZE_ERROR, end, reset(id, 11));
                // An end before what has come already.
                Frame more = data(id, 10, 1, false);
                assertFault(peerIsClient, TransportError.FINAL_SIZE_ERROR, more, end);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aStreamAboveTheLimitIsAStreamLimitError(boolean peerIsClient) {
        long last = id(peerIsClient, STREAMS - 1, false);
        long above = id(peerIsClient, STREAMS, false);
        assertInOrder(peerIsClient, data(last, 0, 1, false), new StopSendingFrame(last, CODE));
        for (Frame frame : List.of(
                data(above, 0, 0, true),
                reset(above, 0),
                new StreamDataBlockedFrame(above, 1),
                new StopSendingFrame(above, CODE),
                new MaxStreamDataFrame(above, 1))) {
            assertFault(peerIsClient, TransportError.STREAM_LIMIT_ERROR, frame);
        }
        long aboveOneWay = id(peerIsClient, STREAMS, true);
        assertInOrder(peerIsClient, data(id(peerIsClient, STREAMS - 1, true), 0, 1, true));
        assertFault(peerIsClient, TransportError.STREAM_LIMIT_ERROR, data(aboveOneWay, 0, 0, true));
        assertFault(peerIsClient, TransportError.STREAM_LIMIT_ERROR, reset(aboveOneWay, 0));
        assertFault(
                peerIsClient, TransportError.STREAM_LIMIT_ERROR, data((1L << 62) - (peerIsClient ? 4 : 3), 0, 0, true));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aFrameAgainstTheDirectionOfAStreamIsAStreamStateError(boolean peerIsClient) {
        // RFC 9000 §19.4, §19.8, §19.13: the target alone sends on its stream, which is open.
        long ours = id(!peerIsClient, 0, true);
        for (Frame frame : List.of(data(ours, 0, 1, false), reset(ours, 0), new StreamDataBlockedFrame(ours, 1))) {
            RawPeer peer = StreamPeers.connected(peerIsClient);
            StreamPeers.open(peer, true);
            assertFault(peer, TransportError.STREAM_STATE_ERROR, frame);
        }
        // RFC 9000 §19.5, §19.10: the peer alone sends on its stream, open or not.
        long theirs = id(peerIsClient, 0, true);
        for (Frame frame : List.of(new StopSendingFrame(theirs, CODE), new MaxStreamDataFrame(theirs, 1))) {
            assertFault(peerIsClient, TransportError.STREAM_STATE_ERROR, frame);
            assertFault(peerIsClient, TransportError.STREAM_STATE_ERROR, data(theirs, 0, 1, false), frame);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aFrameOfAStreamThatTheTargetHasNotOpenedIsAStreamStateError(boolean peerIsClient) {
        long open = id(!peerIsClient, 0, false);
        long next = id(!peerIsClient, 1, false);
        for (long id : new long[] {open, next}) {
            for (Frame frame : List.of(
                    data(id, 0, 1, false),
                    reset(id, 0),
                    new StreamDataBlockedFrame(id, 1),
                    new StopSendingFrame(id, CODE),
                    new MaxStreamDataFrame(id, 1))) {
                RawPeer peer = StreamPeers.connected(peerIsClient);
                StreamPeers.open(peer, false);
                if (id == open) {
                    peer.send(peer.oneRtt(frame)).assertAlive();
                } else {
                    assertFault(peer, TransportError.STREAM_STATE_ERROR, frame);
                }
            }
        }
    }

    @Requirement({"9000-4.6-1", "9000-19.11-1"})
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aStreamLimitAbove2To60IsAFrameEncodingError(boolean peerIsClient) {
        assertInOrder(peerIsClient, new MaxStreamsFrame(1L << 60, true), new MaxStreamsFrame(1L << 60, false));
        for (String hex : new String[] {"12 d000000000000001", "13 d000000000000001", "12 ffffffffffffffff"}) {
            RawPeer peer = StreamPeers.connected(peerIsClient);
            peer.send(peer.oneRtt().payload(RawBytes.hex(hex)));
            peer.assertClosedWith(TransportError.FRAME_ENCODING_ERROR);
        }
    }
}
