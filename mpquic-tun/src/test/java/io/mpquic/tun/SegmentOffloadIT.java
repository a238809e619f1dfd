package io.mpquic.tun;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.tun.ffi.Syscalls;
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
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Super-packets through a TUN interface, and that nobody gets one who does not ask. */
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SegmentOffloadIT {
    private static final String HOST = "10.200.1.1";
    private static final String PEER = "10.200.1.2";
    private static final Cidr HOST_CIDR = Cidr.parse(HOST + "/30");
    private static final int PORT = 4_000;
    private static final int IP_AND_UDP_BYTES = 28;

    private final MemorySegment buffer = Arena.ofAuto().allocate(SegmentOffload.MAX_BYTES);
    private NetworkNamespace namespace;

    @BeforeAll
    static void whereItIsAllowed() {
        NetworkNamespace.assumeAllowed();
    }

    @BeforeEach
    void makeNamespace() throws Exception {
        namespace = NetworkNamespace.create("offload");
    }

    @AfterEach
    void deleteNamespace() throws Exception {
        namespace.close();
    }

    @Test
    void aDeviceHasAnOffloadUnlessItIsSwitchedOff() throws Exception {
        try (LinuxTun tun = open(create())) {
            assertNotNull(tun.offload());
        }
        try (LinuxTun tun = open(create().offload(false))) {
            assertNull(tun.offload());
        }
    }

    @Test
    void theHostHandsOutSuperPacketsOnceTheyAreAskedFor() throws Exception {
        try (LinuxTun tun = open(create());
                UdpSocket host = hostSocket()) {
            SegmentOffload offload = offloadWithUdp(tun);
            Assumptions.assumeTrue(host.hasSegmentation(), "needs UDP segmentation");
            sendBatch(host);
            for (int i = 0; i < 3; i++) {
                Ipv4Packet packet = Ipv4Packet.of(buffer.asSlice(0, readWholeUdp(tun)));
                assertEquals(Integer.toString(i).repeat(100), packet.udpPayload());
                assertTrue(packet.isUdpChecksumRight());
            }

            offload.switchOn();
            sendBatch(host);
            int length = readSuper(tun, offload);

            assertEquals(VirtioHeader.BYTES + IP_AND_UDP_BYTES + 300, length);
            assertEquals(VirtioHeader.GSO_UDP, VirtioHeader.gsoType(buffer, 0));
            assertEquals(VirtioHeader.NEEDS_CHECKSUM, VirtioHeader.flags(buffer, 0));
            assertEquals(100, VirtioHeader.segmentBytes(buffer, 0));
            assertEquals(20, VirtioHeader.checksumStart(buffer, 0));
            assertEquals(6, VirtioHeader.checksumOffset(buffer, 0));
            assertThrows(IllegalStateException.class, () -> tun.read(buffer, 0, 1500));
        }
    }

    @Test
    void theHostTakesSuperPacketsAndWholePacketsFromTheSameDevice() throws Exception {
        try (LinuxTun tun = open(create());
                DatagramChannel host = namespace.call(
                        () -> DatagramChannel.open().bind(new InetSocketAddress(InetAddress.getByName(HOST), PORT)))) {
            SegmentOffload offload = offloadWithUdp(tun);
            String text = "0".repeat(100) + "1".repeat(100) + "2".repeat(50);
            MemorySegment packet = Ipv4Packet.udp(PEER, HOST, PORT, text).segment();
            // The field holds the sum of the pseudo-header: two addresses, the protocol and the length.
            int pseudoHeader = 2 * 0x0ac8 + 2 * 0x0100 + 3 + 17 + 258;
            packet.set(ValueLayout.JAVA_SHORT_UNALIGNED, 26, Short.reverseBytes((short) pseudoHeader));
            MemorySegment header = Arena.ofAuto().allocate(VirtioHeader.BYTES);
            VirtioHeader.putSuperPacket(header, 0, VirtioHeader.GSO_UDP, IP_AND_UDP_BYTES, 100, 20, 6);
            IoVector vector = new IoVector(3);
            vector.add(header, 0, VirtioHeader.BYTES);
            vector.add(packet, 0, 100);
            vector.add(packet, 100, (int) packet.byteSize() - 100);

            assertTrue(offload.write(vector));
            MemorySegment whole = Ipv4Packet.udp(PEER, HOST, PORT, "whole").segment();
            assertTrue(tun.write(whole, 0, (int) whole.byteSize()));

            for (String expected : new String[] {"0".repeat(100), "1".repeat(100), "2".repeat(50), "whole"}) {
                ByteBuffer received = ByteBuffer.allocate(1000);
                host.receive(received);
                assertEquals(
                        expected, StandardCharsets.UTF_8.decode(received.flip()).toString());
            }
        }
    }

    @Test
    void aHeaderThatTheKernelDoesNotBelieveIsADropAndTheDeviceGoesOn() throws Exception {
        try (LinuxTun tun = open(create())) {
            SegmentOffload offload = tun.offload();
            assertNotNull(offload);
            VirtioHeader.putSuperPacket(buffer, 0, VirtioHeader.GSO_TCPV4, 5000, 100, 4000, 16);
            IoVector vector = new IoVector(1);
            vector.add(buffer, 0, 100);
            assertFalse(offload.write(vector));

            MemorySegment whole = Ipv4Packet.udp(PEER, HOST, PORT, "whole").segment();
            assertTrue(tun.write(whole, 0, (int) whole.byteSize()));
        }
    }

    @Test
    void aPersistentInterfaceIsPlainForWhoeverOpensItNext() throws Exception {
        namespace.run("ip", "tuntap", "add", "dev", "mpq1", "mode", "tun");
        namespace.run("ip", "address", "add", HOST_CIDR.toString(), "dev", "mpq1");
        namespace.run("ip", "link", "set", "mpq1", "up");
        for (int i = 0; i < 2; i++) {
            try (LinuxTun tun = open(OpenOptions.attachOnly())) {
                SegmentOffload offload = tun.offload();
                assertNotNull(offload);
                offload.switchOn();
            }
        }

        int fd = namespace.call(() -> TunOffloads.attachUnawares("mpq1"));
        try (UdpSocket host = hostSocket()) {
            int length;
            // The kernel needs a moment to notice that somebody has attached.
            do {
                sendBatch(host);
                LockSupport.parkNanos(10_000_000);
                length = Syscalls.read(fd, buffer, 0, 1500);
            } while (!isUdp(length));
            Ipv4Packet packet = Ipv4Packet.of(buffer.asSlice(0, length));
            assertEquals("0".repeat(100), packet.udpPayload());
            assertTrue(packet.isUdpChecksumRight());
        } finally {
            Syscalls.close(fd);
        }
    }

    @Test
    void aMultiQueueInterfaceHasAnOffloadToo() throws Exception {
        namespace.run("ip", "tuntap", "add", "dev", "mpq1", "mode", "tun", "multi_queue");
        try (LinuxTun tun = open(OpenOptions.attachOnly())) {
            assertNotNull(tun.offload());
        }
    }

    @Test
    void readingAndWritingSuperPacketsAllocatesNothing() throws Exception {
        try (LinuxTun tun = open(create())) {
            SegmentOffload offload = tun.offload();
            assertNotNull(offload);
            offload.switchOn();
            MemorySegment whole = Ipv4Packet.udp(PEER, HOST, PORT, "x").segment();
            MemorySegment header = Arena.ofAuto().allocate(VirtioHeader.BYTES);
            IoVector vector = new IoVector(2);
            com.sun.management.ThreadMXBean threads =
                    (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
            long leastBytes = Long.MAX_VALUE;
            for (int round = 0; round < 100 && leastBytes > 1_000; round++) {
                long before = threads.getCurrentThreadAllocatedBytes();
                for (int i = 0; i < 5_000; i++) {
                    vector.clear();
                    vector.add(header, 0, VirtioHeader.BYTES);
                    vector.add(whole, 0, (int) whole.byteSize());
                    offload.write(vector);
                    offload.read(buffer, 0, SegmentOffload.MAX_BYTES);
                }
                leastBytes = Math.min(leastBytes, threads.getCurrentThreadAllocatedBytes() - before);
            }

            assertTrue(leastBytes <= 1_000, leastBytes + " bytes for 10,000 calls");
        }
    }

    private static OpenOptions.CreateWhenAbsent create() {
        return OpenOptions.createWhenAbsent().address(HOST_CIDR);
    }

    private LinuxTun open(OpenOptions options) throws Exception {
        return namespace.call(() -> LinuxTun.open("mpq1", options));
    }

    private static SegmentOffload offloadWithUdp(LinuxTun tun) {
        SegmentOffload offload = tun.offload();
        assertNotNull(offload);
        Assumptions.assumeTrue(offload.segmentsUdp(), "needs Linux 6.2");
        return offload;
    }

    private UdpSocket hostSocket() throws Exception {
        return namespace.call(
                () -> UdpSocket.open(new UdpSocket.Options(InetAddress.getByName(HOST), 0, null, true, false)));
    }

    /** Three datagrams of a hundred bytes. */
    private static void sendBatch(UdpSocket host) throws Exception {
        MemorySegment batch = Arena.ofAuto().allocateFrom("0".repeat(100) + "1".repeat(100) + "2".repeat(100));
        assertEquals(
                UdpSocket.Outcome.TAKEN,
                host.send(batch, 0, 300, 100, new InetSocketAddress(InetAddress.getByName(PEER), PORT), 0));
    }

    private int readWholeUdp(LinuxTun tun) throws Exception {
        int length = tun.read(buffer, 0, 1500);
        while (!isUdp(length)) {
            tun.await(-1);
            length = tun.read(buffer, 0, 1500);
        }
        return length;
    }

    private boolean isUdp(int length) {
        return length > 0 && Ipv4Packet.of(buffer.asSlice(0, length)).isOf(Ipv4Packet.UDP);
    }

    private int readSuper(LinuxTun tun, SegmentOffload offload) throws Exception {
        int length = offload.read(buffer, 0, SegmentOffload.MAX_BYTES);
        while (length == 0
                || !Ipv4Packet.of(buffer.asSlice(VirtioHeader.BYTES, length - VirtioHeader.BYTES))
                        .isOf(Ipv4Packet.UDP)) {
            tun.await(-1);
            length = offload.read(buffer, 0, SegmentOffload.MAX_BYTES);
        }
        return length;
    }
}
