package io.mpquic.quic.connection;

import io.mpquic.quic.recovery.LossRecovery;

/** Looks into a connection for tests of other packages. */
public final class ConnectionProbe {
    private ConnectionProbe() {}

    public static LossRecovery recovery(QuicConnection connection) {
        return connection.recovery;
    }

    /** One probe timeout without backoff, in nanoseconds. */
    public static long ptoNs(QuicConnection connection) {
        return connection.ptoNs();
    }

    /** Datagrams that were taken and wait to be sent. */
    public static int queuedDatagrams(QuicConnection connection) {
        return connection.datagrams.size();
    }

    /** Loses a datagram that waits, without a trace, to show that a check can fail. */
    public static void loseDatagram(QuicConnection connection) {
        connection.datagrams.poll();
    }

    /** Takes the peer's address for proven, to show that a check can fail. */
    public static void believeAddress(QuicConnection connection) {
        connection.paths.active().limit.validate();
    }
}
