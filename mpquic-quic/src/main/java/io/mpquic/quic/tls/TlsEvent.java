package io.mpquic.quic.tls;

import io.mpquic.quic.crypto.CipherSuite;
import io.mpquic.quic.wire.EncryptionLevel;
import io.mpquic.quic.wire.RememberedParameters;
import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link TlsEngine} has to say. Arrays belong to the receiver of the event; events compare by identity of their
 * arrays, and none of them prints a secret.
 */
public sealed interface TlsEvent {
    /**
     * Handshake messages to send in CRYPTO frames.
     *
     * @param level the level of the packets that carry them
     * @param data one message or more, without gaps after what was sent at that level before
     */
    @SuppressWarnings("ArrayRecordComponent") // handed over once, never compared
    record HandshakeData(EncryptionLevel level, byte[] data) implements TlsEvent {}

    /**
     * The secrets of a new encryption level (RFC 9001 §5.1).
     *
     * <p>A server gets those of {@link EncryptionLevel#ONE_RTT} right after its own Finished: it may send with them at
     * once, and must not read with them before {@link HandshakeComplete} (RFC 9001 §5.7).
     *
     * @param level HANDSHAKE or ONE_RTT
     * @param suite the cipher suite that TLS chose
     * @param readSecret the peer's traffic secret; as long as the suite's hash
     * @param writeSecret this end's traffic secret; as long as the suite's hash
     */
    @SuppressWarnings("ArrayRecordComponent") // handed over once, never compared
    record SecretsAvailable(EncryptionLevel level, CipherSuite suite, byte[] readSecret, byte[] writeSecret)
            implements TlsEvent {}

    /**
     * The peer's transport parameters. They are authenticated only once the handshake is complete (RFC 9001 §8.2).
     *
     * @param encoded the bytes of the quic_transport_parameters extension
     */
    @SuppressWarnings("ArrayRecordComponent") // handed over once, never compared
    record PeerTransportParameters(byte[] encoded) implements TlsEvent {}

    /**
     * The secret of 0-RTT packets (RFC 9001 §4.6). A client gets it with its ClientHello, when it asks for early data; a
     * server when it accepts some. Only the client protects packets with it.
     *
     * @param suite the cipher suite of the session that is resumed
     * @param secret the client's traffic secret; as long as the suite's hash
     * @param parameters on a client, what the server's transport parameters were; null on a server
     */
    @SuppressWarnings("ArrayRecordComponent") // handed over once, never compared
    record EarlySecret(
            CipherSuite suite, byte[] secret, @Nullable RememberedParameters parameters) implements TlsEvent {}

    /**
     * The server's answer to a client's early data. It comes before the transport parameters of the server.
     *
     * @param accepted whether it takes the client's 0-RTT packets; otherwise it has processed none (RFC 9001 §4.6.2)
     */
    record EarlyDataDecided(boolean accepted) implements TlsEvent {}

    /**
     * Both Finished messages were sent and verified (RFC 9001 §4.1.1).
     *
     * @param alpn the application protocol that both ends agreed on
     * @param peerChain the peer's certificates, leaf first; empty when a client showed none
     * @param suite the cipher suite that TLS chose
     * @param resumed whether an earlier session was resumed; its certificates are then those of that session
     */
    record HandshakeComplete(String alpn, List<X509Certificate> peerChain, CipherSuite suite, boolean resumed)
            implements TlsEvent {
        /** Copies the chain. */
        public HandshakeComplete {
            peerChain = List.copyOf(peerChain);
        }
    }
}
