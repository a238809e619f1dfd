package io.mpquic.quic.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import org.bouncycastle.tls.ClientHello;
import org.bouncycastle.tls.ContentType;
import org.bouncycastle.tls.TlsServerProtocol;

/** BouncyCastle's server, with its output turned from records into handshake bytes. */
final class ServerProtocol extends TlsServerProtocol {
    private final HandshakeSink sink;
    private final ServerPeer peer;

    private ServerProtocol(HandshakeSink sink, ServerPeer peer) {
        this.sink = sink;
        this.peer = peer;
    }

    /** Starts a server: it waits for a ClientHello. */
    static ServerProtocol open(TlsServerConfig config, byte[] localTransportParameters, HandshakeSink sink)
            throws IOException {
        ServerPeer peer = new ServerPeer(config, localTransportParameters, sink);
        ServerProtocol protocol = new ServerProtocol(sink, peer);
        protocol.accept(peer);
        return protocol;
    }

    @Override
    protected ClientHello receiveClientHelloMessage(ByteArrayInputStream message) throws IOException {
        ClientHello hello = super.receiveClientHelloMessage(message);
        if (hello.getSessionID().length > 0) {
            // RFC 9001 §8.4: the compatibility mode of TLS 1.3 has no place in QUIC.
            throw new HandshakeFault(TlsAlert.protocolViolation("ClientHello has a legacy session ID"));
        }
        peer.onClientHello(hello);
        return hello;
    }

    @Override
    protected void writeRecord(short type, byte[] buffer, int offset, int lengthBytes) {
        // RFC 9001 §4.8: alerts do not travel as messages; this end's become the code of a CONNECTION_CLOSE frame.
        if (type == ContentType.handshake) {
            sink.onMessageBytes(buffer, offset, lengthBytes);
        }
    }
}
