package io.mpquic.quic.stream;

import io.mpquic.quic.wire.DataBlockedFrame;
import io.mpquic.quic.wire.Frame;
import io.mpquic.quic.wire.MaxDataFrame;
import io.mpquic.quic.wire.MaxStreamDataFrame;
import io.mpquic.quic.wire.MaxStreamsFrame;
import io.mpquic.quic.wire.ResetStreamFrame;
import io.mpquic.quic.wire.StopSendingFrame;
import io.mpquic.quic.wire.StreamDataBlockedFrame;
import io.mpquic.quic.wire.StreamFrame;
import io.mpquic.quic.wire.StreamsBlockedFrame;
import io.mpquic.quic.wire.TransportException;
import java.util.ArrayDeque;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Frames about streams, in and out, acknowledged and lost (RFC 9000 §13.3, §19.4 to §19.14). */
public final class StreamFrames {
    private final StreamSet streams;
    private final LongSupplier roundTripNs;
    /** Frames of one stream or of the connection that did not fit; a handful at most. */
    private final ArrayDeque<Frame> built = new ArrayDeque<>();

    private boolean limitPending;

    /** The frames of these streams, on a path of this round-trip time. */
    public StreamFrames(StreamSet streams, LongSupplier roundTripNs) {
        this.streams = streams;
        this.roundTripNs = roundTripNs;
    }

    /** Forgets all streams and what was to be told of them: the peer knows none (RFC 9001 §4.6.2). */
    public void restart() {
        built.clear();
        limitPending = false;
        streams.restart();
    }

    /** STREAM. */
    public void onStream(StreamFrame frame) throws TransportException {
        OpenStream stream = streams.ofSender(frame.streamId(), frame);
        if (stream != null && stream.receiving != null) {
            stream.receiving.onStream(frame);
            streams.onReceived(stream);
        }
    }

    /** RESET_STREAM. */
    public void onReset(ResetStreamFrame frame) throws TransportException {
        OpenStream stream = streams.ofSender(frame.streamId(), frame);
        if (stream != null && stream.receiving != null) {
            stream.receiving.onReset(frame);
            streams.onReceived(stream);
        }
    }

    /** STREAM_DATA_BLOCKED: the limit rises as the application reads; only the stream must be possible. */
    public void onStreamDataBlocked(StreamDataBlockedFrame frame) throws TransportException {
        streams.ofSender(frame.streamId(), frame);
    }

    /** STOP_SENDING. */
    public void onStopSending(StopSendingFrame frame) throws TransportException {
        OpenStream stream = streams.ofReceiver(frame.streamId(), frame);
        if (stream != null && stream.sending != null) {
            stream.sending.onStopSending(frame.errorCode());
            streams.wantControl(stream);
            streams.onChanged(stream);
        }
    }

    /** MAX_STREAM_DATA. */
    public void onMaxStreamData(MaxStreamDataFrame frame) throws TransportException {
        OpenStream stream = streams.ofReceiver(frame.streamId(), frame);
        if (stream != null && stream.sending != null) {
            stream.sending.limit(frame.maximumBytes());
            streams.onChanged(stream);
        }
    }

    /** MAX_DATA. */
    public void onMaxData(MaxDataFrame frame) {
        streams.queue.connectionLimit(frame.maximumBytes());
    }

    /** MAX_STREAMS. */
    public void onMaxStreams(MaxStreamsFrame frame) {
        streams.count(!frame.bidirectional()).permit(frame.maximumStreams());
    }

    /** Whether {@link #poll} may have a frame. */
    public boolean isPending() {
        return !built.isEmpty()
                || !streams.queue.isEmpty()
                || limitPending
                || streams.credit.isRaiseDue()
                || isPending(streams.bidirectional)
                || isPending(streams.unidirectional);
    }

    private static boolean isPending(StreamCount count) {
        return count.isRaisePending() || count.isBlockedPending();
    }

    /** The next frame of at most {@code roomBytes}; null when there is none or it does not fit. Limits go first. */
    public @Nullable Frame poll(int roomBytes, long nowNs) {
        boolean more = true;
        while (built.isEmpty() && more) {
            more = buildControl(nowNs);
        }
        Frame next = built.peek();
        if (next != null) {
            return next.lengthBytes() <= roomBytes ? built.poll() : null;
        }
        StreamFrame data = streams.queue.next(roomBytes);
        OpenStream sender = data == null ? null : streams.get(data.streamId());
        if (sender != null) {
            streams.onSent(sender);
        }
        return data;
    }

