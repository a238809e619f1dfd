package io.mpquic.quic.example;

import io.mpquic.quic.connection.TransportSettings;
import io.mpquic.quic.endpoint.QuicEndpoint;
import io.mpquic.quic.endpoint.ServerConfig;
import io.mpquic.quic.io.BlockingStream;
import io.mpquic.quic.io.ChannelTransport;
import io.mpquic.quic.io.StreamConnection;
import io.mpquic.quic.io.StreamEndpoint;
import io.mpquic.quic.tls.Identity;
import io.mpquic.quic.tls.TlsServerConfig;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;

/** Sends back what it gets, on each stream of each client. */
final class EchoServer {
    private EchoServer() {}

    // example
    static StreamEndpoint start(InetSocketAddress local, Identity identity) throws IOException {
        TlsServerConfig tls =
                TlsServerConfig.builder().alpn("echo").identity(identity).build();
        TransportSettings settings = TransportSettings.builder()
                .maxStreamsBidi(100) // of one client, open at once
                .build();
        QuicEndpoint core = QuicEndpoint.server(
                ServerConfig.builder(tls, new SecureRandom()).settings(settings).build());
        StreamEndpoint server = StreamEndpoint.start(core, ChannelTransport.open(local));
        Thread.startVirtualThread(() -> acceptClients(server));
        return server; // closing it ends everything
    }

    private static void acceptClients(StreamEndpoint server) {
        try {
            while (true) {
                StreamConnection client = server.accept(Duration.ZERO); // no time limit
                Thread.startVirtualThread(() -> acceptStreams(client));
            }
        } catch (IOException e) {
            System.out.println("the server ends: " + e.getMessage());
        }
    }

    private static void acceptStreams(StreamConnection client) {
        try {
            while (true) {
                BlockingStream stream = client.accept(Duration.ZERO);
                Thread.startVirtualThread(() -> echo(stream));
            }
        } catch (IOException e) {
            System.out.println("a client has gone: " + e.getMessage());
        }
    }

    private static void echo(BlockingStream stream) {
        try (InputStream in = stream.input();
                OutputStream out = stream.output()) {
            in.transferTo(out); // as fast as the client reads, in bounded memory
        } catch (IOException e) {
            System.out.println("stream " + stream.id() + " broke: " + e.getMessage());
        }
    }
    // example
}
