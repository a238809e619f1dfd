package io.mpquic.quic.tls;

import io.mpquic.quic.crypto.CipherSuite;
import org.jspecify.annotations.Nullable;

/**
 * What one handshake leaves behind for later sessions. The state machine does not keep the secret that these follow from,
 * so it is derived here, from the master secret and all messages (RFC 8446 §7.1).
 */
abstract sealed class Resumption {
    private @Nullable Transcript transcript = new Transcript();
    private byte @Nullable [] master;
    private byte[] serverParameters = {};

    /** Bytes of messages, of either end, in the order in which they were sent or taken. */
    final void onMessageBytes(byte[] buffer, int offset, int lengthBytes) {
        if (transcript != null) {
            transcript.add(buffer, offset, lengthBytes);
        }
    }

    /** The server's transport parameters as they are encoded, its own or those of the peer. */
    final void onServerParameters(byte[] encoded) {
        serverParameters = encoded;
    }

    final byte[] serverParameters() {
        return serverParameters;
    }

    /** The ClientHello, complete; to be called before the handshake is. */
    final byte[] clientHello() {
        if (transcript == null) {
            throw new IllegalStateException("the handshake is complete");
        }
        return transcript.clientHello();
    }

    final void onMaster(byte[] secret) {
        master = secret;
    }

    /** The handshake is complete, with the client's Finished. Returns a message to send, or null. */
    final byte @Nullable [] onComplete(CipherSuite suite, HandshakeOutcome outcome) {
        if (transcript == null || master == null) {
            throw new IllegalStateException("complete without secrets, or twice");
        }
        ResumptionSecret secret = ResumptionSecret.derive(suite, master, transcript.hash(suite));
        transcript = null;
        master = null;
        return onComplete(outcome, secret);
    }

    abstract byte @Nullable [] onComplete(HandshakeOutcome outcome, ResumptionSecret secret);

    /** The server has sent a ticket. */
    abstract void onTicket(SessionTicket ticket);

    /** Keeps tickets in the store. */
    static final class OfClient extends Resumption {
        private final TlsClientConfig config;
        private @Nullable HandshakeOutcome outcome;
        private @Nullable ResumptionSecret secret;

        OfClient(TlsClientConfig config) {
            this.config = config;
        }

        @Override
        byte @Nullable [] onComplete(HandshakeOutcome done, ResumptionSecret derived) {
            outcome = done;
            secret = derived;
            return null;
        }

        @Override
        void onTicket(SessionTicket ticket) {
            if (outcome == null || secret == null) {
                throw new IllegalStateException("a ticket before the handshake is complete");
            }
            ClientPsks.keep(config, ticket, outcome, secret, serverParameters());
        }
    }

    /** Gives out a ticket. */
    static final class OfServer extends Resumption {
        private final TlsServerConfig config;
        private final Tickets tickets;

        OfServer(TlsServerConfig config, Tickets tickets) {
            this.config = config;
            this.tickets = tickets;
        }

        @Override
        byte @Nullable [] onComplete(HandshakeOutcome outcome, ResumptionSecret secret) {
            return tickets.issue(config, outcome, secret, serverParameters());
        }

        @Override
        void onTicket(SessionTicket ticket) {
            throw new IllegalStateException("clients send no tickets");
        }
    }
}
