package io.mpquic.quic.tls;

import io.mpquic.quic.crypto.CipherSuite;

/**
 * What a ClientHello would lead to, against which its tickets are held.
 *
 * @param suite the cipher suite
 * @param alpn the application protocol
 * @param serverName the server's name that the client asks for; empty for none
 */
record OfferedSession(CipherSuite suite, String alpn, String serverName) {}
