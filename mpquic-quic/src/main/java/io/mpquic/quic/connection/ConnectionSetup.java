package io.mpquic.quic.connection;

import io.mpquic.quic.crypto.CryptoProvider;
import io.mpquic.quic.tls.TlsEngine;
import java.net.InetSocketAddress;
import java.util.random.RandomGenerator;

/**
 * What a connection is made of; the endpoint fills it in.
 *
 * @param settings what this end asks for
 * @param tls this connection's own TLS engine
 * @param crypto where ciphers come from
 * @param registry routes connection IDs to the connection
 * @param sink takes the payloads of DATAGRAM frames
 * @param remote the peer's address
 * @param random makes path challenges, which must not be foreseeable
 * @param token what a client's first packets prove its address with; empty for none
 * @param newTokens gives and takes tokens for later connections
 * @param traces decides whether somebody hears what the connection does
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record ConnectionSetup(
        TransportSettings settings,
        TlsEngine tls,
        CryptoProvider crypto,
        ConnectionIdRegistry registry,
        DatagramSink sink,
        InetSocketAddress remote,
        RandomGenerator random,
        byte[] token,
        NewTokens newTokens,
        ConnectionTrace.Factory traces) {}
