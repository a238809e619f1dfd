package io.mpquic.quic.endpoint;

import io.mpquic.quic.connection.DatagramSink;
import io.mpquic.quic.connection.TransportSettings;
import io.mpquic.quic.crypto.CryptoProvider;
import io.mpquic.quic.tls.TlsClientConfig;
import java.util.random.RandomGenerator;

/**
 * What a client endpoint needs.
 *
 * @param tls names, trust and identity
 * @param settings timeouts and sizes
 * @param crypto where ciphers come from
 * @param sink takes received datagrams, on the thread that drives the endpoint
 * @param random makes connection IDs: a {@link java.security.SecureRandom} but in tests (RFC 9000 §5.1)
 */
public record ClientConfig(
        TlsClientConfig tls,
        TransportSettings settings,
        CryptoProvider crypto,
        DatagramSink sink,
        RandomGenerator random) {}
