package io.mpquic.quic.connection;

import io.mpquic.quic.wire.ConnectionCloseFrame;
import io.mpquic.quic.wire.PacketType;
import io.mpquic.quic.wire.TransportError;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Builds the datagram that tells the peer of the connection's end (RFC 9000 §10.2.3). */
final class ClosePackets {
    private final QuicConnection connection;
    private final PacketAssembler assembler;

    ClosePackets(QuicConnection connection, PacketAssembler assembler) {
        this.connection = connection;
        this.assembler = assembler;
    }

    /** Builds it when a close is to be sent; 0 otherwise. */
    int transmit(MemorySegment out, long offset, int room) {
        ConnectionCloseFrame close = connection.closing.pending();
        if (close == null) {
            return 0;
        }
        int written = 0;
        boolean initial = false;
        for (PacketSpace space : connection.spaces.all) {
            // RFC 9000 §10.2.3: until the peer is known to have the newest keys, each level it may have carries the
            // close.
            if (!space.canWrite() || !assembler.begin(space, out, offset + written, room - written)) {
                continue;
            }
            ConnectionCloseFrame frame = closeFor(space, close);
            if (frame.lengthBytes() > assembler.frameRoomBytes()) {
                frame = new ConnectionCloseFrame(frame.errorCode(), frame.frameType(), "", frame.application());
            }
            assembler.addUntracked(frame);
            initial |= space.packetType == PacketType.INITIAL;
            boolean last = space == connection.spaces.application || !laterCanWrite(space);
            if (last && initial && connection.isClient()) {
                assembler.padTo(Math.min(room, TransportSettings.MIN_UDP_PAYLOAD_BYTES) - written);
            }
            written += assembler.sealUntracked();
            connection.counters.packetsSent++;
        }
        connection.closing.onSent();
        return written;
    }

    private boolean laterCanWrite(PacketSpace space) {
        List<PacketSpace> all = connection.spaces.all;
        return all.subList(all.indexOf(space) + 1, all.size()).stream().anyMatch(PacketSpace::canWrite);
    }

    // RFC 9000 §10.2.3: an application's code and reason stay secret until 1-RTT keys protect them.
    private static ConnectionCloseFrame closeFor(PacketSpace space, ConnectionCloseFrame close) {
        if (close.application() && space.packetType != PacketType.ONE_RTT) {
            return new ConnectionCloseFrame(TransportError.APPLICATION_ERROR, 0, "", false);
        }
        return close;
    }
}
