package io.mpquic.quic.conformance;

import io.mpquic.quic.connection.TransportSettings;
import io.mpquic.quic.stream.QuicStream;
import io.mpquic.quic.stream.StreamMemory;
import io.mpquic.quic.wire.StreamFrame;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** Peers of an endpoint that lets them open streams, under small limits. */
final class StreamPeers {
    /** What the target grants: bytes on each stream, on all together, streams of each kind. */
    static final int STREAM_WINDOW = 100;

    static final int CONNECTION_WINDOW = 250;
    static final int STREAMS = 4;

    private StreamPeers() {}

    private static TransportSettings settings() {
        return Target.QUIET.toBuilder()
                .streamMemory(StreamMemory.fixedWindows())
                .maxData(CONNECTION_WINDOW)
                .maxStreamDataBidiLocal(STREAM_WINDOW)
                .maxStreamDataBidiRemote(STREAM_WINDOW)
                .maxStreamDataUni(STREAM_WINDOW)
                .maxStreamsBidi(STREAMS)
                .maxStreamsUni(STREAMS)
                .build();
    }

    /** A peer that has shaken hands and grants this much. */
    static RawPeer connected(boolean peerIsClient, long data, long streamData, long streams) {
        RawPeer peer =
                peerIsClient ? RawPeer.client(Target.server(settings())) : RawPeer.server(Target.client(settings()));
        peer.parameters = plain -> plain.setInteger(RawParameters.MAX_DATA, data)
                .setInteger(RawParameters.MAX_STREAM_DATA_BIDI_LOCAL, streamData)
                .setInteger(RawParameters.MAX_STREAM_DATA_BIDI_REMOTE, streamData)
                .setInteger(RawParameters.MAX_STREAM_DATA_UNI, streamData)
                .setInteger(RawParameters.MAX_STREAMS_BIDI, streams)
                .setInteger(RawParameters.MAX_STREAMS_UNI, streams);
        return peer.handshake();
    }

    static RawPeer connected(boolean peerIsClient) {
        return connected(peerIsClient, 10_000, 1_000, 3);
    }

    /** The ID of a stream that the peer opens. */
    static long idOfPeer(RawPeer peer, long index, boolean oneWay) {
        return index << 2 | (oneWay ? 2 : 0) | (peer.client ? 0 : 1);
    }

    static StreamFrame data(long id, long offset, int lengthBytes, boolean fin) {
        return new StreamFrame(id, offset, MemorySegment.ofArray(new byte[lengthBytes]), fin);
    }

    static StreamFrame text(long id, long offset, String text, boolean fin) {
        return new StreamFrame(id, offset, MemorySegment.ofArray(text.getBytes(StandardCharsets.US_ASCII)), fin);
    }

    static QuicStream open(RawPeer peer, boolean oneWay) {
        return Objects.requireNonNull(
                oneWay
                        ? peer.target.connection().openUnidirectional()
                        : peer.target.connection().openBidirectional(),
                "no stream may be opened");
    }

    /** The next stream that the target was offered. */
    static QuicStream accepted(RawPeer peer) {
        return Objects.requireNonNull(peer.target.connection().pollStream(), "no stream was opened");
    }

    /** What the target sends now. */
    static void flush(RawPeer peer) {
        peer.target.flush();
        peer.readOutbox();
    }
}
