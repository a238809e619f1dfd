package io.mpquic.dataplane.agent;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.mpquic.dataplane.Bind;
import io.mpquic.dataplane.UdpOptions;
import io.mpquic.quic.connection.ConnectionTrace;
import io.mpquic.quic.connection.TransportSettings;
import io.mpquic.quic.crypto.CryptoProvider;
import io.mpquic.quic.tls.Identity;
import io.mpquic.quic.tls.TlsServerConfig;
import io.mpquic.tun.MemoryTun;
import io.mpquic.tun.TunDevice;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LinkTest {
    private static final int TOKEN_BYTES = 16;
    private static final int PATIENCE_MS = 10_000;
    private static final InetAddress HERE = InetAddress.getLoopbackAddress();

    private final Settings.Server role = new Settings.Server(
            0,
            TlsServerConfig.builder()
                    .alpn("test")
                    .identity(Identity.selfSigned("test"))
                    .build(),
            new byte[32]);
    private final Settings settings = new Settings(
            "test",
            role,
            Bind.address(HERE),
            () -> {
                throw new IOException("no device is needed");
            },
            false,
            TransportSettings.defaults(),
            UdpOptions.fastest(),
            CryptoProvider.jdk(),
            new SplittableRandom(1),
            4,
            1,
            1,
            false,
            device -> {
                throw new IOException("no news is needed");
            },
            ConnectionTrace.Factory.NONE);

    private Link open(int port) throws IOException {
        TunDevice tun = new MemoryTun("test", 1500, 4);
        return Link.server(settings, role, port, tun, () -> {}, (connection, buffer, offset, length) -> {});
    }

    /** The token by which a socket resets a connection that it does not know; the ID is the same each time. */
    private static byte[] tokenOf(Link link) throws IOException {
        try (DatagramSocket stranger = new DatagramSocket(0, HERE)) {
            stranger.setSoTimeout(PATIENCE_MS);
            byte[] packet = new byte[60];
            packet[0] = 0x40;
            stranger.send(new DatagramPacket(
                    packet, packet.length, HERE, link.localAddress().getPort()));
            long deadlineNs = System.nanoTime() + PATIENCE_MS * 1_000_000L;
            while (link.endpoint().packetsUnroutable() == 0 && System.nanoTime() < deadlineNs) {
                link.driver().await(PATIENCE_MS * 1_000_000L, System.nanoTime());
                link.driver().turn(System.nanoTime());
            }
            DatagramPacket answer = new DatagramPacket(new byte[100], 100);
            stranger.receive(answer);
            assertEquals(42, answer.getLength());
            return Arrays.copyOfRange(answer.getData(), 42 - TOKEN_BYTES, 42);
        }
    }

    @Test
    void aPacketOfOneServersSessionDoesNotMakeAnotherServerTellTheTokenThatEndsIt() throws IOException {
        try (Link one = open(0);
                Link other = open(0)) {
            assertFalse(Arrays.equals(tokenOf(one), tokenOf(other)), "the same token at two ports");
        }
    }

    @Test
    void aServerThatWasRestartedStillKnowsItsTokens() throws IOException {
        int port;
        byte[] before;
        try (Link link = open(0)) {
            port = link.localAddress().getPort();
            before = tokenOf(link);
        }
        try (Link link = open(port)) {
            assertArrayEquals(before, tokenOf(link));
        }
    }
}
