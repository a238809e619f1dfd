package io.mpquic.quic.tls;

import java.io.IOException;
import org.bouncycastle.tls.ContentType;
import org.bouncycastle.tls.TlsClientProtocol;

/** BouncyCastle's client, with its output turned from records into handshake bytes. */
final class ClientProtocol extends TlsClientProtocol {
    private final HandshakeSink sink;

    private ClientProtocol(HandshakeSink sink) {
        this.sink = sink;
    }

    /** Starts a client: the ClientHello goes to the sink at once. */
    static ClientProtocol open(TlsClientConfig config, byte[] localTransportParameters, HandshakeSink sink)
            throws IOException {
        ClientProtocol protocol = new ClientProtocol(sink);
        protocol.connect(new ClientPeer(config, localTransportParameters, sink));
        return protocol;
    }

    @Override
    protected void writeRecord(short type, byte[] buffer, int offset, int lengthBytes) {
        // RFC 9001 §4.8: alerts do not travel as messages; this end's become the code of a CONNECTION_CLOSE frame.
        if (type == ContentType.handshake) {
            sink.onMessageBytes(buffer, offset, lengthBytes);
        }
    }
}
