package io.mpquic.quic.connection;

import io.mpquic.quic.stream.QuicStream;
import java.security.cert.X509Certificate;
import java.util.List;

/** What happened on a connection, but for datagrams, which go to the {@link DatagramSink}. */
public sealed interface QuicEvent {

    /**
     * The handshake is complete: the peer is who it claims to be, datagrams may flow.
     *
     * @param alpn the application protocol that both ends agreed on
     * @param peerChain the peer's certificates, its own first; empty when it showed none
     * @param handshakeNs how long the handshake took, in nanoseconds
     * @param resumed whether an earlier session was resumed; the peer's certificates are then those of that session
     */
    record HandshakeCompleted(String alpn, List<X509Certificate> peerChain, long handshakeNs, boolean resumed)
            implements QuicEvent {}

    /**
     * The server takes no early data of this client, and has processed none (RFC 9001 §4.6.2): what was sent is to be sent
     * again. All streams are gone, and new ones begin with the first ID.
     */
    record EarlyDataRejected() implements QuicEvent {}

    /**
     * The largest datagram that can be sent has changed.
     *
     * @param bytes the largest payload of a DATAGRAM frame
     * @param settled whether the first discovery of the path MTU has ended; until then the number may grow soon
     */
    record MaxDatagramChanged(int bytes, boolean settled) implements QuicEvent {}

    /**
     * A stream has bytes, its end or its reset to read; told once until it is polled. A stream of the peer's may be told of
     * before {@link QuicConnection#pollStream} gives it.
     */
    record StreamReadable(QuicStream stream) implements QuicEvent {}

    /** A stream whose writer was stopped takes bytes again, or was reset. */
    record StreamWritable(QuicStream stream) implements QuicEvent {}

    /** The connection is over. The last event; nothing is sent or received any more. */
    record Closed(CloseReason reason) implements QuicEvent {}
}
