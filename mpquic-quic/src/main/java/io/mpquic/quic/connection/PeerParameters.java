package io.mpquic.quic.connection;

import io.mpquic.quic.wire.PreferredAddress;
import io.mpquic.quic.wire.StatelessResetToken;
import io.mpquic.quic.wire.TransportException;
import io.mpquic.quic.wire.TransportParameters;

/** Takes the peer's transport parameters, and tells each concern what is its own of them (RFC 9000 §18.2). */
final class PeerParameters {
    private static final long NS_PER_MS = 1_000_000;
    /** Ten years. A peer may name up to 2^62 ms, which would overflow in nanoseconds. */
    private static final long LONGEST_IDLE_TIMEOUT_MS = 10L * 365 * 24 * 3600 * 1000;

    private PeerParameters() {}

    static void take(QuicConnection connection, TransportParameters parameters) throws TransportException {
        connection.tracing.parametersSet(false, parameters);
        connection.peerLimits.set(parameters);
        connection.streams.peerLimits(connection.peerLimits.streams());
        connection.idle.peerTimeout(Math.min(parameters.maxIdleTimeoutMs(), LONGEST_IDLE_TIMEOUT_MS) * NS_PER_MS);
        connection.recovery.peerMaxAckDelay(parameters.maxAckDelayMs() * NS_PER_MS);
        StatelessResetToken token = parameters.statelessResetToken();
        if (token != null) {
            connection.peerIds.handshakeResetToken(token);
        }
        if (parameters.greaseQuicBit()) {
            connection.quicBit.onPermitted();
        }
        PreferredAddress preferred = parameters.preferredAddress();
        if (preferred != null) {
            connection.peerIds.onPreferred(preferred);
            connection.preferred.offered(preferred);
        }
        connection.mtu.limitTo(
                (int) Math.min(connection.settings.maxUdpPayloadBytes(), parameters.maxUdpPayloadSize()));
    }
}
