package io.mpquic.quic.connection;

import io.mpquic.quic.crypto.PacketAead;
import io.mpquic.quic.stream.QuicStream;
import io.mpquic.quic.stream.StreamSet;
import io.mpquic.quic.wire.ConnectionId;
import io.mpquic.quic.wire.PacketHeader;
import io.mpquic.quic.wire.PacketNumber;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** What the application is told: the events in their order, behind them which streams are ready, and each new size of message once. */
final class Events {
    private static final int DATAGRAM_TYPE_BYTES = 1;

    final ArrayDeque<QuicEvent> queue = new ArrayDeque<>();

    private final QuicConnection connection;
    private final StreamSet streams;
    private int publishedMaxDatagram = -1;
    private boolean publishedSettled;

    Events(QuicConnection connection, StreamSet streams) {
        this.connection = connection;
        this.streams = streams;
    }

    @Nullable QuicEvent poll() {
        QuicEvent next = queue.poll();
        if (next != null || connection.isClosing()) {
            return next;
        }
        QuicStream readable = streams.pollReadable();
        if (readable != null) {
            return new QuicEvent.StreamReadable(readable);
        }
        QuicStream writable = streams.pollWritable();
        return writable == null ? null : new QuicEvent.StreamWritable(writable);
    }

    /** The largest message that fits now; 0: none. */
    int maxDatagramBytes() {
        if (!connection.isEstablished() && !connection.early.isOpen()) {
            return 0;
        }
        // With the longest packet number, so that the figure does not sway while numbers grow.
        ConnectionId destination = connection.peerIds.current();
        int header = connection.early.isOpen()
                ? PacketHeader.longLengthBytes(destination, connection.localIds.first(), PacketNumber.MAX_LENGTH_BYTES)
                : PacketHeader.shortLengthBytes(destination, PacketNumber.MAX_LENGTH_BYTES);
        int overhead = header + DATAGRAM_TYPE_BYTES + PacketAead.TAG_BYTES;
        return (int) Math.max(
                0, Math.min(connection.mtu.currentBytes() - overhead, connection.peerLimits.maxDatagramBytes()));
    }

    /** Tells the size of messages when it is another one than was told last. */
    void publishMaxDatagram() {
        int bytes = maxDatagramBytes();
        boolean settled = connection.mtu.settled();
        if (connection.isEstablished() && (bytes != publishedMaxDatagram || settled != publishedSettled)) {
            publishedMaxDatagram = bytes;
            publishedSettled = settled;
            connection.congestion.onMaxDatagramSize(connection.mtu.currentBytes());
            queue.add(new QuicEvent.MaxDatagramChanged(bytes, settled));
        }
    }
}