    /** Builds frames of one concern; false when nothing is left. */
    private boolean buildControl(long nowNs) {
        if (limitPending || streams.credit.isRaiseDue()) {
            limitPending = false;
            built.add(new MaxDataFrame(streams.credit.raise(nowNs, roundTripNs.getAsLong())));
            return true;
        }
        buildCount(streams.bidirectional, true);
        buildCount(streams.unidirectional, false);
        long blocked = streams.queue.takeBlockedLimit();
        if (blocked >= 0) {
            built.add(new DataBlockedFrame(blocked));
        }
        OpenStream stream = streams.queue.pollControl();
        if (stream != null) {
            buildStream(stream, nowNs);
        }
        return stream != null;
    }

    private void buildCount(StreamCount count, boolean bidirectional) {
        if (count.isRaisePending()) {
            built.add(new MaxStreamsFrame(count.raise(), bidirectional));
        }
        if (count.isBlockedPending()) {
            built.add(new StreamsBlockedFrame(count.takeBlocked(), bidirectional));
        }
    }

    private void buildStream(OpenStream stream, long nowNs) {
        SendPart sending = stream.sending;
        if (sending != null) {
            addIfAny(sending.nextReset());
            long blocked = sending.takeBlockedLimit();
            if (blocked >= 0) {
                built.add(new StreamDataBlockedFrame(stream.id(), blocked));
            }
        }
        ReceivePart receiving = stream.receiving;
        if (receiving != null) {
            addIfAny(receiving.nextStop());
            addIfAny(receiving.nextLimit(nowNs, roundTripNs.getAsLong()));
        }
    }

    private void addIfAny(@Nullable Frame frame) {
        if (frame != null) {
            built.add(frame);
        }
    }

    /** The peer has a frame that {@link #poll} gave. Other frames have no effect. */
    public void onAcknowledged(Frame frame) {
        if (frame instanceof StreamFrame data) {
            OpenStream stream = streams.get(data.streamId());
            if (stream != null && stream.sending != null) {
                stream.sending.onAcknowledged(data);
                streams.onChanged(stream);
            }
        } else if (frame instanceof ResetStreamFrame reset) {
            OpenStream stream = streams.get(reset.streamId());
            if (stream != null && stream.sending != null) {
                stream.sending.onResetAcknowledged();
                streams.onChanged(stream);
            }
        }
    }

    /** A frame that {@link #poll} gave is lost, or is repeated by a probe. Other frames have no effect. */
    public void onLost(Frame frame) {
        if (frame instanceof MaxDataFrame max) {
            limitPending |= max.maximumBytes() == streams.credit.limitBytes();
        } else if (frame instanceof MaxStreamsFrame max) {
            streams.count(!max.bidirectional()).onRaiseLost(max.maximumStreams());
        } else if (frame instanceof StreamsBlockedFrame blocked) {
            streams.count(!blocked.bidirectional()).onBlockedLost(blocked.maximumStreams());
        } else if (frame instanceof DataBlockedFrame blocked) {
            streams.queue.onBlockedLost(blocked.limitBytes());
        } else if (frame instanceof StreamFrame data) {
            onStreamFrameLost(data.streamId(), frame);
        } else if (frame instanceof ResetStreamFrame reset) {
            onStreamFrameLost(reset.streamId(), frame);
        } else if (frame instanceof StopSendingFrame stop) {
            onStreamFrameLost(stop.streamId(), frame);
        } else if (frame instanceof MaxStreamDataFrame max) {
            onStreamFrameLost(max.streamId(), frame);
        } else if (frame instanceof StreamDataBlockedFrame blocked) {
            onStreamFrameLost(blocked.streamId(), frame);
        }
    }

    private void onStreamFrameLost(long id, Frame frame) {
        OpenStream stream = streams.get(id);
        if (stream == null) {
            return;
        }
        SendPart sending = stream.sending;
        if (sending != null) {
            if (frame instanceof StreamFrame data) {
                sending.onLost(data);
                streams.onChanged(stream);
            } else if (frame instanceof ResetStreamFrame) {
                sending.onResetLost();
            } else if (frame instanceof StreamDataBlockedFrame blocked) {
                sending.onBlockedLost(blocked.limitBytes());
            }
        }
        ReceivePart receiving = stream.receiving;
        if (receiving != null) {
            if (frame instanceof StopSendingFrame) {
                receiving.onStopLost();
            } else if (frame instanceof MaxStreamDataFrame max) {
                receiving.onLimitLost(max.maximumBytes());
            }
        }
        if (!(frame instanceof StreamFrame)) {
            streams.wantControl(stream);
        }
    }
}
