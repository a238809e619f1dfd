package io.mpquic.quic.connection;

import io.mpquic.quic.connection.CloseReason.Kind;

/** Every deadline of a connection in one place: which is next, and what to do when it has come. */
final class ConnectionTimers {
    private final QuicConnection connection;
    private final IdleTimer idle;
    private final long handshakeDeadlineNs;

    ConnectionTimers(QuicConnection connection, IdleTimer idle, long handshakeDeadlineNs) {
        this.connection = connection;
        this.idle = idle;
        this.handshakeDeadlineNs = handshakeDeadlineNs;
    }

    void onTimeout(long nowNs) {
        connection.tracing.at(nowNs);
        try {
            expire(nowNs);
            connection.events.publishMaxDatagram();
        } catch (RuntimeException defect) {
            connection.closing.closeForDefect(defect, nowNs);
        }
    }

    private void expire(long nowNs) {
        if (!connection.closing.isOpen()) {
            connection.closing.onTimeout(nowNs);
        } else if (nowNs >= idle.deadlineNs(connection.ptoNs())) {
            connection.closing.end(new CloseReason(Kind.IDLE_TIMEOUT, false, 0, ""), nowNs);
        } else if (!connection.establishment.isComplete() && nowNs >= handshakeDeadlineNs) {
            connection.closing.end(
                    new CloseReason(Kind.HANDSHAKE_TIMEOUT, false, 0, "no answer that completes it"), nowNs);
        } else {
            if (connection.establishment.isComplete() && nowNs >= idle.keepAliveDeadlineNs()) {
                connection.ping.request();
            }
            if (nowNs >= connection.recovery.timeoutNs()) {
                connection.recovery.onTimeout(nowNs);
            }
            connection.mtu.onTimer(nowNs);
            connection.paths.onTimeout(nowNs);
            connection.early.onTimeout(nowNs);
        }
    }

    long nextTimeoutNs() {
        if (!connection.closing.isOpen()) {
            return connection.closing.deadlineNs();
        }
        long next = Math.min(connection.recovery.timeoutNs(), idle.deadlineNs(connection.ptoNs()));
        next = Math.min(next, ackDeadlineNs(connection.paths.budgetBytes()));
        if (!connection.establishment.isComplete()) {
            return Math.min(next, handshakeDeadlineNs);
        }
        long keepAlive = connection.ping.isRequested() ? Long.MAX_VALUE : idle.keepAliveDeadlineNs();
        next = Math.min(next, Math.min(keepAlive, connection.mtu.nextRaiseNs()));
        return Math.min(next, Math.min(connection.paths.nextTimeoutNs(), connection.early.nextTimeoutNs()));
    }

    /** What the amplification limit holds back has no deadline: only a packet of the peer's can free it. */
    private long ackDeadlineNs(long budgetBytes) {
        long next = Long.MAX_VALUE;
        for (int i = 0; i < connection.spaces.all.size(); i++) {
            PacketSpace space = connection.spaces.all.get(i);
            if (space.canWrite() && budgetBytes >= PacketAssembler.minRoomBytes(space)) {
                next = Math.min(next, space.received.ackDeadlineNs());
            }
        }
        return next;
    }
}
