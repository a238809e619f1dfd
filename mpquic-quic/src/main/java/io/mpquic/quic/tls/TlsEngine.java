package io.mpquic.quic.tls;

import io.mpquic.quic.wire.EncryptionLevel;
import io.mpquic.quic.wire.TransportException;
import org.jspecify.annotations.Nullable;

/**
 * One end of one TLS 1.3 handshake, as QUIC runs it (RFC 9001 §4).
 *
 * <p>It does no input or output of its own. Bytes go in with {@link #receive}; what is to be sent, the traffic secrets
 * and the outcome come out of {@link #poll} in the order in which they happened. Whoever calls {@link #start} or {@link
 * #receive} must poll until null afterwards.
 *
 * <p>The first failure is final: every later call throws the same exception. Not thread-safe: one thread at a time.
 */
public interface TlsEngine {
    /**
     * Starts the handshake. A client's ClientHello can be polled afterwards; a server waits for one.
     *
     * @param localTransportParameters the encoded transport parameters to offer (RFC 9001 §8.2); copied
     * @throws TransportException when the handshake cannot be started
     * @throws IllegalStateException when it was started before
     */
    void start(byte[] localTransportParameters) throws TransportException;

    /**
     * Takes CRYPTO data of one encryption level, in order and without gaps. It may be cut anywhere.
     *
     * @param level the level of the packet that carried the data
     * @param inOrderData the bytes that follow those of the call before; not kept
     * @throws TransportException with an error code of 0x100 + alert when TLS refuses the data (RFC 9001 §4.8), or
     *     PROTOCOL_VIOLATION when the data is at a level that is no longer, or not yet, to be used (RFC 9001 §4.1.3)
     * @throws IllegalStateException when the engine was not started
     */
    void receive(EncryptionLevel level, byte[] inOrderData) throws TransportException;

    /** The next event, or null when there is none now. */
    @Nullable TlsEvent poll();
}
