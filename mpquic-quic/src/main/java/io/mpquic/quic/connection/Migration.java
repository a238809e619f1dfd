package io.mpquic.quic.connection;

import io.mpquic.quic.wire.PacketNumberSpace;

/** This end moves, or changes how it looks from outside, on purpose or by asking whether its path still carries, and forgets what the old path had taught (RFC 9000 §9). */
final class Migration {
    private final QuicConnection connection;

    Migration(QuicConnection connection) {
        this.connection = connection;
    }

    /** Asks for a sign of life; returns the number of the packet that asks, or of one before it. */
    long probe(long nowNs) {
        if (!connection.establishment.isComplete()) {
            throw new IllegalStateException("there is no path before the handshake is complete");
        }
        connection.recovery.probeNow(PacketNumberSpace.APPLICATION, nowNs);
        return connection.spaces.application.peekPacketNumber();
    }

    /** The socket has another address: the peer is to follow, and to see another connection ID. */
    boolean moveLocally(long nowNs) {
        if (!connection.isClient()
                || !connection.isEstablished()
                || !connection.establishment.isConfirmed()
                // RFC 9000 §9, §18.2: the ban is over for who went to the server's preferred address.
                || (connection.peerLimits.isMigrationDisabled() && !connection.preferred.isTaken())) {
            return false;
        }
        PeerConnectionIds.Entry id = connection.peerIds.take();
        if (id == null) {
            return false;
        }
        connection.paths.moveLocally(id, nowNs);
        connection.preferred.onMovedLocally(nowNs);
        forgetPath(nowNs);
        connection.recovery.probeNow(PacketNumberSpace.APPLICATION, nowNs);
        connection.events.publishMaxDatagram();
        return true;
    }

    /** Goes on under another of the peer's IDs on the same path, and gives the one before back: RFC 9000 §5.1.2, §9.5. */
    boolean rotateId() {
        PeerConnectionIds.Entry id =
                connection.isEstablished() && connection.establishment.isConfirmed() ? connection.peerIds.take() : null;
        if (id == null) {
            return false;
        }
        connection.paths.changeId(id);
        return true;
    }

    /** RFC 9000 §9.4: the path is another one, and what was learnt about the old one is void. */
    void forgetPath(long nowNs) {
        connection.recovery.onPathChanged(PacketNumberSpace.APPLICATION, nowNs);
        connection.rtt.reset();
        connection.congestion.reset();
        connection.mtu.onPathChanged();
        if (connection.settings.ecn()) {
            // RFC 9000 §9.2: the new path may treat marks in another way.
            connection.recovery.ecn().start();
        }
    }
}
