package io.mpquic.tun;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.mpquic.tun.UdpSocket.Outcome;
import io.mpquic.tun.ffi.Sockets;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class UdpSocketTest {
    private static final String IPV4 = "127.0.0.1";
    private static final String IPV6 = "::1";
    private static final long SECOND_NS = 1_000_000_000;
    private static final int SO_NO_CHECK = 11;

    private final MemorySegment buffer = Arena.ofAuto().allocate(70_000);
    private final MemorySegment inbox = Arena.ofAuto().allocate(70_000);

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, true, true",
        "127.0.0.1, true, false",
        "127.0.0.1, false, true",
        "127.0.0.1, false, false",
        "::1, true, true",
        "::1, false, false"
    })
    void aBatchArrivesAsTheDatagramsThatItWasMadeOf(String host, boolean segmentation, boolean coalescing)
            throws IOException {
        try (UdpSocket one = open(host, segmentation, coalescing);
                UdpSocket other = open(host, segmentation, coalescing)) {
            List<byte[]> sent = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                sent.add(payload(i < 39 ? 1350 : 77, i));
            }
            int bytes = fill(sent);
            assertEquals(Outcome.TAKEN, one.send(buffer, 0, bytes, 1350, other.localAddress(), 0));
            List<byte[]> arrived = new ArrayList<>();
            int calls = 0;
            while (arrived.size() < sent.size()) {
                other.await(SECOND_NS);
                calls += receiveInto(other, arrived);
            }
            for (int i = 0; i < sent.size(); i++) {
                assertArrayEquals(sent.get(i), arrived.get(i), "datagram " + i);
            }
            assertEquals(one.localAddress(), other.sender());
            // Loopback hands a batch on as it is, where both ends take batches.
            assertEquals(segmentation && coalescing, calls < sent.size(), calls + " calls");
        }
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1, true", "127.0.0.1, false", "::1, true"})
    void marksArriveAndChange(String host, boolean coalescing) throws IOException {
        try (UdpSocket one = open(host, true, coalescing);
                UdpSocket other = open(host, true, coalescing)) {
            for (int codepoint : new int[] {0, 2, 2, 3, 1, 0}) {
                assertEquals(Outcome.TAKEN, one.send(buffer, 0, 100, 100, other.localAddress(), codepoint));
                other.await(SECOND_NS);
                assertEquals(100, other.receive(inbox, 0, 70_000));
                assertEquals(codepoint, other.receivedEcnCodepoint());
            }
        }
    }

    @Test
    void aSocketOfAnyAddressCarriesIpv4AndIpv6WithTheirMarks() throws IOException {
        assumeTrue(hasIpv6());
        try (UdpSocket any = UdpSocket.open(new UdpSocket.Options(null, 0, null, true, true));
                UdpSocket ipv4 = open(IPV4, true, true);
                UdpSocket ipv6 = open(IPV6, true, true)) {
            for (UdpSocket peer : List.of(ipv4, ipv6, ipv4)) {
                assertEquals(Outcome.TAKEN, any.send(buffer, 0, 50, 50, peer.localAddress(), 2));
                peer.await(SECOND_NS);
                assertEquals(50, peer.receive(inbox, 0, 70_000));
                assertEquals(2, peer.receivedEcnCodepoint());
                assertEquals(Outcome.TAKEN, peer.send(buffer, 0, 60, 60, peer.sender(), 1));
                any.await(SECOND_NS);
                assertEquals(60, any.receive(inbox, 0, 70_000));
                assertEquals(peer.localAddress(), any.sender());
                assertEquals(1, any.receivedEcnCodepoint());
            }
        }
    }

    @Test
    void theSenderIsTheSameObjectWhileItIsTheSame() throws IOException {
        try (UdpSocket one = open(IPV4, true, true);
                UdpSocket second = open(IPV4, true, true);
                UdpSocket other = open(IPV4, true, true)) {
            assertThrows(IllegalStateException.class, other::sender);
            InetSocketAddress first = senderOfNext(one, other);
            assertSame(first, senderOfNext(one, other));
            assertEquals(second.localAddress(), senderOfNext(second, other));
            assertEquals(one.localAddress(), senderOfNext(one, other));
        }
    }

    private InetSocketAddress senderOfNext(UdpSocket from, UdpSocket to) throws IOException {
        assertEquals(Outcome.TAKEN, from.send(buffer, 0, 10, 10, to.localAddress(), 0));
        to.await(SECOND_NS);
        assertEquals(10, to.receive(inbox, 0, 70_000));
        return to.sender();
    }

    @Test
    void anEmptyDatagramIsNotTakenForNone() throws IOException {
        try (UdpSocket one = open(IPV4, true, true)) {
            assertEquals(-1, one.receive(inbox, 0, 70_000));
            assertEquals(Outcome.TAKEN, one.send(buffer, 0, 0, 0, one.localAddress(), 0));
            one.await(SECOND_NS);
            assertEquals(0, one.receive(inbox, 0, 70_000));
            assertEquals(-1, one.receive(inbox, 0, 70_000));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {IPV4, IPV6})
    void aDatagramLargerThanUdpCarriesIsAnErrorNumberAndTheSocketGoesOn(String host) throws IOException {
        try (UdpSocket one = open(host, true, true)) {
            assertEquals(Outcome.TOO_LARGE, one.send(buffer, 0, 66_000, 66_000, one.localAddress(), 0));
            assertEquals(Outcome.TAKEN, one.send(buffer, 0, 20, 20, one.localAddress(), 0));
            one.await(SECOND_NS);
            assertEquals(20, one.receive(inbox, 0, 70_000));
        }
    }

    @Test
    void anAddressOfTheOtherFamilyIsAnErrorNumber() throws IOException {
        assumeTrue(hasIpv6());
        try (UdpSocket ipv4 = open(IPV4, true, true);
                UdpSocket ipv6 = open(IPV6, true, true)) {
            assertEquals(Outcome.UNREACHABLE, ipv4.send(buffer, 0, 20, 20, ipv6.localAddress(), 0));
            assertEquals(Outcome.UNREACHABLE, ipv6.send(buffer, 0, 20, 20, ipv4.localAddress(), 0));
        }
    }

    @Test
    void aFullBufferIsToldAndTheWaitEndsWhenThereIsRoomAgain() throws IOException {
        try (UdpSocket one = open(IPV4, false, false);
                UdpSocket other = open(IPV4, false, false)) {
            one.bufferSizes(8192, 4096);
            for (int i = 0; i < 20_000; i++) {
                Outcome outcome = one.send(buffer, 0, 1350, 1350, other.localAddress(), 0);
                assertTrue(outcome == Outcome.TAKEN || outcome == Outcome.NO_ROOM, outcome.toString());
                if (outcome == Outcome.NO_ROOM) {
                    one.await(SECOND_NS);
                }
            }
        }
    }

    @Test
    void memoryBeyondTheBufferIsNeverTouched() throws IOException {
        try (UdpSocket one = open(IPV4, true, true)) {
            assertThrows(
                    IndexOutOfBoundsException.class, () -> one.send(buffer, 69_990, 20, 20, one.localAddress(), 0));
            assertThrows(IndexOutOfBoundsException.class, () -> one.receive(inbox, 0, 70_001));
            MemorySegment heap = MemorySegment.ofArray(new byte[100]);
            assertThrows(IllegalArgumentException.class, () -> one.send(heap, 0, 20, 20, one.localAddress(), 0));
        }
    }

    @Test
    void carryingADatagramCostsNoAllocation() throws IOException {
        try (UdpSocket one = open(IPV4, true, true);
                UdpSocket other = open(IPV4, true, true)) {
            InetSocketAddress to = other.localAddress();
            var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
            long allocated = Long.MAX_VALUE;
            // A busy machine compiles late: what counts is the code as it is in the end.
            for (int round = 0; round < 30 && allocated >= 10_000; round++) {
                long before = threads.getCurrentThreadAllocatedBytes();
                for (int i = 0; i < 10_000; i++) {
                    carry(one, other, to);
                }
                allocated = threads.getCurrentThreadAllocatedBytes() - before;
            }
            assertTrue(allocated < 10_000, allocated + " bytes for 10,000 datagrams");
        }
    }

    private void carry(UdpSocket from, UdpSocket to, InetSocketAddress address) throws IOException {
        from.send(buffer, 0, 1000, 500, address, 2);
        while (to.receive(inbox, 0, 70_000) >= 0) {
            to.sender();
            to.receivedSegmentBytes();
            to.receivedEcnCodepoint();
        }
    }

    @Test
    void aWakeupEndsTheWaitWhetherBeforeOrDuring() throws Exception {
        try (UdpSocket socket = open(IPV4, true, true)) {
            socket.wakeup();
            socket.await(-1);
            Thread waiter = Thread.ofPlatform().start(() -> {
                try {
                    socket.await(-1);
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
            socket.wakeup();
            waiter.join();
        }
    }

    @Test
    void theWaitEndsAfterItsTimeAndNotBefore() throws IOException {
        try (UdpSocket socket = open(IPV4, true, true)) {
            long startNs = System.nanoTime();
            socket.await(20_000_000);
            assertTrue(System.nanoTime() - startNs >= 20_000_000);
            socket.await(0);
        }
    }

    @Test
    void aCloseEndsTheWaitAndEveryCallAfterIt() throws Exception {
        UdpSocket socket = open(IPV4, true, true);
        Thread closer = Thread.ofPlatform().start(socket::close);
        assertThrows(ClosedChannelException.class, () -> {
            while (true) {
                socket.await(-1);
            }
        });
        closer.join();
        assertThrows(ClosedChannelException.class, () -> socket.receive(inbox, 0, 70_000));
        assertThrows(
                ClosedChannelException.class, () -> socket.send(buffer, 0, 1, 1, new InetSocketAddress(IPV4, 9), 0));
        socket.close();
    }

    @Test
    void anAddressThatIsTakenIsNamed() throws IOException {
        try (UdpSocket socket = open(IPV4, true, true)) {
            var taken = new UdpSocket.Options(
                    InetAddress.getByName(IPV4), socket.localAddress().getPort(), null, true, true);
            ErrnoException error = assertThrows(ErrnoException.class, () -> UdpSocket.open(taken));
            assertTrue(error.getMessage().contains(":" + taken.port()), error.getMessage());
        }
    }

    @Test
    void aDeviceThatIsNotThereIsNamed() {
        var absent = new UdpSocket.Options(null, 0, "no-such-if", true, true);
        ErrnoException error = assertThrows(ErrnoException.class, () -> UdpSocket.open(absent));
        assertTrue(error.getMessage().contains("no-such-if"), error.getMessage());
    }

    @Test
    void helpThatIsSwitchedOffStaysOff() throws IOException {
        try (UdpSocket with = open(IPV4, true, true);
                UdpSocket without = open(IPV4, false, false)) {
            assertTrue(with.hasSegmentation() && with.hasCoalescing());
            assertFalse(without.hasSegmentation() || without.hasCoalescing());
        }
    }

    /** A socket that sends without checksums is one whose batches the kernel refuses to cut. */
    @Test
    void aBatchThatTheKernelRefusesGoesSinglyAndNoOtherIsTried() throws Exception {
        try (UdpSocket one = open(IPV4, true, true);
                UdpSocket other = open(IPV4, true, true)) {
            Sockets.option(descriptor(one), Sockets.SOL_SOCKET, SO_NO_CHECK, 1);
            List<byte[]> sent = List.of(payload(500, 1), payload(500, 2), payload(70, 3));
            assertEquals(Outcome.TAKEN, one.send(buffer, 0, fill(sent), 500, other.localAddress(), 0));
            assertFalse(one.hasSegmentation());
            List<byte[]> arrived = new ArrayList<>();
            other.await(SECOND_NS);
            assertEquals(3, receiveInto(other, arrived));
            for (int i = 0; i < 3; i++) {
                assertArrayEquals(sent.get(i), arrived.get(i));
            }
        }
    }

    private static int descriptor(UdpSocket socket) throws IOException {
        try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
            return all.mapToInt(path -> Integer.parseInt(path.getFileName().toString()))
                    .filter(fd -> socket.localAddress().equals(Sockets.localAddress(fd)))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private int fill(List<byte[]> datagrams) {
        int at = 0;
        for (byte[] datagram : datagrams) {
            MemorySegment.copy(datagram, 0, buffer, ValueLayout.JAVA_BYTE, at, datagram.length);
            at += datagram.length;
        }
        return at;
    }

    /** Returns how many calls found something. */
    private int receiveInto(UdpSocket socket, List<byte[]> datagrams) throws IOException {
        int calls = 0;
        for (int bytes = socket.receive(inbox, 0, 70_000); bytes >= 0; bytes = socket.receive(inbox, 0, 70_000)) {
            calls++;
            int each = socket.receivedSegmentBytes() == 0 ? bytes : socket.receivedSegmentBytes();
            for (int at = 0; at < bytes; at += each) {
                datagrams.add(inbox.asSlice(at, Math.min(each, bytes - at)).toArray(ValueLayout.JAVA_BYTE));
            }
        }
        return calls;
    }

    private static UdpSocket open(String host, boolean segmentation, boolean coalescing) throws IOException {
        assumeTrue(!host.equals(IPV6) || hasIpv6(), "no IPv6 on the loopback interface");
        return UdpSocket.open(new UdpSocket.Options(InetAddress.getByName(host), 0, null, segmentation, coalescing));
    }

    private static boolean hasIpv6() throws IOException {
        return NetworkInterface.getByInetAddress(InetAddress.getByName(IPV6)) != null;
    }

    private static byte[] payload(int lengthBytes, int seed) {
        byte[] payload = new byte[lengthBytes];
        for (int i = 0; i < lengthBytes; i++) {
            payload[i] = (byte) (i * 7 + seed);
        }
        return payload;
    }
}
