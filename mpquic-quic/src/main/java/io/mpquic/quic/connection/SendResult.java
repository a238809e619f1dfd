package io.mpquic.quic.connection;

/** What became of a datagram that was to be sent. */
public enum SendResult {
    /** It is on its way; whether it arrives is not known. */
    SENT,
    /** Not now: the congestion window, the pacer or the socket forbids it. Try again after the next turn. */
    BLOCKED,
    /** It is above {@link QuicConnection#maxDatagramBytes}. */
    TOO_LARGE,
    /** The connection is not established, or over. */
    CLOSED
}
