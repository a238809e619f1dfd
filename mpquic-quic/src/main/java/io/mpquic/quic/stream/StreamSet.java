package io.mpquic.quic.stream;

import io.mpquic.quic.wire.Frame;
import io.mpquic.quic.wire.TransportError;
import io.mpquic.quic.wire.TransportException;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The streams of a connection that are not over, and who may open how many (RFC 9000 §2.1, §4.6). The frames about them
 * go through {@link StreamFrames}.
 */
public final class StreamSet {
    final StreamCount bidirectional;
    final StreamCount unidirectional;
    final ReceiveCredit credit;
    final SendQueue queue = new SendQueue();

    private final boolean client;
    private final StreamLimits own;
    private final StreamMemory memory;
    private final Map<Long, OpenStream> open = new HashMap<>();
    private final ArrayDeque<OpenStream> accepted = new ArrayDeque<>();
    private final ArrayDeque<OpenStream> readable = new ArrayDeque<>();
    private final ArrayDeque<OpenStream> writable = new ArrayDeque<>();
    private StreamLimits peer = StreamLimits.NONE;

    /** Streams under these limits for the peer; it permits nothing until {@link #peerLimits}. */
    public StreamSet(boolean client, StreamLimits own, StreamMemory memory) {
        this.client = client;
        this.own = own;
        this.memory = memory;
        bidirectional = new StreamCount(own.streamsBidi());
        unidirectional = new StreamCount(own.streamsUni());
        credit = new ReceiveCredit(own.data(), memory.connectionWindow());
    }

    /**
     * What the peer permits: remembered limits first, for 0-RTT, and those of the handshake after them, which are not lower
     * (RFC 9000 §7.4.1).
     */
    public void peerLimits(StreamLimits limits) {
        peer = limits;
        queue.connectionLimit(limits.data());
        bidirectional.permit(limits.streamsBidi());
        unidirectional.permit(limits.streamsUni());
        for (OpenStream stream : open.values()) {
            if (stream.sending != null) {
                stream.sending.limit(initialSendLimit(stream.id()));
                onChanged(stream);
            }
        }
    }

    /** RFC 9001 §4.6.2: the server refused 0-RTT, so this client's streams never were, and it may open none until told so. */
    void restart() {
        open.values().forEach(OpenStream::abandon);
        open.clear();
        readable.clear();
        writable.clear();
        queue.restart();
        bidirectional.forgetOurs();
        unidirectional.forgetOurs();
        peer = StreamLimits.NONE;
    }

    /** A new stream of this end; null when the peer permits no more now. */
    public @Nullable QuicStream open(boolean oneWay) {
        long index = count(oneWay).openNext();
        return index < 0 ? null : create(StreamId.of(index, !client, oneWay));
    }

    /** The next stream that the peer has opened; null when there is none. */
    public @Nullable QuicStream pollAccepted() {
        return accepted.poll();
    }

    /** A stream that has something to read, once for each time; null when there is none. */
    public @Nullable QuicStream pollReadable() {
        OpenStream next = readable.poll();
        if (next != null) {
            next.readableQueued = false;
        }
        return next;
    }

    /** A stream whose writer was stopped and can go on; null when there is none. */
    public @Nullable QuicStream pollWritable() {
        OpenStream next = writable.poll();
        if (next != null) {
            next.writableQueued = false;
        }
        return next;
    }

    /** How many streams are not over. */
    public int size() {
        return open.size();
    }

    /** The stream of a frame that a stream's sender sends; null when it is over. */
    @Nullable OpenStream ofSender(long id, Frame frame) throws TransportException {
        // RFC 9000 §19.4, §19.8, §19.13: only this end sends on it.
        if (isOurs(id) && StreamId.isUnidirectional(id)) {
            throw stateError(id, frame);
        }
        return find(id, frame);
    }

