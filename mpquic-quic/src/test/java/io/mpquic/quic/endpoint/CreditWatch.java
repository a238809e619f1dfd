package io.mpquic.quic.endpoint;

import io.mpquic.quic.connection.CloseReason;
import io.mpquic.quic.connection.ConnectionTrace;
import io.mpquic.quic.stream.StreamLimits;
import io.mpquic.quic.wire.Frame;
import io.mpquic.quic.wire.MaxDataFrame;
import io.mpquic.quic.wire.MaxStreamDataFrame;
import io.mpquic.quic.wire.MaxStreamsFrame;
import io.mpquic.quic.wire.PacketNumberSpace;
import io.mpquic.quic.wire.PacketType;
import io.mpquic.quic.wire.ResetStreamFrame;
import io.mpquic.quic.wire.StreamFrame;
import io.mpquic.quic.wire.TransportException;
import io.mpquic.quic.wire.TransportParameters;
import io.mpquic.quic.wire.WireReader;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the frames of one end and keeps accounts of its own: what the end may send by the limits that have reached it,
 * what it has sent, and what it grants. It must not throw, so it collects its findings.
 */
final class CreditWatch implements ConnectionTrace {
    private static final long KIND = 3;

    private final StreamLimits granted;
    private final Map<Long, Long> streamLimits = new HashMap<>();
    private final Map<Long, Long> sentTo = new HashMap<>();
    private final boolean client;
    private long dataLimit;
    private long bidirectionalLimit;
    private long unidirectionalLimit;
    private long sent;

    /** The newest MAX_DATA that this end has sent. */
    long grantedData;

    final List<String> findings = new ArrayList<>();

    /** An end whose peer grants this at first, and which grants the same. */
    CreditWatch(boolean client, StreamLimits granted) {
        this.client = client;
        this.granted = granted;
        dataLimit = granted.data();
        bidirectionalLimit = granted.streamsBidi();
        unidirectionalLimit = granted.streamsUni();
        grantedData = granted.data();
    }

    @Override
    public void packetSent(
            PacketType type, long number, int bytes, MemorySegment payload, long offset, int length, long nowNs) {
        for (Frame frame : frames(payload, offset, length)) {
            if (frame instanceof StreamFrame data) {
                onSent(data.streamId(), data.offset() + data.data().byteSize());
            } else if (frame instanceof ResetStreamFrame reset) {
                onSent(reset.streamId(), reset.finalSize());
            } else if (frame instanceof MaxDataFrame max) {
                grantedData = Math.max(grantedData, max.maximumBytes());
            }
        }
    }

    @Override
    public void packetReceived(
            PacketType type, long number, int bytes, MemorySegment payload, long offset, int length, long nowNs) {
        for (Frame frame : frames(payload, offset, length)) {
            if (frame instanceof MaxDataFrame max) {
                dataLimit = Math.max(dataLimit, max.maximumBytes());
            } else if (frame instanceof MaxStreamDataFrame max) {
                streamLimits.merge(max.streamId(), max.maximumBytes(), Math::max);
            } else if (frame instanceof MaxStreamsFrame max && max.bidirectional()) {
                bidirectionalLimit = Math.max(bidirectionalLimit, max.maximumStreams());
            } else if (frame instanceof MaxStreamsFrame max) {
                unidirectionalLimit = Math.max(unidirectionalLimit, max.maximumStreams());
            }
        }
    }

    private void onSent(long id, long end) {
        long before = sentTo.getOrDefault(id, 0L);
        if (end > before) {
            sentTo.put(id, end);
            sent += end - before;
        }
        boolean oneWay = (id & 2) != 0;
        long limit = streamLimits.getOrDefault(id, oneWay ? granted.streamDataUni() : granted.streamDataBidiLocal());
        check(end <= limit, "stream " + id + " up to " + end + " beyond " + limit);
        check(sent <= dataLimit, "all streams up to " + sent + " beyond " + dataLimit);
        boolean own = (id & 1) == (client ? 0 : 1);
        long places = oneWay ? unidirectionalLimit : bidirectionalLimit;
        check(!own || id / (KIND + 1) < places, "stream " + id + " with places for " + places);
    }

    private void check(boolean holds, String finding) {
        if (!holds) {
            findings.add((client ? "the client" : "the server") + " sends " + finding);
        }
    }

    private List<Frame> frames(MemorySegment payload, long offset, int length) {
        List<Frame> all = new ArrayList<>();
        try {
            WireReader reader = new WireReader();
            reader.wrap(payload, offset, length);
            while (reader.remaining() > 0) {
                all.add(Frame.parse(reader));
            }
        } catch (TransportException e) {
            findings.add("unreadable frames: " + e.getMessage());
        }
        return all;
    }

    /** How much this end has sent on a stream, lost or not. */
    long sentTo(long id) {
        return sentTo.getOrDefault(id, 0L);
    }

    @Override
    public void packetDropped(int bytes, DropCause cause, long nowNs) {}

    @Override
    public void packetLost(PacketNumberSpace space, long number, long nowNs) {}

    @Override
    public void metricsUpdated(Metrics metrics, long nowNs) {}

    @Override
    public void parametersSet(boolean own, TransportParameters parameters, long nowNs) {}

    @Override
    public void remoteChanged(InetSocketAddress remote, long nowNs) {}

    @Override
    public void keysUpdated(boolean own, long phase, long nowNs) {}

    @Override
    public void closed(CloseReason reason, long nowNs) {
        findings.add("closed: " + reason.describe());
    }

    @Override
    public void forgotten() {}
}
