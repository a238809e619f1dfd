package io.mpquic.quic.interop;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;

/**
 * Stands between a client and its server and holds the server's first datagram back for a moment; all others pass at
 * once.
 *
 * <p>Kwik's client needs that: it notes down what it has offered only after its first datagram is on the way. On
 * loopback our server answers within that time, and then Kwik acknowledges the ServerHello, cannot make sense of it, and
 * waits for ever. No network is as fast as that.
 *
 * <p>It ends by itself when nothing has come for a while: the last datagram is the one that closes the connection, and
 * must still pass.
 */
final class SlowFirstAnswer {
    private static final Duration DELAY = Duration.ofMillis(200);
    private static final int QUIET_MS = 10_000;
    private static final int LARGEST_DATAGRAM_BYTES = 65_535;

    private final DatagramSocket towardsClient;
    private final DatagramSocket towardsServer;
    private volatile SocketAddress client;

    SlowFirstAnswer(InetSocketAddress server) throws IOException {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        towardsClient = new DatagramSocket(0, loopback);
        towardsServer = new DatagramSocket(0, loopback);
        towardsServer.connect(server);
        towardsClient.setSoTimeout(QUIET_MS);
        towardsServer.setSoTimeout(QUIET_MS);
        Thread.ofVirtual().start(() -> pass(towardsClient, true));
        Thread.ofVirtual().start(() -> pass(towardsServer, false));
    }

    /** Where the client is to connect to. */
    int port() {
        return towardsClient.getLocalPort();
    }

    private void pass(DatagramSocket from, boolean toServer) {
        byte[] buffer = new byte[LARGEST_DATAGRAM_BYTES];
        try (from) {
            for (boolean first = true; true; first = false) {
                DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
                from.receive(packet);
                if (toServer) {
                    client = packet.getSocketAddress();
                    towardsServer.send(new DatagramPacket(buffer, packet.getLength()));
                } else {
                    if (first) {
                        Thread.sleep(DELAY); // the delay is what this class is for
                    }
                    towardsClient.send(new DatagramPacket(buffer, packet.getLength(), client));
                }
            }
        } catch (IOException over) {
            // Nothing came for a while, or the other direction has ended for that reason.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