    /** The stream of a frame that a stream's receiver sends; null when it is over. */
    @Nullable OpenStream ofReceiver(long id, Frame frame) throws TransportException {
        // RFC 9000 §19.5, §19.10: only the peer sends on it.
        if (!isOurs(id) && StreamId.isUnidirectional(id)) {
            throw stateError(id, frame);
        }
        return find(id, frame);
    }

    @Nullable OpenStream get(long id) {
        return open.get(id);
    }

    private @Nullable OpenStream find(long id, Frame frame) throws TransportException {
        StreamCount count = count(StreamId.isUnidirectional(id));
        long index = StreamId.index(id);
        if (isOurs(id)) {
            // RFC 9000 §19.8: a stream of ours that we have not opened.
            if (index >= count.openedByUs()) {
                throw stateError(id, frame);
            }
        } else if (index >= count.permittedToPeer()) {
            throw new TransportException(
                    TransportError.STREAM_LIMIT_ERROR, frame.type(), "stream " + id + " is above the limit");
        }
        // RFC 9000 §3.2: a stream opens all of its kind with lower numbers.
        while (!isOurs(id) && count.openedByPeer() <= index) {
            accepted.add(create(StreamId.of(count.openNextOfPeer(), client, StreamId.isUnidirectional(id))));
        }
        return open.get(id);
    }

    private static TransportException stateError(long id, Frame frame) {
        return new TransportException(
                TransportError.STREAM_STATE_ERROR, frame.type(), "stream " + id + " does not permit this frame");
    }

    private OpenStream create(long id) {
        boolean oneWay = StreamId.isUnidirectional(id);
        boolean sends = isOurs(id) || !oneWay;
        boolean receives = !isOurs(id) || !oneWay;
        OpenStream stream = new OpenStream(
                id,
                this,
                sends ? new SendPart(id, initialSendLimit(id), memory.sendBuffer()) : null,
                receives ? new ReceivePart(id, receiveCredit(id), credit) : null);
        open.put(id, stream);
        return stream;
    }

    private long initialSendLimit(long id) {
        if (StreamId.isUnidirectional(id)) {
            return peer.streamDataUni();
        }
        // RFC 9000 §18.2: local and remote are as the end sees it that grants.
        return isOurs(id) ? peer.streamDataBidiRemote() : peer.streamDataBidiLocal();
    }

    private ReceiveCredit receiveCredit(long id) {
        long ofPeersStream = StreamId.isUnidirectional(id) ? own.streamDataUni() : own.streamDataBidiRemote();
        return new ReceiveCredit(isOurs(id) ? own.streamDataBidiLocal() : ofPeersStream, memory.streamWindow());
    }

    StreamCount count(boolean oneWay) {
        return oneWay ? unidirectional : bidirectional;
    }

    private boolean isOurs(long id) {
        return StreamId.isOfServer(id) != client;
    }

    void wantControl(OpenStream stream) {
        queue.addControl(stream);
    }

    /** The sending part may have more to send, or be over. */
    void onChanged(OpenStream stream) {
        SendPart sending = stream.sending;
        if (sending != null) {
            queue.add(stream, sending);
        }
        onSent(stream);
        closeIfOver(stream);
    }

    /** The sending part may have room. */
    void onSent(OpenStream stream) {
        if (stream.sending != null && stream.sending.takeWritable() && !stream.writableQueued) {
            stream.writableQueued = true;
            writable.add(stream);
        }
    }

    /** The receiving part has something new. */
    void onReceived(OpenStream stream) {
        if (stream.receiving != null && stream.receiving.takeReadable() && !stream.readableQueued) {
            stream.readableQueued = true;
            readable.add(stream);
        }
        closeIfOver(stream);
    }

    void onConsumed(OpenStream stream) {
        if (stream.receiving != null && stream.receiving.hasControl()) {
            wantControl(stream);
        }
        closeIfOver(stream);
    }

    private void closeIfOver(OpenStream stream) {
        if (stream.isOver() && open.remove(stream.id(), stream) && !isOurs(stream.id())) {
            count(stream.isUnidirectional()).onPeerStreamOver();
        }
    }
}
