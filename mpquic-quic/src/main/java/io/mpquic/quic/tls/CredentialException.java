package io.mpquic.quic.tls;

import java.io.IOException;

/** A certificate or a key cannot be used. The message names the file, what is wrong with it, and what would be right. */
public final class CredentialException extends IOException {
    private static final long serialVersionUID = 1;

    /**
     * Creates the exception.
     *
     * @param message for the operator to read
     */
    public CredentialException(String message) {
        super(message);
    }
}
