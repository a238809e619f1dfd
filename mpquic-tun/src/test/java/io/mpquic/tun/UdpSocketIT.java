package io.mpquic.tun;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.tun.UdpSocket.Outcome;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a UDP socket does with devices: bound to one, beside a TUN device, where links differ. */
@Timeout(60)
class UdpSocketIT {
    private static final long SECOND_NS = 1_000_000_000;
    private static final byte[] LINK_LOCAL = HexFormat.of().parseHex("fe80000000000000000000000000000b");

    private final MemorySegment buffer = Arena.ofAuto().allocate(70_000);
    private NetworkNamespace namespace;

    @BeforeAll
    static void whereItIsAllowed() {
        NetworkNamespace.assumeAllowed();
    }

    @BeforeEach
    void makeNamespace() throws Exception {
        namespace = NetworkNamespace.create("udp");
    }

    @AfterEach
    void deleteNamespace() throws Exception {
        namespace.close();
    }

    private UdpSocket open(InetAddress address, int port, String device) throws Exception {
        return namespace.call(() -> UdpSocket.open(new UdpSocket.Options(address, port, device, true, true)));
    }

    @Test
    void aWakeupOfTheWatchedDeviceEndsOneWait() throws Exception {
        try (LinuxTun tun = namespace.call(() -> LinuxTun.open("mpq1", OpenOptions.createWhenAbsent()));
                UdpSocket socket = open(null, 0, null)) {
            socket.watch(tun);
            tun.wakeup();
            socket.await(-1);
            long startNs = System.nanoTime();
            socket.await(30_000_000);
            // A new interface gets a few packets of the host's own, at the most.
            assertTrue(System.nanoTime() - startNs >= 30_000_000 || tun.read(buffer, 0, 2048) > 0);
        }
    }

    @Test
    void socketsOfTwoDevicesHaveOnePort() throws Exception {
        namespace.run("ip", "link", "add", "one", "type", "veth", "peer", "name", "two");
        try (UdpSocket one = open(null, 4433, "one");
                UdpSocket two = open(null, 4433, "two")) {
            assertEquals(4433, one.localAddress().getPort());
            assertEquals(4433, two.localAddress().getPort());
            assertThrows(ErrnoException.class, () -> open(null, 4433, "two"));
        }
    }

    @Test
    void theShorterOneBehindDatagramsThatAreTooLargeArrives() throws Exception {
        namespace.run("ip", "link", "set", "lo", "mtu", "1500");
        InetAddress loopback = InetAddress.getByName("127.0.0.1");
        try (UdpSocket one = open(loopback, 0, null);
                UdpSocket other = open(loopback, 0, null)) {
            one.probePathMtu();
            assertEquals(Outcome.TOO_LARGE, one.send(buffer, 0, 3 * 1600 + 99, 1600, other.localAddress(), 0));
            assertTrue(one.hasSegmentation());
            other.await(SECOND_NS);
            assertEquals(99, other.receive(buffer, 0, 70_000));
            assertEquals(-1, other.receive(buffer, 0, 70_000));
        }
    }

    @Test
    void linkLocalAddressesOfTwoLinksAreKeptApart() throws Exception {
        try (UdpSocket far0 = linkLocal(0);
                UdpSocket far1 = linkLocal(1);
                UdpSocket near = open(null, 0, null)) {
            UdpSocket[] far = {far0, far1};
            for (int link : new int[] {0, 1, 1, 0}) {
                InetSocketAddress to = new InetSocketAddress(scoped(namespace, "a" + link), 4433);
                assertEquals(Outcome.TAKEN, near.send(buffer, 0, 40 + link, 40 + link, to, 0));
                far[link].await(5 * SECOND_NS);
                assertEquals(40 + link, far[link].receive(buffer, 0, 70_000));
                assertEquals(-1, far[1 - link].receive(buffer, 0, 70_000));
            }
        }
    }

    /** A link with one link-local address at its far end, and a socket there. */
    private UdpSocket linkLocal(int link) throws Exception {
        String near = "a" + link;
        String far = "b" + link;
        namespace.run("ip", "link", "add", near, "type", "veth", "peer", "name", far);
        namespace.run("ip", "link", "set", near, "up");
        namespace.run("ip", "link", "set", far, "up");
        namespace.run("ip", "address", "add", "fe80::b/64", "dev", far, "nodad");
        namespace.run("ip", "address", "add", "fe80::a/64", "dev", near, "nodad");
        return open(scoped(namespace, far), 4433, far);
    }

    private static InetAddress scoped(NetworkNamespace namespace, String device) throws Exception {
        String shown = namespace.run("ip", "-o", "link", "show", device);
        return Inet6Address.getByAddress(null, LINK_LOCAL, Integer.parseInt(shown.substring(0, shown.indexOf(':'))));
    }
}
