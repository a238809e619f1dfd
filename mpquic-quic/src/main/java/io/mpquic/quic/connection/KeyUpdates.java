package io.mpquic.quic.connection;

import io.mpquic.quic.wire.TransportError;
import io.mpquic.quic.wire.TransportException;

/** When the keys of 1-RTT packets change, and when they may be used no longer (RFC 9001 §6). */
final class KeyUpdates {
    private final QuicConnection connection;

    KeyUpdates(QuicConnection connection) {
        this.connection = connection;
    }

    /** Updates the keys if that is permitted now; returns whether it was. */
    boolean update(long nowNs) {
        OneRttKeys keys = connection.spaces.application.oneRttKeys;
        // RFC 9001 §6.1: not before the handshake is confirmed.
        if (keys == null
                || !connection.closing.isOpen()
                || !connection.establishment.isConfirmed()
                || !keys.mayUpdate(nowNs)) {
            return false;
        }
        keys.update(nowNs);
        connection.tracing.keysUpdated(true, keys.writeGeneration());
        return true;
    }

    /** A 1-RTT packet was sent: its keys may be due for an update, or be worn out. */
    void onPacketSent(OneRttKeys keys, long nowNs) {
        if ((keys.updateIsDue() && update(nowNs)) || !keys.isWornOut()) {
            return;
        }
        // RFC 9001 §6.6: the connection ends while its close can still be protected.
        connection.closing.closeFor(
                new TransportException(TransportError.AEAD_LIMIT_REACHED, "the peer does not let keys be updated"),
                nowNs);
    }
}
