package io.mpquic.quic.tls;

import io.mpquic.quic.crypto.CipherSuite;
import java.security.cert.X509Certificate;
import java.util.List;

/** Where the state machine puts what it produces, in the order in which it does. */
interface HandshakeSink {
    /** Bytes of handshake messages to send; the array is reused by the caller. */
    void onMessageBytes(byte[] buffer, int offset, int lengthBytes);

    /** The traffic secrets of the next level: first those of the handshake, then those of the connection. */
    void onSecrets(CipherSuite suite, HandshakeSecrets secrets);

    /** The peer's transport parameters, as encoded. */
    void onPeerTransportParameters(byte[] encoded);

    /** The handshake is complete. */
    void onComplete(String alpn, List<X509Certificate> peerChain);
}
