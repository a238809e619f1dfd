package io.mpquic.quic.connection;

import io.mpquic.quic.stream.StreamFrames;
import io.mpquic.quic.wire.Frame;

/**
 * When streams may send, beside datagrams. Datagrams are the tunnel and go first; but one stream packet goes after every
 * few of them, so that a flow of datagrams that fills the window does not stop streams for ever.
 */
final class StreamShare {
    /** A round trip over a good link: whoever has a datagram tries again by then. */
    private static final long DATAGRAM_FIRST_NS = 10_000_000;
    /** So many datagrams go before a packet of streams: a ninth is enough for streams, and the tunnel hardly feels it. */
    private static final int DATAGRAMS_BEFORE_STREAMS = 8;
    /** What a burst of datagrams can leave owing, in packets, so that no longer burst of streams follows it. */
    private static final int LARGEST_DEBT = 8;

    private final StreamFrames frames;
    private long datagramFirstUntilNs = Long.MIN_VALUE;
    private int datagramsAhead;
    private boolean held;

    StreamShare(StreamFrames frames) {
        this.frames = frames;
    }

    /** A datagram was not let through: the next one goes before streams, if it comes soon. */
    void onDatagramBlocked(long nowNs) {
        datagramFirstUntilNs = nowNs + DATAGRAM_FIRST_NS;
    }

    /** A datagram that had to wait for nothing but its turn went. */
    void onDatagramSealed() {
        datagramFirstUntilNs = Long.MIN_VALUE;
        onDatagramSent();
    }

    void onDatagramSent() {
        if (frames.isPending()) {
            datagramsAhead = Math.min(datagramsAhead + 1, DATAGRAMS_BEFORE_STREAMS * LARGEST_DEBT);
        }
    }

    /** Begins a payload. */
    void begin() {
        held = false;
    }

    /** Whether streams have frames that may go now. */
    boolean isDue(long nowNs) {
        if (!frames.isPending()) {
            return false;
        }
        if (nowNs < datagramFirstUntilNs && !isOwed()) {
            held = true;
            return false;
        }
        return true;
    }

    /** Whether the next packet is one for streams, before any datagram. */
    boolean isOwed() {
        return datagramsAhead >= DATAGRAMS_BEFORE_STREAMS;
    }

    /** Fills a packet. */
    void add(PacketAssembler assembler, long nowNs) {
        if (!isDue(nowNs)) {
            return;
        }
        boolean any = false;
        for (Frame frame = frames.poll(assembler.frameRoomBytes(), nowNs);
                frame != null;
                frame = frames.poll(assembler.frameRoomBytes(), nowNs)) {
            assembler.add(frame);
            any = true;
        }
        if (any) {
            datagramsAhead = Math.max(0, datagramsAhead - DATAGRAMS_BEFORE_STREAMS);
        }
    }

    /** When streams that only make way for a datagram may go; {@code Long.MAX_VALUE} when none does. */
    long heldUntilNs() {
        return held ? datagramFirstUntilNs : Long.MAX_VALUE;
    }
}
