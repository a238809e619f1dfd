package io.mpquic.quic.connection;

import io.mpquic.quic.wire.PacketNumberSpace;
import io.mpquic.quic.wire.PreferredAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * A client's way to the server's preferred address (RFC 9000 §9.6): asked about once the handshake is confirmed, and
 * taken when it answers. Until then nothing but probes goes there (RFC 9000 §21.5.3).
 *
 * <pre>
 *             confirmed                PATH_RESPONSE
 *   offered ─────────────▶ asked ───────────────────────▶ taken: all packets go there
 *                            └── no answer: given up, the first address stays
 * </pre>
 */
final class PreferredPath {
    private final QuicConnection connection;
    private final InetSocketAddress first;
    private @Nullable InetSocketAddress preferred;
    private @Nullable Path asked;
    private boolean taken;

    /** {@code first} is the server's address in the handshake. */
    PreferredPath(QuicConnection connection, InetSocketAddress first) {
        this.connection = connection;
        this.first = first;
    }

    /** The server has named addresses; kept where this end follows such wishes. */
    void offered(PreferredAddress offer) {
        InetSocketAddress address = PreferredAddresses.ofSameFamily(offer, first);
        if (connection.settings.followsPreferredAddress() && !first.equals(address)) {
            preferred = address;
        }
    }

    /** RFC 9000 §9.6.1: not before the handshake is confirmed. */
    void onConfirmed(long nowNs) {
        ask(nowNs);
    }

    /** This end has another address of its own. RFC 9000 §9.6.3: both of the server's are asked from there. */
    void onMovedLocally(long nowNs) {
        Path before = asked;
        if (before != null && before.validation.isRunning()) {
            connection.paths.close(before);
            ask(nowNs);
        }
    }

    private void ask(long nowNs) {
        InetSocketAddress address = preferred;
        // RFC 9000 §9.5, §9.6.1: an ID that was on no other path, as is the one that came with the address.
        PeerConnectionIds.Entry id = address == null ? null : connection.peerIds.take();
        asked = address == null || id == null ? null : connection.paths.ask(address, id, nowNs);
    }

    /** A path has answered: where it is the preferred one, the client goes there (RFC 9000 §9.6.1). */
    void onValidated(Path path, long nowNs) {
        if (path != asked) {
            return;
        }
        taken = true;
        // RFC 9000 §9.6.3: whatever was asked of the first address does not count any more.
        connection.paths.moveTo(path);
        connection.migration.forgetPath(nowNs);
        // RFC 9000 §9.6.2: the server moves with the first packet there that is more than a probe.
        connection.recovery.probeNow(PacketNumberSpace.APPLICATION, nowNs);
        connection.tracing.remoteChanged(path.remote);
    }

    /** Whether the client has gone to the preferred address. */
    boolean isTaken() {
        return taken;
    }

    /** Whether packets from here are the server's: RFC 9000 §9.6.2, late ones from its first address too. */
    boolean isServer(InetSocketAddress from) {
        Path path = asked;
        return first.equals(from) || (path != null && (taken || path.validation.isRunning()) && from.equals(preferred));
    }

    /** The server's address in the handshake, by which other connections reach it: RFC 9000 §9.6.2. */
    InetSocketAddress firstAddress() {
        return first;
    }
}
