package io.mpquic.quic.wire;

/**
 * A fault of the peer that ends the connection: what a CONNECTION_CLOSE frame of type 0x1c carries
 * (RFC 9000 §11.1, §19.19).
 *
 * <p>It has no stack trace: a peer can cause any number of these, and the reason names the rule that it broke.
 */
public final class TransportException extends Exception {
    private static final long serialVersionUID = 1;

    private final long errorCode;
    private final long frameType;
    private final String reason;

    /**
     * Creates the exception.
     *
     * @param errorCode one of {@link TransportError}
     * @param frameType the type of the frame that broke the rule, or 0 when it was none
     * @param reason what was wrong, in words for a log
     */
    public TransportException(long errorCode, long frameType, String reason) {
        super(TransportError.name(errorCode) + ": " + reason, null, false, false);
        this.errorCode = errorCode;
        this.frameType = frameType;
        this.reason = reason;
    }

    /** A fault that no particular frame caused. */
    public TransportException(long errorCode, String reason) {
        this(errorCode, 0, reason);
    }

    /** The transport error code. */
    public long errorCode() {
        return errorCode;
    }

    /** The type of the frame that broke the rule; 0 when it was none or is unknown. */
    public long frameType() {
        return frameType;
    }

    /** The reason as the peer is told it. */
    public String reason() {
        return reason;
    }
}
