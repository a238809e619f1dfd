package io.mpquic.tun;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Packets through a TUN interface, and what opening one leaves as it was. */
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LinuxTunIT {
    private static final String HOST = "10.200.1.1";
    private static final String PEER = "10.200.1.2";
    private static final Cidr HOST_CIDR = Cidr.parse(HOST + "/30");
    private static final int PORT = 4_000;
    private static final long FOREVER = -1;
    private static final String GREETING = "is anyone there?";
    private static final long GREETING_INTERVAL_NS = 10_000_000;

    private final MemorySegment buffer = Arena.ofAuto().allocate(2048);
    private NetworkNamespace namespace;

    @BeforeAll
    static void whereItIsAllowed() {
        NetworkNamespace.assumeAllowed();
    }

    @BeforeEach
    void makeNamespace() throws Exception {
        namespace = NetworkNamespace.create("tun");
    }

    @AfterEach
    void deleteNamespace() throws Exception {
        namespace.close();
    }

    @Test
    void anAbsentInterfaceIsMadeWithItsAddressesAndItsMtuAndBroughtUp() throws Exception {
        try (LinuxTun tun =
                create(OpenOptions.createWhenAbsent().address(HOST_CIDR).address(Cidr.parse("fd00:1::1/64")))) {
            InterfaceState state =
                    namespace.call(() -> NetworkInterfaces.find("mpq1")).orElseThrow();
            String addresses = namespace.run("ip", "address", "show", "dev", "mpq1");

            assertEquals("mpq1", tun.name());
            assertEquals(1300, tun.mtu());
            assertTrue(state.up() && state.carrier());
            assertTrue(addresses.contains("inet 10.200.1.1/30 "), addresses);
            assertTrue(addresses.contains("inet6 fd00:1::1/64 "), addresses);
            assertTrue(namespace.run("ip", "route").contains("10.200.1.0/30 dev mpq1"));
        }
        assertFalse(namespace.call(() -> NetworkInterfaces.exists("mpq1")));
    }

    @Test
    void attachingLeavesAPersistentInterfaceAsItWas() throws Exception {
        makePersistent();
        namespace.run("ip", "link", "set", "mpq1", "mtu", "1337", "txqueuelen", "77");
        String before = describe();

        // Options for a new interface do not apply to one that is there.
        try (LinuxTun tun = create(OpenOptions.createWhenAbsent()
                .address(Cidr.parse("10.9.9.9/24"))
                .mtuBytes(1400))) {
            assertEquals(1337, tun.mtu());
            String addresses = namespace.run("ip", "-4", "-oneline", "address", "show", "dev", "mpq1");
            assertTrue(addresses.contains("inet 10.200.1.1/30 "), addresses);
            assertFalse(addresses.contains("10.9.9.9"), addresses);
        }

        assertEquals(before, describe());
    }

    @Test
    void aPersistentInterfaceCanBeOpenedAgainAndAgain() throws Exception {
        makePersistent();
        for (int i = 0; i < 3; i++) {
            try (LinuxTun tun = attachAndAwaitPackets()) {
                hostSends("packet " + i);
                assertEquals("packet " + i, readUdp(tun).udpPayload());
            }
        }
    }

    @Test
    void aMultiQueueInterfaceIsAttachedWithOneQueueThatSeesEveryFlow() throws Exception {
        namespace.run("ip", "tuntap", "add", "dev", "mpq1", "mode", "tun", "multi_queue");
        namespace.run("ip", "address", "add", HOST_CIDR.toString(), "dev", "mpq1");
        namespace.run("ip", "link", "set", "mpq1", "up");

        try (LinuxTun tun = attachAndAwaitPackets()) {
            for (int flow = 0; flow < 20; flow++) {
                hostSends("flow " + flow);
                assertEquals("flow " + flow, readUdp(tun).udpPayload());
            }
        }
    }

    @Test
    void anInterfaceOfAnotherProgramThatUsedOffloadsIsPlainAgain() throws Exception {
        makePersistent();
        namespace.call(() -> TunOffloads.leaveOn("mpq1"));

        try (LinuxTun tun = attachAndAwaitPackets()) {
            hostSends("whole, with its checksum");
            Ipv4Packet packet = readUdp(tun);

            assertEquals("whole, with its checksum", packet.udpPayload());
            assertTrue(packet.isUdpChecksumRight());
        }
    }

    @Test
    void packetsGoBothWaysAtAnyOffset() throws Exception {
        try (LinuxTun tun = create(OpenOptions.createWhenAbsent().address(HOST_CIDR));
                DatagramChannel host = hostChannel()) {
            hostSends("outwards");
            assertEquals("outwards", readUdp(tun).udpPayload());

            MemorySegment inwards = Ipv4Packet.udp(PEER, HOST, PORT, "inwards").segment();
            MemorySegment.copy(inwards, 0, buffer, 100, inwards.byteSize());
            assertTrue(tun.write(buffer, 100, (int) inwards.byteSize()));

            ByteBuffer received = ByteBuffer.allocate(100);
            assertEquals(new InetSocketAddress(InetAddress.getByName(PEER), PORT), host.receive(received));
            assertEquals(
                    "inwards", StandardCharsets.UTF_8.decode(received.flip()).toString());
        }
    }

    @Test
    void theHostCanPingThroughTheDevice() throws Exception {
        try (LinuxTun tun = create(OpenOptions.createWhenAbsent().address(HOST_CIDR))) {
            Process ping = namespace.start("ping", "-c", "3", "-i", "0.1", "-W", "10", PEER);
            for (int answered = 0; answered < 3; ) {
                Ipv4Packet packet = read(tun);
                if (packet.isEchoRequest()) {
                    packet.turnIntoEchoReply();
                    assertTrue(tun.write(
                            packet.segment(), 0, (int) packet.segment().byteSize()));
                    answered++;
                }
            }
            String output = new String(ping.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

            assertEquals(0, ping.waitFor(), output);
            assertTrue(output.contains("3 received"), output);
        }
    }

    @Test
    void aPacketLongerThanTheBufferIsCut() throws Exception {
        try (LinuxTun tun = create(OpenOptions.createWhenAbsent().address(HOST_CIDR))) {
            hostSends("only the first bytes are wanted");
            buffer.fill((byte) 0x55);
            tun.await(FOREVER);

            assertEquals(16, tun.read(buffer, 8, 16));
            assertArrayEquals(new byte[] {0x55, 0x55}, buffer.asSlice(24, 2).toArray(ValueLayout.JAVA_BYTE));
        }
    }

    @Test
    void anInterfaceThatIsDownRefusesPacketsUntilItIsUp() throws Exception {
        makePersistent();
        namespace.run("ip", "link", "set", "mpq1", "down");
        MemorySegment packet = Ipv4Packet.udp(PEER, HOST, PORT, "now").segment();

        try (LinuxTun tun = attach();
                DatagramChannel host = hostChannel(PORT, "0.0.0.0")) {
            assertFalse(tun.write(packet, 0, (int) packet.byteSize()));
            assertEquals(0, tun.read(buffer, 0, 2048));
            long beginNs = System.nanoTime();
            tun.await(5_000_000);
            assertTrue(System.nanoTime() - beginNs >= 5_000_000);
            assertFalse(namespace
                    .call(() -> NetworkInterfaces.find("mpq1"))
                    .orElseThrow()
                    .up());

            namespace.run("ip", "link", "set", "mpq1", "up");
            assertTrue(tun.write(packet, 0, (int) packet.byteSize()));
            assertEquals(
                    new InetSocketAddress(InetAddress.getByName(PEER), PORT), host.receive(ByteBuffer.allocate(100)));
        }
    }

    @Test
    void whatIsNoIpPacketIsRefusedAndTheDeviceGoesOn() throws Exception {
        try (LinuxTun tun = create(OpenOptions.createWhenAbsent().address(HOST_CIDR))) {
            buffer.fill((byte) 0xff);
            assertFalse(tun.write(buffer, 0, 100));

            hostSends("still here");
            assertEquals("still here", readUdp(tun).udpPayload());
        }
    }

    @Test
    void theMtuIsTheOneInForceAlsoUnderAnotherName() throws Exception {
        makePersistent();
        try (LinuxTun tun = attach()) {
            namespace.run("ip", "link", "set", "mpq1", "mtu", "1280");
            assertEquals(1280, tun.mtu());

            namespace.run("ip", "link", "set", "mpq1", "down");
            namespace.run("ip", "link", "set", "mpq1", "name", "renamed", "mtu", "1400");
            assertEquals(1400, tun.mtu());
        }
    }

    @Test
    void compiledReadsAndWritesAllocateNothing() throws Exception {
        MemorySegment packet = Ipv4Packet.udp(PEER, HOST, PORT, "x").segment();
        try (LinuxTun tun = create(OpenOptions.createWhenAbsent().address(HOST_CIDR));
                DatagramChannel host = hostChannel()) {
            assertTrue(host.isOpen());
            com.sun.management.ThreadMXBean threads =
                    (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
            // The compiler works in the background: measure until it is done with this.
            long leastBytes = Long.MAX_VALUE;
            for (int round = 0; round < 100 && leastBytes > 1_000; round++) {
                long before = threads.getCurrentThreadAllocatedBytes();
                for (int i = 0; i < 5_000; i++) {
                    tun.write(packet, 0, (int) packet.byteSize());
                    tun.read(buffer, 0, 2048);
                }
                leastBytes = Math.min(leastBytes, threads.getCurrentThreadAllocatedBytes() - before);
            }

            assertTrue(leastBytes <= 1_000, leastBytes + " bytes for 10,000 calls");
        }
    }

    /** Whether the devices have an offload, which is not used here. */
    boolean offload() {
        return true;
    }

    private LinuxTun create(OpenOptions.CreateWhenAbsent options) throws Exception {
        return namespace.call(() -> LinuxTun.open("mpq1", options.offload(offload())));
    }

    private LinuxTun attach() throws Exception {
        return namespace.call(
                () -> LinuxTun.open("mpq1", OpenOptions.attachOnly().offload(offload())));
    }

    /** As {@link #attach}, and then waits until the kernel has noticed, and lets packets through. */
    private LinuxTun attachAndAwaitPackets() throws Exception {
        LinuxTun tun = attach();
        do {
            hostSends(GREETING);
            tun.await(GREETING_INTERVAL_NS);
        } while (tun.read(buffer, 0, 1500) == 0);
        return tun;
    }

    private void makePersistent() throws Exception {
        namespace.run("ip", "tuntap", "add", "dev", "mpq1", "mode", "tun");
        namespace.run("ip", "address", "add", HOST_CIDR.toString(), "dev", "mpq1");
        namespace.run("ip", "link", "set", "mpq1", "up");
    }

    /**
     * What ip shows of the interface, without what follows from a program being attached: the carrier, the way a
     * link-local address would be made up, and whether the last program wanted virtio headers.
     */
    private String describe() throws Exception {
        return (namespace.run("ip", "-details", "-oneline", "link", "show", "dev", "mpq1")
                        + namespace.run("ip", "-4", "-oneline", "address", "show", "dev", "mpq1"))
                .replaceAll("NO-CARRIER,|,LOWER_UP| qdisc [^ ]+| state [^ ]+| addrgenmode [^ ]+| vnet_hdr [^ ]+", "");
    }

    private DatagramChannel hostChannel() throws Exception {
        return hostChannel(PORT, HOST);
    }

    private DatagramChannel hostChannel(int port, String address) throws Exception {
        return namespace.call(
                () -> DatagramChannel.open().bind(new InetSocketAddress(InetAddress.getByName(address), port)));
    }

    private void hostSends(String text) throws Exception {
        try (DatagramChannel host = hostChannel(0, HOST)) {
            host.send(
                    ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)),
                    new InetSocketAddress(InetAddress.getByName(PEER), PORT));
        }
    }

    private Ipv4Packet readUdp(LinuxTun tun) throws IOException {
        Ipv4Packet packet = read(tun);
        while (!packet.isOf(Ipv4Packet.UDP) || packet.udpPayload().equals(GREETING)) {
            packet = read(tun);
        }
        return packet;
    }

    private Ipv4Packet read(LinuxTun tun) throws IOException {
        int length = tun.read(buffer, 64, 1500);
        while (length == 0) {
            tun.await(FOREVER);
            length = tun.read(buffer, 64, 1500);
        }
        return Ipv4Packet.of(buffer.asSlice(64, length));
    }
}
