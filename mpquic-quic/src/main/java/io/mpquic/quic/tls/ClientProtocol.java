package io.mpquic.quic.tls;

import java.io.IOException;
import org.bouncycastle.tls.ClientHello;
import org.bouncycastle.tls.ContentType;
import org.bouncycastle.tls.TlsClientProtocol;

/** BouncyCastle's client, with its output turned from records into handshake bytes. */
final class ClientProtocol extends TlsClientProtocol {
    private final HandshakeSink sink;
    private final ClientPeer peer;

    private ClientProtocol(HandshakeSink sink, ClientPeer peer) {
        this.sink = sink;
        this.peer = peer;
    }

    /** Starts a client: the ClientHello goes to the sink at once. */
    static ClientProtocol open(TlsClientConfig config, byte[] localTransportParameters, HandshakeSink sink)
            throws IOException {
        ClientPeer peer = new ClientPeer(config, localTransportParameters, sink);
        ClientProtocol protocol = new ClientProtocol(sink, peer);
        protocol.connect(peer);
        return protocol;
    }

    /** The state machine drops keys that the retry rules out, and counts their binders all the same: not so here. */
    @Override
    protected void send13ClientHelloRetry() throws IOException {
        ClientHello first = clientHello;
        clientHello = new ClientHello(
                first.getVersion(),
                first.getRandom(),
                first.getSessionID(),
                first.getCookie(),
                first.getCipherSuites(),
                first.getExtensions(),
                peer.onRetry());
        super.send13ClientHelloRetry();
    }

    @Override
    protected void writeRecord(short type, byte[] buffer, int offset, int lengthBytes) {
        // RFC 9001 §4.8: alerts do not travel as messages; this end's become the code of a CONNECTION_CLOSE frame.
        if (type == ContentType.handshake) {
            sink.onMessageBytes(buffer, offset, lengthBytes);
        }
    }
}
