package io.mpquic.quic.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.connection.DatagramSink;
import io.mpquic.quic.connection.QuicConnection;
import io.mpquic.quic.connection.SendResult;
import io.mpquic.quic.connection.TransportSettings;
import io.mpquic.quic.endpoint.ClientConfig;
import io.mpquic.quic.endpoint.QuicEndpoint;
import io.mpquic.quic.endpoint.ServerConfig;
import io.mpquic.quic.tls.Identity;
import io.mpquic.quic.tls.TlsClientConfig;
import io.mpquic.quic.tls.TlsServerConfig;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class EndpointDriverTest {
    private static final InetSocketAddress CLIENT = new InetSocketAddress("192.0.2.1", 40_000);
    private static final InetSocketAddress SERVER = new InetSocketAddress("192.0.2.2", 45_001);
    private static final long MS = 1_000_000;

    /** Takes and gives batches as the kernel does, without one. */
    private static final class Wire implements UdpTransport {
        private final InetSocketAddress address;
        private int maxBatch;
        private boolean findsOutThatItTakesOne;
        private final ArrayDeque<byte[][]> arrived = new ArrayDeque<>();
        private final List<Integer> batchSizes = new ArrayList<>();
        private Wire other = this;
        private boolean full;
        private boolean broken;
        private long waitedNs;
        private int lastDatagramBytes;

        Wire(InetSocketAddress address, int maxBatch) {
            this.address = address;
            this.maxBatch = maxBatch;
        }

        @Override
        public int receive(MemorySegment buffer, long offset, int capacity) throws IOException {
            byte[][] batch = arrived.poll();
            if (batch == null && broken) {
                throw new IOException("broken");
            }
            if (batch == null) {
                return -1;
            }
            int at = 0;
            for (byte[] datagram : batch) {
                MemorySegment.copy(datagram, 0, buffer, ValueLayout.JAVA_BYTE, offset + at, datagram.length);
                at += datagram.length;
            }
            lastDatagramBytes = batch[0].length;
            return at;
        }

        @Override
        public int lastDatagramBytes() {
            return lastDatagramBytes;
        }

        @Override
        public int receiveCapacityBytes() {
            return 65_535;
        }

        @Override
        public InetSocketAddress lastSender() {
            return other.address;
        }

        @Override
        public SendStatus send(
                MemorySegment buffer, long offset, int length, int each, InetSocketAddress to, int codepoint) {
            if (full) {
                return SendStatus.WOULD_BLOCK;
            }
            List<byte[]> datagrams = new ArrayList<>();
            for (int at = 0; at < length; at += each) {
                datagrams.add(
                        buffer.asSlice(offset + at, Math.min(each, length - at)).toArray(ValueLayout.JAVA_BYTE));
            }
            assertTrue(datagrams.size() <= maxBatch);
            batchSizes.add(datagrams.size());
            maxBatch = findsOutThatItTakesOne ? 1 : maxBatch;
            other.arrived.add(datagrams.toArray(byte[][]::new));
            return SendStatus.SENT;
        }

        @Override
        public int maxBatchDatagrams() {
            return maxBatch;
        }

        @Override
        public void await(long timeoutNs) {
            waitedNs += timeoutNs;
        }

        @Override
        public void wakeup() {}

        @Override
        public InetSocketAddress localAddress() {
            return address;
        }

        @Override
        public int receiveBufferBytes() {
            return 0;
        }

        @Override
        public int sendBufferBytes() {
            return 0;
        }

        @Override
        public void close() {}
    }

    private final List<Integer> received = new ArrayList<>();
    private final List<MemorySegment> undisturbed = new ArrayList<>();
    private boolean onlyNativeMemory = true;
    private final MemorySegment message = Arena.ofAuto().allocate(2048);
    private Wire clientWire;
    private Wire serverWire;
    private QuicEndpoint serverEnd;
    private EndpointDriver client;
    private EndpointDriver server;
    private QuicConnection connection;
    private long nowNs = 1;

    private void connect(int maxBatch) throws IOException {
        dial(maxBatch);
        for (int i = 0; i < 400; i++) {
            turnBoth();
        }
        assertTrue(connection.isEstablished() && connection.isPathMtuSettled());
        clientWire.batchSizes.clear();
    }

    private void dial(int maxBatch) {
        clientWire = new Wire(CLIENT, maxBatch);
        serverWire = new Wire(SERVER, maxBatch);
        clientWire.other = serverWire;
        serverWire.other = clientWire;
        TransportSettings settings = TransportSettings.builder()
                .maxUdpPayloadBytes(1400)
                .initialRttNs(MS)
                .build();
        DatagramSink sink = (from, buffer, offset, length) -> {
            received.add((int) buffer.get(ValueLayout.JAVA_BYTE, offset));
            undisturbed.add(buffer.asSlice(offset, length));
            onlyNativeMemory &= buffer.isNative();
        };
        QuicEndpoint clientEnd = QuicEndpoint.client(ClientConfig.builder(
                        TlsClientConfig.builder()
                                .alpn("test")
                                .serverName("test")
                                .insecure()
                                .build(),
                        new SplittableRandom(1))
                .settings(settings)
                .build());
        serverEnd = QuicEndpoint.server(ServerConfig.builder(
                        TlsServerConfig.builder()
                                .alpn("test")
                                .identity(Identity.selfSigned("test"))
                                .build(),
                        new SplittableRandom(2))
                .settings(settings)
                .sink(sink)
                .build());
        client = new EndpointDriver(clientEnd, clientWire, () -> {});
        server = new EndpointDriver(serverEnd, serverWire, this::memoryIsAboutToBeUsedAgain);
        connection = clientEnd.connect(SERVER, nowNs);
    }

    /** Until then, what was handed out lies where it was. */
    private void memoryIsAboutToBeUsedAgain() {
        int first = received.size() - undisturbed.size();
        for (int i = 0; i < undisturbed.size(); i++) {
            assertEquals((int) received.get(first + i), undisturbed.get(i).get(ValueLayout.JAVA_BYTE, 0));
        }
        undisturbed.clear();
    }

    private void turnBoth() throws IOException {
        nowNs += MS;
        client.turn(nowNs);
        server.turn(nowNs);
    }

    private SendResult send(int value, int lengthBytes) throws IOException {
        message.set(ValueLayout.JAVA_BYTE, EndpointDriver.HEADROOM_BYTES, (byte) value);
        return client.sendDatagram(connection, message, EndpointDriver.HEADROOM_BYTES, lengthBytes, nowNs);
    }

    @Test
    void packetsOfOneSizeLeaveInOneCallAndArriveInTheirOrder() throws IOException {
        connect(64);
        for (int i = 0; i < 6; i++) {
            assertEquals(SendResult.SENT, send(i, i < 5 ? 1200 : 300));
        }
        assertEquals(List.of(), clientWire.batchSizes, "they wait for each other");
        assertTrue(client.push());
        assertEquals(List.of(6), clientWire.batchSizes);
        server.turn(nowNs);
        assertEquals(List.of(0, 1, 2, 3, 4, 5), received);
        assertEquals(List.of(), undisturbed);
    }

    @Test
    void aLongerPacketWaitsForTheNextCallAndKeepsItsPlace() throws IOException {
        connect(64);
        int[] lengths = {800, 800, 1200, 1200, 700, 1000};
        for (int i = 0; i < lengths.length; i++) {
            assertEquals(SendResult.SENT, send(i, lengths[i]));
        }
        client.push();
        assertEquals(List.of(2, 3, 1), clientWire.batchSizes);
        server.turn(nowNs);
        assertEquals(List.of(0, 1, 2, 3, 4, 5), received);
    }

    @Test
    void withoutBatchesEachPacketLeavesByItself() throws IOException {
        connect(1);
        for (int i = 0; i < 4; i++) {
            assertEquals(SendResult.SENT, send(i, 1200));
        }
        client.push();
        assertEquals(List.of(1, 1, 1, 1), clientWire.batchSizes);
        server.turn(nowNs);
        assertEquals(List.of(0, 1, 2, 3), received);
    }

    @Test
    void aSocketWithoutRoomDelaysWhatWasBuiltAndLosesNothing() throws IOException {
        connect(2);
        clientWire.full = true;
        int taken = 0;
        while (send(taken, 900 + 10 * taken) == SendResult.SENT) {
            taken++;
        }
        assertTrue(taken > 0 && taken < 10, taken + " packets without a socket");
        assertEquals(SendResult.BLOCKED, send(99, 1200));
        assertTrue(client.sendBlocked() > 0);
        clientWire.full = false;
        assertTrue(client.push());
        server.turn(nowNs);
        List<Integer> expected = new ArrayList<>();
        for (int i = 0; i < taken; i++) {
            expected.add(i);
        }
        assertEquals(expected, received);
    }

    /** A kernel takes native memory only, and a sink may hand on what it gets. */
    @Test
    void aMessageThatOvertookTheEndOfTheHandshakeLiesInNativeMemoryToo() throws IOException {
        dial(64);
        while (!connection.isEstablished()) {
            server.turn(nowNs);
            client.turn(nowNs += MS);
        }
        List<byte[][]> lastOfTheHandshake = List.copyOf(serverWire.arrived);
        serverWire.arrived.clear();
        assertEquals(SendResult.SENT, send(7, 100));
        client.push();
        serverWire.arrived.addAll(lastOfTheHandshake);
        server.turn(nowNs += MS);
        assertEquals(List.of(7), received);
        assertTrue(onlyNativeMemory);
    }

    @Test
    void whatWasReceivedBeforeTheSocketBrokeIsHandedOnBeforeItsMemoryGoes() throws IOException {
        connect(64);
        send(1, 500);
        client.push();
        serverWire.broken = true;
        assertThrows(IOException.class, () -> server.turn(nowNs));
        assertEquals(List.of(1), received);
        assertEquals(List.of(), undisturbed, "the end of the batch was told");
    }

    @Test
    void aFullSocketIsWaitedForThoughAnAcknowledgementIsOverdue() throws IOException {
        connect(64);
        clientWire.full = true;
        assertEquals(SendResult.SENT, send(1, 1200));
        assertFalse(client.push());
        QuicConnection accepted = serverEnd.connections().get(0);
        for (int i = 0; i < 2; i++) {
            assertTrue(accepted.offerDatagram(new byte[100]));
        }
        server.turn(nowNs);
        client.turn(nowNs);
        nowNs += 100 * MS;
        client.turn(nowNs);
        int idle = 0;
        for (int i = 0; i < 100; i++) {
            long before = clientWire.waitedNs;
            client.turn(nowNs);
            client.await(1000 * MS, nowNs);
            idle += clientWire.waitedNs > before ? 1 : 0;
            nowNs += 20_000;
        }
        assertEquals(100, idle, "rounds that waited for the socket");
        clientWire.full = false;
        long acknowledged = accepted.statistics().packetsReceived();
        client.turn(nowNs);
        server.turn(nowNs);
        assertEquals(List.of(1), received);
        assertTrue(accepted.statistics().packetsReceived() > acknowledged);
    }

    @Test
    void aSocketThatFindsOutThatItTakesNoBatchesGetsNoMore() throws IOException {
        connect(64);
        clientWire.findsOutThatItTakesOne = true;
        for (int i = 0; i < 6; i++) {
            assertEquals(SendResult.SENT, send(i, 1200));
            if (i == 2) {
                client.push();
            }
        }
        client.push();
        assertEquals(List.of(3, 1, 1, 1), clientWire.batchSizes);
        server.turn(nowNs);
        assertEquals(List.of(0, 1, 2, 3, 4, 5), received);
    }

    /** The kernel joins what one sender sends, not what one connection does. */
    @Test
    void aTrainIsTakenApartWhateverIsBetweenTheRightPackets() throws IOException {
        connect(64);
        for (int i = 0; i < 4; i++) {
            assertEquals(SendResult.SENT, send(i, i < 3 ? 1000 : 200));
        }
        client.push();
        byte[][] sent = serverWire.arrived.remove();
        byte[] garbage = new byte[sent[0].length];
        byte[] ofNoConnection = sent[0].clone();
        ofNoConnection[3] ^= 1;
        serverWire.arrived.add(new byte[][] {sent[0], garbage, sent[1], ofNoConnection, sent[1], sent[2], sent[3]});
        server.turn(nowNs);
        assertEquals(List.of(0, 1, 2, 3), received);
        assertEquals(List.of(), undisturbed);
    }

    @Test
    void aWaitLeavesNothingBehind() throws IOException {
        connect(64);
        send(1, 500);
        client.await(MS, nowNs);
        server.turn(nowNs);
        assertEquals(List.of(1), received);
    }

    @Test
    void aDeadlineThatLiesFarInThePastIsNotWaitedFor() {
        assertEquals(0, EndpointDriver.waitNs(Long.MIN_VALUE, 1000, 5));
        assertEquals(0, EndpointDriver.waitNs(4, 1000, 5));
        assertEquals(0, EndpointDriver.waitNs(5, 1000, 5));
    }

    @Test
    void aWaitEndsAtTheDeadlineOrAtTheBound() {
        assertEquals(3, EndpointDriver.waitNs(8, 1000, 5));
        assertEquals(1000, EndpointDriver.waitNs(5000, 1000, 5));
        assertEquals(1000, EndpointDriver.waitNs(Long.MAX_VALUE, 1000, 5));
    }
}
