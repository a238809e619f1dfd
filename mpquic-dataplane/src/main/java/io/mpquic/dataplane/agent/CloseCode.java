package io.mpquic.dataplane.agent;

/** Why a tunnel closes a connection: the application error codes of CONNECTION_CLOSE (RFC 9000 §20.2). */
enum CloseCode {
    /** This end shuts down. */
    SHUTDOWN(0, "shutting down"),
    /** The client has opened a newer session. */
    REPLACED(1, "replaced by a newer session"),
    /** The peer has not answered for too long. */
    SILENCE(2, "no answer"),
    /** The peer takes no datagrams, so that no packet can be sent. */
    NO_DATAGRAMS(3, "the peer accepts no DATAGRAM frames"),
    /** The client's WAN has changed, and the peer does not answer there, or cannot. */
    WAN_CHANGED(4, "the WAN has changed");

    private final long code;
    private final String words;

    CloseCode(long code, String words) {
        this.code = code;
        this.words = words;
    }

    long code() {
        return code;
    }

    /** The reason as the peer is told it. */
    String words() {
        return words;
    }
}
