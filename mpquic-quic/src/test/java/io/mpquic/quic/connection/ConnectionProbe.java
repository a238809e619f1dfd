package io.mpquic.quic.connection;

import io.mpquic.quic.recovery.LossRecovery;
import org.jspecify.annotations.Nullable;

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

    /** Starts a key update where one is permitted now; tells whether it was. */
    public static boolean updateKeys(QuicConnection connection) {
        @Nullable OneRttKeys keys = connection.spaces.application.oneRttKeys;
        if (keys == null || !connection.establishment.isConfirmed() || !keys.mayUpdate()) {
            return false;
        }
        keys.update();
        return true;
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
