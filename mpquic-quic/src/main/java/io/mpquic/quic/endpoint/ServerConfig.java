package io.mpquic.quic.endpoint;

import io.mpquic.quic.connection.DatagramSink;
import io.mpquic.quic.connection.TransportSettings;
import io.mpquic.quic.crypto.CryptoProvider;
import io.mpquic.quic.tls.TlsServerConfig;
import java.util.random.RandomGenerator;

/**
 * What a server endpoint needs.
 *
 * @param tls identity, and whom it trusts
 * @param settings timeouts and sizes
 * @param crypto where ciphers come from
 * @param sink takes received datagrams, on the thread that drives the endpoint
 * @param random makes connection IDs: a {@link java.security.SecureRandom} but in tests (RFC 9000 §5.1)
 * @param statelessResetKey secret from which stateless reset tokens are made; when it is the same after a restart, the
 *     clients of the process before learn at once that their connections are gone (RFC 9000 §10.3.2)
 */
@SuppressWarnings("ArrayRecordComponent") // a secret; configurations are not compared
public record ServerConfig(
        TlsServerConfig tls,
        TransportSettings settings,
        CryptoProvider crypto,
        DatagramSink sink,
        RandomGenerator random,
        byte[] statelessResetKey) {

    /** Copies the key. */
    public ServerConfig {
        statelessResetKey = statelessResetKey.clone();
    }

    @Override
    public byte[] statelessResetKey() {
        return statelessResetKey.clone();
    }
}
