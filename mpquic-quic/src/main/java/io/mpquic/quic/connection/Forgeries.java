package io.mpquic.quic.connection;

import io.mpquic.quic.wire.TransportError;
import io.mpquic.quic.wire.TransportException;

/**
 * Counts the packets that fail authentication, over all keys of a connection, those of the handshake included: each is a
 * guess, and a cipher bears so many (RFC 9001 §6.6).
 */
final class Forgeries {
    /** No cipher suite is selected yet. */
    private long limit = Long.MAX_VALUE;

    private long count;

    /** The suite is selected, and with it how many the connection bears. */
    void limitTo(long packets) {
        limit = packets;
    }

    /**
     * One more.
     *
     * @throws TransportException AEAD_LIMIT_REACHED when that is one too many
     */
    void add() throws TransportException {
        if (++count >= limit) {
            throw new TransportException(TransportError.AEAD_LIMIT_REACHED, "too many forged packets");
        }
    }
}
