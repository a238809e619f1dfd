package io.mpquic.dataplane;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.crypto.CryptoProvider;
import io.mpquic.quic.tls.Identity;
import io.mpquic.quic.tls.TlsClientConfig;
import io.mpquic.quic.tls.TlsServerConfig;
import io.mpquic.tun.Cidr;
import io.mpquic.tun.LinuxTun;
import io.mpquic.tun.OpenOptions;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A tunnel between two hosts carries the same whatever it has to do without. */
@Timeout(60)
class PacketPathIT {
    private static final String ALPN = "mpquic-test";
    private static final int PORT = 4433;
    private static final int BULK_BYTES = 6_000_000;
    private static final int DATAGRAMS = 2_000;
    private static final int BURST = 50;

    private static NamespaceThread near;
    private static NamespaceThread far;

    /** What a tunnel is to do without. */
    private record Path(boolean libcrypto, UdpOptions udp, boolean tunOffload) {
        CryptoProvider crypto() {
            return libcrypto ? CryptoProvider.fastest() : CryptoProvider.jdk();
        }

        TunSource tun(String address) {
            return () -> LinuxTun.open(
                    "tun0",
                    OpenOptions.createWhenAbsent().address(Cidr.parse(address)).offload(tunOffload));
        }
    }

    @BeforeAll
    static void makeHosts() throws Exception {
        near = new NamespaceThread();
        far = new NamespaceThread();
        near.run("ip", "link", "add", "wan", "type", "veth", "peer", "name", "wan", "netns", far.name());
        near.run("ip", "address", "add", "10.1.0.1/24", "dev", "wan");
        far.run("ip", "address", "add", "10.1.0.2/24", "dev", "wan");
        near.run("ip", "link", "set", "wan", "up");
        far.run("ip", "link", "set", "wan", "up");
    }

    @AfterAll
    static void removeHosts() throws Exception {
        if (near != null) {
            near.close();
        }
        if (far != null) {
            far.close();
        }
    }

    @ParameterizedTest(name = "libcrypto {0}, Linux socket {1}, GSO {2}, GRO {3}, TUN offload {4}")
    @CsvSource({
        "true,  true,  true,  true,  true",
        "false, true,  true,  true,  true",
        "true,  false, false, false, true",
        "true,  true,  false, true,  true",
        "true,  true,  true,  false, true",
        "true,  true,  true,  true,  false",
        "false, false, false, false, false"
    })
    void bulkAndDatagramsArriveAsTheyWere(boolean libcrypto, boolean socket, boolean gso, boolean gro, boolean offload)
            throws Exception {
        Path path = new Path(libcrypto, new UdpOptions(socket, gso, gro), offload);
        try (Tunnel server = far.call(() -> start(server(), path, "10.9.0.2/24"));
                Tunnel client = near.call(() -> start(client(), path, "10.9.0.1/24"))) {
            assertTrue(client.awaitUp(Duration.ofSeconds(20)), "no session");
            assertPath(path, client);
            assertPath(path, server);
            bulk(near, far, "10.9.0.2");
            bulk(far, near, "10.9.0.1");
            datagrams(near, far, "10.9.0.2");
            datagrams(far, near, "10.9.0.1");
        }
    }

    private static Tunnel start(TunnelBuilder builder, Path path, String address) throws Exception {
        Tunnel tunnel = builder.crypto(path.crypto())
                .udp(path.udp())
                .tun(path.tun(address))
                .build();
        tunnel.start();
        return tunnel;
    }

    private static TunnelBuilder server() throws Exception {
        return Tunnel.server(PORT)
                .name("far")
                .serverTls(TlsServerConfig.builder()
                        .alpn(ALPN)
                        .identity(Identity.selfSigned("localhost"))
                        .build());
    }

    private static TunnelBuilder client() {
        return Tunnel.client("10.1.0.2", PORT)
                .name("near")
                .clientTls(TlsClientConfig.builder()
                        .alpn(ALPN)
                        .serverName("localhost")
                        .insecure()
                        .build());
    }

