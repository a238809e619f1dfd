package io.mpquic.quic.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mpquic.quic.connection.QuicConnection;
import io.mpquic.quic.connection.TransportSettings;
import io.mpquic.quic.tls.SessionStore;
import io.mpquic.quic.tls.TlsClientConfig;
import io.mpquic.quic.tls.TlsServerConfig;
import io.mpquic.quic.wire.EncryptionLevel;
import io.mpquic.quic.wire.PacketType;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** A client and a server that have met before and deal in early data; either may be the one under test. */
final class EarlyDataPeers {
    static final int CONNECTION_WINDOW = 3_000;
    static final int STREAM_WINDOW = 2_000;
    static final int STREAMS = 2;

    private static final long SEED = 77;

    final TlsClientConfig clientTls;
    TlsServerConfig serverTls = serverTls();

    EarlyDataPeers() {
        clientTls = clientTls(SessionStore.inMemory(1)).earlyData().build();
    }

    static TlsClientConfig.Builder clientTls(SessionStore sessions) {
        return TlsClientConfig.builder()
                .alpn(Target.ALPN)
                .serverName("mpquic-server")
                .insecure()
                .sessions(sessions);
    }

    static TlsServerConfig serverTls() {
        return TlsServerConfig.builder()
                .alpn(Target.ALPN)
                .identity(Target.IDENTITY)
                .resumption(Duration.ofHours(1))
                .earlyData()
                .build();
    }

    static TransportSettings settings() {
        return Target.QUIET.toBuilder()
                .maxData(CONNECTION_WINDOW)
                .maxStreamDataBidiLocal(STREAM_WINDOW)
                .maxStreamDataBidiRemote(STREAM_WINDOW)
                .maxStreamDataUni(STREAM_WINDOW)
                .maxStreamsBidi(STREAMS)
                .maxStreamsUni(STREAMS)
                .build();
    }

    /** What a scripted server grants. */
    static RawParameters granting(RawParameters plain, long data, long streamData, long streams) {
        return plain.setInteger(RawParameters.MAX_DATA, data)
                .setInteger(RawParameters.MAX_STREAM_DATA_BIDI_LOCAL, streamData)
                .setInteger(RawParameters.MAX_STREAM_DATA_BIDI_REMOTE, streamData)
                .setInteger(RawParameters.MAX_STREAM_DATA_UNI, streamData)
                .setInteger(RawParameters.MAX_STREAMS_BIDI, streams)
                .setInteger(RawParameters.MAX_STREAMS_UNI, streams);
    }

    // ---- our server, and a scripted client

    /** A client with a ticket of the server's, that has not sent anything yet. */
    RawPeer knownClient(TransportSettings first, TransportSettings second) {
        RawPeer earlier = RawPeer.client(Target.server(serverTls, first));
        earlier.clientTls = clientTls;
        earlier.handshake();
        return client(Target.server(serverTls, second));
    }

    RawPeer knownClient() {
        return knownClient(settings(), settings());
    }

    /** A client with a ticket, at a server that did not give it. */
    RawPeer strangeClient(TlsServerConfig other) {
        RawPeer earlier = RawPeer.client(Target.server(serverTls, settings()));
        earlier.clientTls = clientTls;
        earlier.handshake();
        return client(Target.server(other, settings()));
    }

    private RawPeer client(Target server) {
        RawPeer peer = RawPeer.client(server);
        peer.clientTls = clientTls;
        return peer.prepare();
    }

    // ---- our client, and a scripted server

    /** Our client meets a server that grants this much, and gets its ticket. */
    EarlyDataPeers meet(UnaryOperator<RawParameters> parameters) {
        RawPeer server = server(connection -> {}, parameters);
        server.handshake();
        server.target.connection().close(0, "", server.target.nowNs);
        return this;
    }

    EarlyDataPeers meet() {
        return meet(plain -> granting(plain, CONNECTION_WINDOW, STREAM_WINDOW, STREAMS));
    }

    /** The client opens a connection and does this at once; the server has read its first flight and not answered. */
    RawPeer server(Consumer<QuicConnection> early, UnaryOperator<RawParameters> parameters) {
        RawPeer server = RawPeer.server(Target.client(clientTls, settings(), SEED, early));
        server.serverTls = serverTls;
        server.parameters = parameters;
        return server.prepare();
    }

    RawPeer server(Consumer<QuicConnection> early) {
        return server(early, plain -> granting(plain, CONNECTION_WINDOW, STREAM_WINDOW, STREAMS));
    }

    /** The 0-RTT packets that were read. */
    static List<RawPacket> early(RawPeer peer) {
        return peer.received.stream()
                .filter(packet -> packet.type() == PacketType.ZERO_RTT)
                .toList();
    }

    /** Completes the handshake of a server that took the early data. */
    static void complete(RawPeer peer) {
        peer.tryHandshake();
        assertEquals(null, peer.target.closeReason());
        assertEquals(true, peer.target.connection().isEstablished());
    }

    /** A client's first flight, in datagrams of its own. */
    static byte[] hello(RawPeer client) {
        byte[] data = client.nextCrypto(EncryptionLevel.INITIAL);
        if (client.nextCrypto(EncryptionLevel.INITIAL) != null) {
            throw new AssertionError("a ClientHello of several packets");
        }
        return data;
    }
}
