package io.mpquic.quic.tls;

import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;

/**
 * What a handshake agreed on.
 *
 * @param alpn the application protocol
 * @param peerChain the peer's certificates, its own first; of a resumed session, those of its first handshake
 * @param resumed whether a session was resumed
 * @param serverName the server's name that a client asked for; empty for none
 * @param authenticated when certificates were shown last: in this handshake, or in the one of the session
 * @param ticketWanted whether the client of this server can use a ticket
 */
record HandshakeOutcome(
        String alpn,
        List<X509Certificate> peerChain,
        boolean resumed,
        String serverName,
        Instant authenticated,
        boolean ticketWanted) {}