    /** What was forced is what is used; what was not may be missing on this machine. */
    private static void assertPath(Path wanted, Tunnel tunnel) {
        PacketPath used = tunnel.statistics().packetPath();
        assertNotNull(used);
        assertEquals(wanted.crypto().name(), used.crypto());
        assertEquals(wanted.udp().linuxSocket(), used.linuxSocket());
        assertTrue(wanted.udp().segmentation() || !used.udpSegmentation());
        assertTrue(wanted.udp().coalescing() || !used.udpCoalescing());
        assertTrue(wanted.tunOffload() || !used.tunOffload());
    }

    /** TCP: what was sent has the hash of what came. */
    private static void bulk(NamespaceThread from, NamespaceThread to, String address) throws Exception {
        byte[] sent = new byte[BULK_BYTES];
        new SplittableRandom(5).nextBytes(sent);
        try (ServerSocket listener = to.call(() -> new ServerSocket(7000, 1, InetAddress.getByName(address)));
                Socket out = from.call(() -> connect(address))) {
            CompletableFuture<byte[]> hash = CompletableFuture.supplyAsync(() -> hashOfAll(listener));
            out.getOutputStream().write(sent);
            out.shutdownOutput();
            byte[] answer = new DataInputStream(out.getInputStream()).readNBytes(32);
            assertArrayEquals(MessageDigest.getInstance("SHA-256").digest(sent), answer);
            assertArrayEquals(answer, hash.get());
        }
    }

    private static Socket connect(String address) throws IOException {
        Socket socket = new Socket();
        socket.connect(new InetSocketAddress(address, 7000), 10_000);
        socket.setSoTimeout(30_000);
        return socket;
    }

    private static byte[] hashOfAll(ServerSocket listener) {
        try (Socket in = listener.accept()) {
            byte[] hash = MessageDigest.getInstance("SHA-256")
                    .digest(in.getInputStream().readAllBytes());
            new DataOutputStream(in.getOutputStream()).write(hash);
            return hash;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** UDP: datagrams of changing sizes come whole and in the order in which they were sent. */
    private static void datagrams(NamespaceThread from, NamespaceThread to, String address) throws Exception {
        InetSocketAddress target = new InetSocketAddress(address, 7001);
        try (DatagramSocket in = to.call(() -> new DatagramSocket(target));
                DatagramSocket out = from.call(() -> new DatagramSocket())) {
            in.setReceiveBufferSize(4 << 20);
            in.setSoTimeout(500);
            CompletableFuture<List<Integer>> arrived = CompletableFuture.supplyAsync(() -> numbers(in));
            for (int i = 0; i < DATAGRAMS; i++) {
                byte[] payload = new byte[lengthOf(i)];
                ByteBuffer.wrap(payload).putInt(0, i).putInt(payload.length - 4, ~i);
                out.send(new DatagramPacket(payload, payload.length, target));
                if (i % BURST == BURST - 1) {
                    // The host drops what it has no room for: it is order that is asked for here.
                    LockSupport.parkNanos(1_000_000);
                }
            }
            List<Integer> came = arrived.get();
            for (int i = 1; i < came.size(); i++) {
                assertTrue(came.get(i - 1) < came.get(i), came.get(i - 1) + " came before " + came.get(i));
            }
            assertTrue(came.size() > DATAGRAMS / 2, came.size() + " came");
        }
    }

    /** Mostly of one size, as a bulk sender's are, and some that are not. */
    private static int lengthOf(int number) {
        return number % 7 == 3 ? 8 + number % 1000 : 1200;
    }

    private static List<Integer> numbers(DatagramSocket in) {
        List<Integer> numbers = new ArrayList<>();
        DatagramPacket packet = new DatagramPacket(new byte[2048], 2048);
        try {
            while (numbers.size() < DATAGRAMS) {
                in.receive(packet);
                ByteBuffer payload = ByteBuffer.wrap(packet.getData(), 0, packet.getLength());
                int number = payload.getInt(0);
                assertEquals(lengthOf(number), packet.getLength());
                assertEquals(~number, payload.getInt(packet.getLength() - 4));
                numbers.add(number);
            }
        } catch (SocketTimeoutException over) {
            // The last ones were lost.
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return numbers;
    }
}
