package io.mpquic.quic.connection;

import io.mpquic.quic.wire.TransportError;

/**
 * Why a connection ended.
 *
 * @param kind who ended it
 * @param application whether {@code errorCode} is one of the application's, not of {@link TransportError}
 * @param errorCode what the CONNECTION_CLOSE frame carried; 0 when there was none
 * @param reason in words, for a log; may be empty
 */
public record CloseReason(Kind kind, boolean application, long errorCode, String reason) {

    /** Who or what ended a connection. */
    public enum Kind {
        /** This end, by {@link QuicConnection#close}. */
        LOCAL,
        /** The peer, by CONNECTION_CLOSE (RFC 9000 §10.2). */
        PEER,
        /** Nothing came for the whole idle timeout (RFC 9000 §10.1). */
        IDLE_TIMEOUT,
        /** The handshake was not complete in time. */
        HANDSHAKE_TIMEOUT,
        /** The peer broke a rule, and this end closed the connection for it. */
        PEER_FAULT,
        /** The peer has lost the connection's state (RFC 9000 §10.3). */
        STATELESS_RESET,
        /** The server speaks no version that this client does (RFC 9000 §6.2). */
        VERSION_NEGOTIATION,
        /** This program has a defect, or the application's {@link DatagramSink} failed; the log has a stack trace. */
        DEFECT
    }

    /** One line for a log: the kind, the code's name, the reason. */
    public String describe() {
        String code = application ? "application error " + errorCode : TransportError.name(errorCode);
        String words = reason.isEmpty() ? "" : ": " + reason;
        return switch (kind) {
            case LOCAL -> "closed here" + words;
            case PEER -> "closed by the peer with " + code + words;
            case IDLE_TIMEOUT -> "idle timeout: nothing came from the peer";
            case HANDSHAKE_TIMEOUT -> "handshake timeout" + words;
            case PEER_FAULT -> "closed here for a fault of the peer, " + code + words;
            case STATELESS_RESET -> "the peer no longer knows this connection (stateless reset)";
            case VERSION_NEGOTIATION -> "the server does not speak QUIC version 1" + words;
            case DEFECT -> "closed here because of a defect of this program" + words;
        };
    }
}
