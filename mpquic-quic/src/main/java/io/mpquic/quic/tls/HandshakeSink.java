package io.mpquic.quic.tls;

import io.mpquic.quic.crypto.CipherSuite;

/** Where the state machine puts what it produces, in the order in which it does. */
interface HandshakeSink {
    /** Bytes of handshake messages to send; the array is reused by the caller. */
    void onMessageBytes(byte[] buffer, int offset, int lengthBytes);

    /** The traffic secrets of the next level: first those of the handshake, then those of the connection. */
    void onSecrets(CipherSuite suite, HandshakeSecrets secrets);

    /** Early data: a client asks for it, or a server accepts it, with the key of this session. */
    void onEarlyKey(EarlyKey key);

    /** For a client that asked for it: whether the server takes early data. */
    void onEarlyDataDecided(boolean accepted);

    /** The peer's transport parameters, as encoded. */
    void onPeerTransportParameters(byte[] encoded);

    /** The handshake is complete. */
    void onComplete(HandshakeOutcome outcome);
}
