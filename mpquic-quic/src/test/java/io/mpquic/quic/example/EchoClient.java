package io.mpquic.quic.example;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mpquic.quic.connection.TransportSettings;
import io.mpquic.quic.endpoint.ClientConfig;
import io.mpquic.quic.endpoint.QuicEndpoint;
import io.mpquic.quic.io.BlockingStream;
import io.mpquic.quic.io.ChannelTransport;
import io.mpquic.quic.io.StreamConnection;
import io.mpquic.quic.io.StreamEndpoint;
import io.mpquic.quic.tls.TlsClientConfig;
import io.mpquic.quic.tls.TrustAnchors;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;

/** Asks {@link EchoServer}. */
final class EchoClient {
    private EchoClient() {}

    // example
    static String ask(InetSocketAddress server, TrustAnchors trust, String question) throws IOException {
        TlsClientConfig tls = TlsClientConfig.builder()
                .alpn("echo")
                .serverName("echo.example")
                .trust(trust)
                .build();
        TransportSettings settings = TransportSettings.builder()
                .maxData(4 << 20) // the server opens no stream, but it is to answer on ours
                .maxStreamDataBidiLocal(1 << 20)
                .build();
        QuicEndpoint core = QuicEndpoint.client(
                ClientConfig.builder(tls, new SecureRandom()).settings(settings).build());
        try (StreamEndpoint client = StreamEndpoint.start(core, ChannelTransport.open(new InetSocketAddress(0)));
                StreamConnection connection = client.connect(server, Duration.ofSeconds(10))) {
            BlockingStream stream = connection.openBidirectional(Duration.ofSeconds(5));
            stream.timeout(Duration.ofSeconds(5)); // of each read and each write
            try (OutputStream out = stream.output()) {
                out.write(question.getBytes(UTF_8));
            } // closing it ends the stream in this direction, in good order
            return new String(stream.input().readAllBytes(), UTF_8);
        }
    }
    // example
}
