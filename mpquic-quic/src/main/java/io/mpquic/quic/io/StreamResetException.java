package io.mpquic.quic.io;

import java.io.IOException;

/** A stream was given up before its end (RFC 9000 §2.4): the peer reset it, or wants to read no more of it. */
public final class StreamResetException extends IOException {
    private static final long serialVersionUID = 1;

    private final long errorCode;

    StreamResetException(String message, long errorCode) {
        super(message + " with code " + errorCode);
        this.errorCode = errorCode;
    }

    /** The code of the peer's application, 0 to 2^62-1. */
    public long errorCode() {
        return errorCode;
    }
}
