package io.mpquic.quic.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.connection.QuicConnection;
import io.mpquic.quic.connection.SendResult;
import io.mpquic.quic.stream.QuicStream;
import io.mpquic.quic.wire.StreamFrame;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Streams beside datagrams: these go first, and do not stop the others. */
class StreamSchedulingTest {
    private static final int MESSAGE_BYTES = 1100;
    private static final int STREAM_BYTES = 50_000;

    private final RawPeer peer = StreamPeers.connected(true, 1_000_000, 1_000_000, 3);
    private final QuicConnection connection = peer.target.connection();
    private int datagrams;

    /** Sends datagrams until the window or the pacer is shut. */
    private void saturate() {
        MemorySegment buffer = MemorySegment.ofArray(new byte[1500]);
        MemorySegment out = MemorySegment.ofArray(new byte[1500]);
        while (connection.sealDatagram(buffer, QuicConnection.HEADROOM_BYTES, MESSAGE_BYTES, out, 0, peer.target.nowNs)
                == SendResult.SENT) {
            byte[] packet = out.asSlice(0, connection.sealedLengthBytes()).toArray(ValueLayout.JAVA_BYTE);
            peer.target.outbox.add(new Target.Sent(packet, Target.PEER, peer.target.nowNs, 0));
            datagrams++;
        }
        peer.readOutbox();
    }

    private QuicStream writeStream() {
        QuicStream stream = StreamPeers.open(peer, true);
        assertEquals(STREAM_BYTES, stream.write(new byte[STREAM_BYTES], 0, STREAM_BYTES));
        return stream;
    }

    private long streamBytes() {
        return peer.frames(StreamFrame.class).stream()
                .mapToLong(frame -> frame.data().byteSize())
                .sum();
    }

    @Test
    void aStreamThatMadeWayForADatagramGoesOnWhenNoDatagramComes() {
        saturate();
        writeStream();
        peer.acknowledgeAll();
        assertEquals(0, streamBytes(), "the datagram that was blocked goes first");
        long waitNs = connection.nextTimeoutNs() - peer.target.nowNs;
        assertTrue(waitNs <= TimeUnit.MILLISECONDS.toNanos(10), "woken after " + waitNs + " ns");
        peer.advanceMs(10);
        assertTrue(streamBytes() > 0, "the stream has waited long enough");
    }

    @Test
    void datagramsThatAlwaysFillTheWindowLeaveStreamsAShare() {
        writeStream();
        for (int i = 0; i < 2_000 && streamBytes() < STREAM_BYTES; i++) {
            saturate();
            peer.advanceMs(2);
            peer.acknowledgeAll();
        }
        assertEquals(STREAM_BYTES, streamBytes());
        assertTrue(datagrams * (long) MESSAGE_BYTES > 4 * STREAM_BYTES, "datagrams still go first: " + datagrams);
    }

    @Test
    void aQueueOfDatagramsThatNeverEndsLeavesStreamsAShare() {
        writeStream();
        for (int i = 0; i < 2_000 && streamBytes() < STREAM_BYTES; i++) {
            while (connection.offerDatagram(new byte[MESSAGE_BYTES])) {
                datagrams++;
            }
            peer.target.flush();
            while (connection.offerDatagram(new byte[MESSAGE_BYTES])) {
                datagrams++;
            }
            peer.readOutbox();
            peer.advanceMs(2);
            while (connection.offerDatagram(new byte[MESSAGE_BYTES])) {
                datagrams++;
            }
            peer.acknowledgeAll();
        }
        assertEquals(STREAM_BYTES, streamBytes());
        assertTrue(datagrams * (long) MESSAGE_BYTES > 4 * STREAM_BYTES, "datagrams still go first: " + datagrams);
    }
}
