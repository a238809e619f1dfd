package io.mpquic.tun;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A host with two WANs. The server's address exists behind both, so the one that answers shows the way a packet took.
 *
 * <pre>
 *   host  wan1 10.1.1.1 ---- 10.1.1.2 first   192.0.2.1     the preferred route
 *         wan2 10.1.2.1 ---- 10.1.2.2 second  192.0.2.1
 * </pre>
 */
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SocketOptionsIT {
    private static final String SERVER = "192.0.2.1";
    private static final int PORT = 4433;
    private static final int PACKETS = 20;

    private NetworkNamespace host;
    private NetworkNamespace first;
    private NetworkNamespace second;

    @BeforeAll
    static void whereItIsAllowed() {
        NetworkNamespace.assumeAllowed();
    }

    @BeforeEach
    void makeTwoWans() throws Exception {
        host = NetworkNamespace.create("sock");
        first = NetworkNamespace.create("sock");
        second = NetworkNamespace.create("sock");
        connect("1", first);
        connect("2", second);
    }

    private void connect(String number, NetworkNamespace server) throws Exception {
        host.connect("wan" + number, server, "eth0");
        host.run("ip", "address", "add", "10.1." + number + ".1/24", "dev", "wan" + number);
        server.run("ip", "address", "add", "10.1." + number + ".2/24", "dev", "eth0");
        server.run("ip", "address", "add", SERVER + "/32", "dev", "lo");
        server.run("ip", "route", "add", "default", "via", "10.1." + number + ".1");
        host.run("ip", "route", "add", SERVER, "via", "10.1." + number + ".2", "metric", number);
    }

    @AfterEach
    void deleteNamespaces() throws Exception {
        host.close();
        first.close();
        second.close();
    }

    @Test
    void aChannelBoundToADeviceSendsThroughItOnlyWhateverTheRoutes() throws Exception {
        try (DatagramChannel client = bound(host, "0.0.0.0", 0);
                DatagramChannel behindFirst = bound(first, SERVER, PORT);
                DatagramChannel behindSecond = bound(second, SERVER, PORT)) {
            SocketOptions.bindToDevice(client, "wan2");

            sendAll(client);
            receiveAll(behindSecond, "10.1.2.1");
            behindFirst.configureBlocking(false);
            assertNull(behindFirst.receive(ByteBuffer.allocate(100)));
        }
    }

    @Test
    void aChannelBoundToAnAddressOnlyTakesThePreferredRoute() throws Exception {
        try (DatagramChannel client = bound(host, "10.1.2.1", 0);
                DatagramChannel behindFirst = bound(first, SERVER, PORT)) {
            sendAll(client);

            receiveAll(behindFirst, "10.1.2.1");
        }
    }

    @Test
    void aChannelBoundToADeviceReceivesAnswersOnIt() throws Exception {
        try (DatagramChannel client = bound(host, "0.0.0.0", 0);
                DatagramChannel behindSecond = bound(second, SERVER, PORT)) {
            SocketOptions.bindToDevice(client, "wan2");
            sendAll(client);
            receiveAll(behindSecond, "10.1.2.1");

            InetSocketAddress local = (InetSocketAddress) client.getLocalAddress();
            behindSecond.send(
                    ByteBuffer.allocate(7), new InetSocketAddress(InetAddress.getByName("10.1.2.1"), local.getPort()));
            assertEquals(
                    new InetSocketAddress(InetAddress.getByName(SERVER), PORT),
                    client.receive(ByteBuffer.allocate(100)));
        }
    }

    @Test
    void theSamePortInAnotherNamespaceIsNotMistakenForTheChannel() throws Exception {
        try (DatagramChannel other = bound(second, "0.0.0.0", PORT);
                DatagramChannel client = bound(host, "0.0.0.0", PORT)) {
            SocketOptions.bindToDevice(client, "wan1");

            // Only the host's namespace has an interface of this name.
            assertThrows(ErrnoException.class, () -> SocketOptions.bindToDevice(other, "wan1"));
        }
    }

    @Test
    void bindingAgainNeedsTheCapabilityThatTheMessageNames() throws Exception {
        String output = host.run(UnprivilegedProgram.withoutCapabilities("bind-twice", "lo"));

        assertTrue(output.contains("bound once\nlo: setsockopt SO_BINDTODEVICE failed: EPERM"), output);
        assertTrue(output.contains("lacks CAP_NET_RAW"), output);
    }

    @Test
    void buffersGrowBeyondTheLimitWithTheCapabilityAndToTheLimitWithout() throws Exception {
        int wanted = 64 << 20;
        try (DatagramChannel client = bound(host, "0.0.0.0", 0)) {
            assertEquals(
                    new SocketOptions.BufferSizes(wanted, wanted), SocketOptions.bufferSizes(client, wanted, wanted));
        }

        String output = host.run(UnprivilegedProgram.withoutCapabilities("buffers", "lo"));
        assertTrue(output.matches("BufferSizes\\[receiveBytes=[0-9]+, sendBytes=[0-9]+]\n"), output);
        assertTrue(!output.contains(Integer.toString(1 << 30)), output);
    }

    @Test
    void aProbeLargerThanTheLinkIsRefusedAndNotFragmented() throws Exception {
        try (DatagramChannel client = bound(host, "0.0.0.0", 0);
                DatagramChannel behindFirst = bound(first, SERVER, PORT)) {
            InetSocketAddress server = new InetSocketAddress(InetAddress.getByName(SERVER), PORT);
            assertEquals(1600, client.send(ByteBuffer.allocate(1600), server));
            ByteBuffer received = ByteBuffer.allocate(2000);
            behindFirst.receive(received);
            assertEquals(1600, received.position());

            SocketOptions.probePathMtu(client);
            IOException e = assertThrows(IOException.class, () -> client.send(ByteBuffer.allocate(1600), server));
            assertTrue(e.getMessage().contains("too long"), e.getMessage());
            assertEquals(1472, client.send(ByteBuffer.allocate(1472), server));
        }
    }

    private static void sendAll(DatagramChannel client) throws Exception {
        InetSocketAddress server = new InetSocketAddress(InetAddress.getByName(SERVER), PORT);
        for (int i = 0; i < PACKETS; i++) {
            client.send(ByteBuffer.allocate(100), server);
        }
    }

    private static void receiveAll(DatagramChannel server, String from) throws Exception {
        for (int i = 0; i < PACKETS; i++) {
            InetSocketAddress sender = (InetSocketAddress) server.receive(ByteBuffer.allocate(100));
            assertEquals(InetAddress.getByName(from), sender.getAddress());
        }
    }

    private static DatagramChannel bound(NetworkNamespace where, String address, int port) throws Exception {
        return where.call(
                () -> DatagramChannel.open().bind(new InetSocketAddress(InetAddress.getByName(address), port)));
    }
}
