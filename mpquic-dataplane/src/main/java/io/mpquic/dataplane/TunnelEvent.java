package io.mpquic.dataplane;

import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** What happens to a tunnel, in the order in which it happens. */
public sealed interface TunnelEvent {

    /** The socket is open, and it is known what packets pass through; again only when that has changed. */
    record PacketPathKnown(PacketPath path) implements TunnelEvent {}

    /** A server's socket is open. */
    record Listening(InetSocketAddress local) implements TunnelEvent {}

    /**
     * A client begins an attempt.
     *
     * @param remote host and port as configured; the name is looked up for each attempt
     * @param attempt 1 for the first since the last session that lasted
     */
    record Connecting(String remote, int attempt) implements TunnelEvent {}

    /**
     * A session began: packets flow.
     *
     * @param local this end's address
     * @param remote the peer's address
     * @param handshakeNs how long the handshake took, in nanoseconds
     * @param maxPacketBytes the longest IP packet so far; {@link PathMtu} follows when the path is known better
     * @param peerCertificateName the subject of the peer's certificate; null when it showed none
     */
    record Up(
            InetSocketAddress local,
            InetSocketAddress remote,
            long handshakeNs,
            int maxPacketBytes,
            @Nullable String peerCertificateName)
            implements TunnelEvent {}

    /** The longest IP packet that the tunnel carries in one piece is known, or has changed. */
    record PathMtu(int maxPacketBytes) implements TunnelEvent {}

    /** A new session of an authenticated client took the place of the one before; {@link Up} follows. */
    record Replaced(InetSocketAddress before, InetSocketAddress now) implements TunnelEvent {}

    /**
     * A client waits for the interface that it is bound to, and dials as soon as that one can be used. A session that
     * there is stays for a while: {@link Resumed} or {@link Down} follows.
     *
     * @param wan the interface
     * @param reason "not there", "down", "no carrier" or "no address"
     */
    record Waiting(String wan, String reason) implements TunnelEvent {}

    /** The interface that a session waited for is back, and the peer answers: packets flow. */
    record Resumed(String wan) implements TunnelEvent {}

    /**
     * There is no session, or an attempt failed.
     *
     * @param reason why, in words
     * @param retryInNs when the next attempt begins, in nanoseconds from now; -1 when that is for others to say: a
     *     server's client, or the interface that a client is bound to
     */
    record Down(String reason, long retryInNs) implements TunnelEvent {}

    /**
     * The tunnel is over; the last event.
     *
     * @param failure what ended it; null when it was {@link Tunnel#close}
     */
    record Closed(@Nullable Throwable failure) implements TunnelEvent {}
}
