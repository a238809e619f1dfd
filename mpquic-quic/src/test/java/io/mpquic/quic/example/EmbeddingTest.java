package io.mpquic.quic.example;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mpquic.quic.connection.TransportSettings;
import io.mpquic.quic.endpoint.ClientConfig;
import io.mpquic.quic.endpoint.QuicEndpoint;
import io.mpquic.quic.endpoint.ServerConfig;
import io.mpquic.quic.io.StreamEndpoint;
import io.mpquic.quic.tls.Identity;
import io.mpquic.quic.tls.TlsClientConfig;
import io.mpquic.quic.tls.TlsServerConfig;
import io.mpquic.quic.tls.TrustAnchors;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The examples of docs/embedding.md do what the document says, and are what stands there. */
@Timeout(60)
class EmbeddingTest {
    private static final Path ROOT = Path.of(System.getProperty("basedir", "."), "..");
    private static final Pattern EXAMPLE =
            Pattern.compile("<!-- example: (\\S+) -->\\R```java\\R(.*?)```", Pattern.DOTALL);
    private static final Identity IDENTITY = Identity.selfSigned("echo.example");

    @TempDir
    Path directory;

    @Test
    void theDocumentShowsTheExamplesThatCompile() throws Exception {
        String document = Files.readString(ROOT.resolve("docs/embedding.md"));
        List<MatchResult> examples = EXAMPLE.matcher(document).results().toList();
        assertEquals(3, examples.size());
        for (MatchResult example : examples) {
            String source = Files.readString(ROOT.resolve(example.group(1)));
            String between = source.split(" *// example\\R", -1)[1];
            assertEquals(between.stripTrailing().stripIndent(), example.group(2).stripTrailing());
        }
    }

    @Test
    void aClientHearsItsOwnWords() throws Exception {
        Path certificates = Files.writeString(directory.resolve("ca.crt"), IDENTITY.certificatesPem());
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try (StreamEndpoint server = EchoServer.start(any, IDENTITY)) {
            TrustAnchors trust = TrustAnchors.load(certificates);
            assertEquals("hello", EchoClient.ask(server.localAddress(), trust, "hello"));
            String long_ = "0123456789".repeat(300_000);
            assertEquals(long_, EchoClient.ask(server.localAddress(), trust, long_));
        }
    }

    @Test
    void twoCoresTalkWithoutSocketThreadAndClock() {
        TransportSettings settings =
                TransportSettings.builder().maxStreamsUni(1).build();
        TlsClientConfig clientTls = TlsClientConfig.builder()
                .alpn("greeting")
                .serverName("echo.example")
                .insecure()
                .build();
        TlsServerConfig serverTls =
                TlsServerConfig.builder().alpn("greeting").identity(IDENTITY).build();
        QuicEndpoint client = QuicEndpoint.client(ClientConfig.builder(clientTls, new SplittableRandom(1))
                .settings(settings)
                .build());
        QuicEndpoint server = QuicEndpoint.server(ServerConfig.builder(serverTls, new SplittableRandom(2))
                .settings(settings)
                .build());
        assertEquals("good morning", CoreExample.greet(client, server, "good morning"));
    }
}
