package io.mpquic.quic.connection;

import io.mpquic.quic.wire.ConnectionId;
import io.mpquic.quic.wire.StatelessResetToken;

/** The endpoint's side of connection IDs: it makes those by which packets find their connection. */
public interface ConnectionIdRegistry {
    /** Makes a connection ID that nobody uses and routes it to {@code owner}. */
    ConnectionId issue(QuicConnection owner);

    /** Stops routing an ID. */
    void retire(ConnectionId id);

    /** The stateless reset token of an ID, the same after a restart of the endpoint (RFC 9000 §10.3.2). */
    StatelessResetToken resetToken(ConnectionId id);
}
