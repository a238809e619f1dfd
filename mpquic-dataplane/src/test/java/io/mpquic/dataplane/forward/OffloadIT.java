package io.mpquic.dataplane.forward;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.dataplane.NamespaceThread;
import io.mpquic.dataplane.Packets;
import io.mpquic.tun.Cidr;
import io.mpquic.tun.LinuxTun;
import io.mpquic.tun.OpenOptions;
import io.mpquic.tun.SegmentOffload;
import io.mpquic.tun.UdpSocket;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.Arrays;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The kernel gives super-packets and takes them: from a TUN device of one network namespace, through {@link Segmenter} and
 * {@link Coalescer}, to one of another.
 *
 * <pre>
 *   10.77.0.1  tun --super-packets--&gt; Segmenter --packets--&gt; Coalescer --super-packets--&gt; tun  10.77.0.2
 *   fd77::1        &lt;------------------------ and the other way round ------------------------      fd77::2
 * </pre>
 */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class OffloadIT {
    private static final int PORT = 4_000;
    private static final int MTU_BYTES = 1300;
    private static final int STREAM_BYTES = 8 << 20;

    private NamespaceThread left;
    private NamespaceThread right;

    @BeforeEach
    void makeNamespaces() throws Exception {
        left = new NamespaceThread();
        right = new NamespaceThread();
    }

    @AfterEach
    void deleteNamespaces() throws Exception {
        right.close();
        left.close();
    }

    private static LinuxTun open(NamespaceThread host, int number, boolean offload) throws Exception {
        LinuxTun tun = host.call(() -> LinuxTun.open(
                "tun0",
                OpenOptions.createWhenAbsent()
                        .mtuBytes(MTU_BYTES)
                        .address(Cidr.parse("10.77.0." + number + "/24"))
                        .offload(offload)));
        // Room for the whole stream in single packets: what TCP sends too fast for the reader is not dropped.
        host.run("ip", "link", "set", "tun0", "txqueuelen", Integer.toString(2 * STREAM_BYTES / MTU_BYTES));
        host.run("ip", "address", "add", "fd77::" + number + "/64", "dev", "tun0", "nodad");
        return tun;
    }

    /** A way between the two devices in both directions. */
    private final class Way implements AutoCloseable {
        final LinuxTun leftTun;
        final LinuxTun rightTun;
        final OffloadPump there;
        final OffloadPump back;

        Way(boolean offload) throws Exception {
            leftTun = open(left, 1, offload);
            rightTun = open(right, 2, offload);
            there = new OffloadPump(leftTun, rightTun);
            back = new OffloadPump(rightTun, leftTun);
            there.start();
            back.start();
        }

        @Override
        public void close() throws Exception {
            there.stop();
            back.stop();
            leftTun.close();
            rightTun.close();
        }
    }

    @Test
    void aStreamOfIpv4ArrivesInSuperPackets() throws Exception {
        try (Way way = new Way(true)) {
            transfer("10.77.0.2");
            assertNothingWasLost(way);
            assertTrue(way.there.superPackets > 0, "no super-packets");
            assertTrue(way.there.packets > 8 * way.there.writes, way.there + ": hardly anything was joined");
        }
    }

    @Test
    void aStreamOfIpv6ArrivesInSuperPackets() throws Exception {
        try (Way way = new Way(true)) {
            transfer("fd77::2");
            assertNothingWasLost(way);
            assertTrue(way.there.packets > 8 * way.there.writes, way.there + ": hardly anything was joined");
        }
    }

    @Test
    void aStreamArrivesPacketByPacketWithoutOffload() throws Exception {
        try (Way way = new Way(false)) {
            transfer("10.77.0.2");
            assertNothingWasLost(way);
            assertEquals(0, way.there.superPackets);
        }
    }

    @Test
    void datagramsOfABatchArriveAsTheyWere() throws Exception {
        try (Way way = new Way(true)) {
            SegmentOffload offload = Objects.requireNonNull(way.leftTun.offload());
            Assumptions.assumeTrue(offload.segmentsUdp(), "needs Linux 6.2");
            for (String address : new String[] {"10.77.0.2", "fd77::2"}) {
                exchangeDatagrams(address);
            }
            assertNothingWasLost(way);
            assertTrue(way.there.superPackets > 0, "no super-packets");
        }
    }

    /** Sends a stream from left to right, and compares what arrives. */
    private void transfer(String address) throws Exception {
        try (ServerSocket server = right.call(() -> new ServerSocket(PORT))) {
            CompletableFuture<Long> received = CompletableFuture.supplyAsync(() -> receive(server));
            CRC32 sent = new CRC32();
            try (Socket socket = left.call(() -> new Socket(address, PORT));
                    OutputStream out = socket.getOutputStream()) {
                byte[] piece = new byte[64 << 10];
                Random random = new Random(5);
                for (int at = 0; at < STREAM_BYTES; at += piece.length) {
                    random.nextBytes(piece);
                    sent.update(piece);
                    out.write(piece);
                }
            }
            assertEquals(sent.getValue(), received.get());
        }
    }

    private static long receive(ServerSocket server) {
        CRC32 received = new CRC32();
        try (Socket socket = server.accept();
                InputStream in = socket.getInputStream()) {
            byte[] piece = new byte[64 << 10];
            for (int bytes = in.read(piece); bytes >= 0; bytes = in.read(piece)) {
                received.update(piece, 0, bytes);
            }
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return received.getValue();
    }

    private void exchangeDatagrams(String text) throws Exception {
        InetAddress address = InetAddress.getByName(text);
        try (DatagramChannel server =
                        right.call(() -> DatagramChannel.open().bind(new InetSocketAddress(address, PORT)));
                UdpSocket client = left.call(() -> UdpSocket.open(new UdpSocket.Options(null, 0, null, true, false)))) {
            byte[] payload = Packets.payload(31 * 1000 + 300, 6);
            MemorySegment batch = Arena.ofAuto().allocate(payload.length);
            MemorySegment.copy(payload, 0, batch, ValueLayout.JAVA_BYTE, 0, payload.length);
            assertEquals(
                    UdpSocket.Outcome.TAKEN,
                    client.send(batch, 0, payload.length, 1000, new InetSocketAddress(address, PORT), 0));

            ByteBuffer received = ByteBuffer.allocate(2000);
            for (int at = 0; at < payload.length; at += 1000) {
                server.receive(received.clear());
                byte[] expected = Arrays.copyOfRange(payload, at, Math.min(payload.length, at + 1000));
                assertArrayEquals(expected, Arrays.copyOf(received.array(), received.position()));
            }
        }
    }

    private void assertNothingWasLost(Way way) throws Exception {
        for (OffloadPump pump : new OffloadPump[] {way.there, way.back}) {
            assertEquals(0, pump.failures(), pump.toString());
        }
        for (NamespaceThread host : new NamespaceThread[] {left, right}) {
            String counters = host.run("cat", "/proc/net/snmp", "/proc/net/snmp6");
            for (String name : new String[] {"Udp6InCsumErrors", "Ip6InHdrErrors"}) {
                assertTrue(counters.matches("(?s).*" + name + "\\s+0\n.*"), name + " in " + counters);
            }
            assertEquals(0, snmp(counters, "Ip:", "InHdrErrors"));
            assertEquals(0, snmp(counters, "Tcp:", "InCsumErrors"));
            assertEquals(0, snmp(counters, "Udp:", "InCsumErrors"));
            String statistics = "/sys/class/net/tun0/statistics/";
            for (String name : new String[] {"rx_errors", "rx_dropped", "rx_frame_errors", "tx_errors", "tx_dropped"}) {
                assertEquals("0", host.run("cat", statistics + name).strip(), name);
            }
        }
    }

    /** A counter of /proc/net/snmp: a line of names, and a line of values. */
    private static long snmp(String all, String protocol, String name) {
        String[] lines = all.lines().filter(line -> line.startsWith(protocol)).toArray(String[]::new);
        int column = Arrays.asList(lines[0].split(" ")).indexOf(name);
        return Long.parseLong(lines[1].split(" ")[column]);
    }
}
