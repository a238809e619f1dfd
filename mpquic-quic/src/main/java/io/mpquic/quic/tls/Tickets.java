package io.mpquic.quic.tls;

import io.mpquic.quic.crypto.CipherSuite;
import io.mpquic.quic.wire.RememberedParameters;
import io.mpquic.quic.wire.TransportException;
import io.mpquic.quic.wire.TransportParameters;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The tickets of one server configuration. A ticket never stands for more than its connection could: the client's
 * certificates are in it and are verified anew, now and against the authorities of now; it is good for the name, the
 * application protocol and the certificate of the server that it was given under only; and its lifetime counts from the
 * last handshake with certificates, however often the session was resumed since.
 */
final class Tickets {
    /** One ticket for each connection, so no two have the same key. */
    private static final byte[] NONCE = {0};

    private static final byte[] NO_IDENTITY = {};

    /** Type and length of the extension, and what it says. */
    private static final int EARLY_DATA_BYTES = Short.BYTES + Short.BYTES + Integer.BYTES;

    private final TicketKeys keys;
    private final Duration lifetime;
    private final SecureRandom random;
    private final ReplayGuard replays = new ReplayGuard();

    /**
     * Creates it.
     *
     * @param key see {@link TicketKeys}
     */
    Tickets(byte @Nullable [] key, Duration lifetime, TlsSettings settings) {
        this.random = settings.random();
        this.lifetime = lifetime;
        this.keys = new TicketKeys(key, random, settings.clock(), lifetime);
    }

    ReplayGuard replays() {
        return replays;
    }

    /**
     * A NewSessionTicket message (RFC 8446 §4.6.1); null when the session is not to be resumed.
     *
     * @param parameters the server's transport parameters in this connection
     */
    byte @Nullable [] issue(
            TlsServerConfig config, HandshakeOutcome outcome, ResumptionSecret secret, byte[] parameters) {
        Instant now = config.settings().clock().instant();
        long lifetimeSeconds =
                Duration.between(now, outcome.authenticated().plus(lifetime)).toSeconds();
        if (!outcome.ticketWanted() || lifetimeSeconds < 1) {
            return null;
        }
        int ageMask = random.nextInt();
        EarlyTerms early = config.isEarlyData() ? earlyTerms(ageMask, now, parameters) : null;
        byte[] content = new TicketContent(
                        secret.suite(),
                        secret.psk(NONCE),
                        outcome.authenticated(),
                        outcome.alpn(),
                        outcome.serverName(),
                        fingerprint(config.identity()),
                        outcome.peerChain(),
                        early)
                .encode();
        if (content == null) {
            return null;
        }
        return message(keys.seal(content), lifetimeSeconds, ageMask, early != null);
    }

    private @Nullable EarlyTerms earlyTerms(int ageMask, Instant now, byte[] parameters) {
        try {
            RememberedParameters remembered = RememberedParameters.of(TransportParameters.parse(parameters, true));
            return new EarlyTerms(replays.newSerial(), ageMask, now, remembered);
        } catch (TransportException e) {
            return null; // no parameters of QUIC's that early data could be held against
        }
    }

    private static byte[] message(byte[] ticket, long lifetimeSeconds, int ageMask, boolean earlyData) {
        int extensionBytes = earlyData ? EARLY_DATA_BYTES : 0;
        int bodyBytes = Integer.BYTES
                + Integer.BYTES
                + 1
                + NONCE.length
                + Short.BYTES
                + ticket.length
                + Short.BYTES
                + extensionBytes;
        ByteBuffer message = ByteBuffer.allocate(HandshakeMessages.HEADER_BYTES + bodyBytes)
                .putInt(HandshakeMessages.NEW_SESSION_TICKET << 24 | bodyBytes)
                .putInt((int) lifetimeSeconds)
                .putInt(ageMask)
                .put((byte) NONCE.length)
                .put(NONCE)
                .putShort((short) ticket.length)
                .put(ticket)
                .putShort((short) extensionBytes);
        if (earlyData) {
            message.putShort((short) SessionTicket.EARLY_DATA_EXTENSION)
                    .putShort((short) Integer.BYTES)
                    .putInt(SessionTicket.EARLY_DATA_UNLIMITED);
        }
        return message.array();
    }

    /** What a ticket says; null when the session must not be resumed with this hello. */
    @Nullable TicketContent redeem(TlsServerConfig config, byte[] ticket, OfferedSession offered) {
        byte[] opened = keys.open(ticket);
        TicketContent content = opened == null ? null : TicketContent.decode(opened);
        if (content == null) {
            return null;
        }
        Instant now = config.settings().clock().instant();
        boolean fits = content.alpn().equals(offered.alpn())
                && content.serverName().equals(offered.serverName())
                && sameHash(content.suite(), offered.suite())
                && MessageDigest.isEqual(content.serverFingerprint(), fingerprint(config.identity()))
                && !now.isBefore(content.authenticated())
                && now.isBefore(content.authenticated().plus(lifetime));
        return fits && isStillTrusted(config, content) ? content : null;
    }

    private static boolean sameHash(CipherSuite one, CipherSuite other) {
        return one.hashName().equals(other.hashName()); // RFC 8446 §4.2.11
    }

    private static boolean isStillTrusted(TlsServerConfig config, TicketContent content) {
        TrustAnchors trust = config.clientTrust();
        if (trust == null || content.clientChain().isEmpty()) {
            return trust == null && content.clientChain().isEmpty();
        }
        try {
            new PeerVerifier(trust, PeerRole.CLIENT, null, config.settings().clock()).verify(content.clientChain());
            return true;
        } catch (TransportException e) {
            return false; // in the handshake with certificates that follows, the client learns why
        }
    }

    /** The SHA-256 of an identity's own certificate. */
    static byte[] fingerprint(@Nullable Identity identity) {
        if (identity == null) {
            return NO_IDENTITY;
        }
        try {
            X509Certificate leaf = identity.chain().get(0);
            return MessageDigest.getInstance("SHA-256").digest(leaf.getEncoded());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(
                    "every Java runtime has SHA-256, and a certificate that was read its bytes", e);
        }
    }
}
