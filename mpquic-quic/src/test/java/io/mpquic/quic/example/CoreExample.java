package io.mpquic.quic.example;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mpquic.quic.connection.QuicConnection;
import io.mpquic.quic.connection.QuicEvent;
import io.mpquic.quic.endpoint.QuicEndpoint;
import io.mpquic.quic.stream.QuicStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.Objects;

/** A client and a server without socket, thread and clock: their packets go from one to the other by hand. */
final class CoreExample {
    private static final InetSocketAddress CLIENT = new InetSocketAddress("192.0.2.1", 40_000);
    private static final InetSocketAddress SERVER = new InetSocketAddress("192.0.2.2", 443);

    private CoreExample() {}

    // example
    static String greet(QuicEndpoint client, QuicEndpoint server, String greeting) {
        StringBuilder heard = new StringBuilder();
        byte[] bytes = new byte[1_000];
        long nowNs = 0; // any clock that does not go back
        QuicConnection connection = client.connect(SERVER, nowNs);
        QuicConnection accepted = null;
        while (heard.length() < greeting.length()) {
            // Bytes out of one core are bytes into the other one. A driver has a socket here.
            boolean moved = carry(client, CLIENT, server, nowNs) | carry(server, SERVER, client, nowNs);

            for (QuicEvent event = connection.pollEvent(); event != null; event = connection.pollEvent()) {
                if (event instanceof QuicEvent.HandshakeCompleted) {
                    QuicStream stream = Objects.requireNonNull(connection.openUnidirectional());
                    stream.write(greeting.getBytes(UTF_8), 0, greeting.length());
                    stream.finish();
                    moved = true; // a core that was called may have packets to send
                }
            }
            accepted = accepted == null ? server.pollAccepted() : accepted;
            while (accepted != null && accepted.pollEvent() instanceof QuicEvent event) {
                if (event instanceof QuicEvent.StreamReadable(QuicStream stream)) {
                    int length = stream.read(bytes, 0, bytes.length);
                    heard.append(new String(bytes, 0, Math.max(0, length), UTF_8));
                }
            }

            if (!moved) { // nothing to do before the next deadline. A driver waits here.
                nowNs = Math.max(nowNs, Math.min(client.nextTimeoutNs(), server.nextTimeoutNs()));
                client.onTimeout(nowNs);
                server.onTimeout(nowNs);
            }
        }
        connection.close(0, "said", nowNs);
        carry(client, CLIENT, server, nowNs);
        return heard.toString();
    }

    private static boolean carry(QuicEndpoint from, InetSocketAddress address, QuicEndpoint to, long nowNs) {
        MemorySegment packet = Arena.ofAuto().allocate(1_500);
        boolean any = false;
        for (int length = from.transmit(packet, 0, 1_500, nowNs);
                length > 0;
                length = from.transmit(packet, 0, 1_500, nowNs)) {
            to.receive(packet, 0, length, address, nowNs); // decrypts in place
            any = true;
        }
        return any;
    }
    // example
}
