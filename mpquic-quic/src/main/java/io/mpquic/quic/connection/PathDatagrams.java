package io.mpquic.quic.connection;

import io.mpquic.quic.wire.PathResponseFrame;
import io.mpquic.quic.wire.PingFrame;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Builds the datagrams that ask about a path and answer such questions (RFC 9000 §8.2). They hold little else, since
 * they go where the others do not.
 */
final class PathDatagrams {
    private final QuicConnection connection;
    private final PacketAssembler assembler;

    PathDatagrams(QuicConnection connection, PacketAssembler assembler) {
        this.connection = connection;
        this.assembler = assembler;
    }

    /** The path that wants a datagram and may have one; null when none does. */
    @Nullable Path next() {
        PacketSpace space = connection.spaces.application;
        return space.canWrite() && connection.establishment.isComplete()
                ? connection.paths.next(PacketAssembler.minRoomBytes(space))
                : null;
    }

    /** Builds it; 0 when there is no room. */
    int transmit(Path path, MemorySegment out, long offset, int capacity, long nowNs) {
        PacketSpace space = connection.spaces.application;
        int size = TransportSettings.MIN_UDP_PAYLOAD_BYTES;
        // RFC 9000 §8.2.1, §8.2.2: of full size, as far as the limit against amplification permits.
        int room = (int) Math.min(Math.min(capacity, size), path.limit.budgetBytes());
        boolean here = path == connection.paths.active();
        if (!assembler.begin(space, path.id.id, out, offset, room)) {
            return 0;
        }
        boolean answers = path.isResponseDue();
        for (PathResponseFrame response = path.takeResponse(); response != null; response = path.takeResponse()) {
            assembler.add(response);
        }
        if (path.validation.isChallengeDue()) {
            assembler.add(path.validation.challenge(nowNs));
            path.validation.onSent(room >= size);
        }
        if (answers && here) {
            // RFC 9000 §9.3.3: more than a probe, so that the peer sees at once from where its path is alive.
            assembler.add(PingFrame.INSTANCE);
        }
        assembler.padTo(room);
        // RFC 9000 §9.4: what goes elsewhere says nothing about this path.
        int written = here ? assembler.seal(nowNs) : assembler.sealElsewhere(nowNs);
        connection.sending.onPacketSent(space, written, here, nowNs);
        return written;
    }
}
