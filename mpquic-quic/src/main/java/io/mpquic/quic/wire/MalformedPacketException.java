package io.mpquic.quic.wire;

/**
 * A packet whose header makes no sense. Nothing authenticates it, so it says nothing about the peer: the packet is
 * dropped and counted, and the connection goes on (RFC 9000 §12.2, §17.2).
 *
 * <p>It has no stack trace: anyone can cause any number of these.
 */
public final class MalformedPacketException extends Exception {
    private static final long serialVersionUID = 1;

    /**
     * Creates the exception.
     *
     * @param reason what was wrong, in words for a log
     */
    public MalformedPacketException(String reason) {
        super(reason, null, false, false);
    }
}
