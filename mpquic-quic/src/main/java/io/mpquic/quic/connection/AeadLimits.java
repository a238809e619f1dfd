package io.mpquic.quic.connection;

import io.mpquic.quic.crypto.CipherSuite;

/**
 * How much the keys of a connection may be used (RFC 9001 §6.6).
 *
 * @param confidentiality how many packets one key may seal
 * @param integrity how many packets may fail authentication, over all keys of the connection
 */
record AeadLimits(long confidentiality, long integrity) {
    static AeadLimits of(CipherSuite suite) {
        return new AeadLimits(suite.confidentialityLimit(), suite.integrityLimit());
    }
}
