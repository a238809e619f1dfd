package io.mpquic.quic.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.connection.EarlyData;
import io.mpquic.quic.connection.QuicConnection;
import io.mpquic.quic.connection.QuicEvent;
import io.mpquic.quic.stream.QuicStream;
import io.mpquic.quic.stream.ReceiveState;
import io.mpquic.quic.stream.SendState;
import io.mpquic.quic.tls.KeyExchangeGroup;
import io.mpquic.quic.tls.TlsServerConfig;
import io.mpquic.quic.wire.ConnectionCloseFrame;
import io.mpquic.quic.wire.DatagramFrame;
import io.mpquic.quic.wire.EncryptionLevel;
import io.mpquic.quic.wire.Frame;
import io.mpquic.quic.wire.PacketType;
import io.mpquic.quic.wire.StreamFrame;
import io.mpquic.quic.wire.TransportError;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9000 §7.4.1, §17.2.3, RFC 9001 §4.6, §5.6: a client's 0-RTT packets. */
class EarlyDataClientRulesTest {
    private static final int MUCH = 5_000;

    private final EarlyDataPeers peers = new EarlyDataPeers();
    private @Nullable QuicStream stream;

    /** As much of everything as the client is let. */
    private void sendMuch(QuicConnection connection) {
        assertTrue(connection.earlyData().isOpen());
        assertEquals(EarlyData.Status.OFFERED, connection.earlyData().status());
        assertFalse(connection.isEstablished());
        assertTrue(connection.offerDatagram(new byte[connection.maxDatagramBytes()]));
        assertFalse(connection.offerDatagram(new byte[connection.maxDatagramBytes() + 1]));
        stream = connection.openBidirectional();
        assertNotNull(stream);
        assertEquals(MUCH, stream.write(new byte[MUCH], 0, MUCH));
        QuicStream second = connection.openBidirectional();
        assertNotNull(second);
        assertEquals(MUCH, second.write(new byte[MUCH], 0, MUCH));
        assertNull(connection.openBidirectional(), "a third one was not permitted");
    }

    private static Map<Long, Long> streamBytes(List<RawPacket> packets) {
        Map<Long, Long> ends = new TreeMap<>();
        for (RawPacket packet : packets) {
            for (StreamFrame frame : packet.all(StreamFrame.class)) {
                ends.merge(frame.streamId(), frame.offset() + frame.data().byteSize(), Math::max);
            }
        }
        return ends;
    }

    @Requirement({"9000-7.4.1-4", "9000-7.4.1-8"})
    @Test
    void aClientKeepsToTheRememberedLimits() {
        RawPeer server = peers.meet().server(this::sendMuch);
        List<RawPacket> early = EarlyDataPeers.early(server);
        Map<Long, Long> sent = streamBytes(early);
        assertEquals(
                EarlyDataPeers.CONNECTION_WINDOW,
                sent.values().stream().mapToLong(Long::longValue).sum());
        assertEquals(
                1,
                early.stream()
                        .mapToInt(packet -> packet.all(DatagramFrame.class).size())
                        .sum());
        for (RawPacket packet : early) {
            assertEquals(server.originalDestination, packet.destination());
            for (Frame frame : packet.frames()) {
                assertTrue(frame.isAllowedIn(PacketType.ZERO_RTT), frame.toString());
            }
        }
        EarlyDataPeers.complete(server);
        assertEquals(
                EarlyData.Status.ACCEPTED,
                server.target.connection().earlyData().status());
        assertFalse(server.target.connection().earlyData().isOpen());
    }

    @Requirement({"9000-7.4.1-4", "9000-7.4.1-8"})
    @Test
    void aClientKeepsToTheRememberedLimitOfEachStream() {
        peers.meet(plain -> EarlyDataPeers.granting(plain, 2 * MUCH, 700, 2));
        RawPeer server = peers.server(this::sendMuch, plain -> EarlyDataPeers.granting(plain, 2 * MUCH, 701, 2));
        assertEquals(Map.of(0L, 700L, 4L, 700L), streamBytes(EarlyDataPeers.early(server)));
    }

    /** RFC 9221 §3 */
    @Requirement({"9000-7.4.1-4", "9000-7.4.1-8", "9221-3-2"})
    @Test
    void aClientSendsNoLargerDatagramThanItRemembers() {
        peers.meet(plain -> plain.setInteger(RawParameters.MAX_DATAGRAM_FRAME_SIZE, 500));
        RawPeer server = peers.server(
                connection -> {
                    assertEquals(497, connection.maxDatagramBytes());
                    assertTrue(connection.offerDatagram(new byte[497]));
                    assertFalse(connection.offerDatagram(new byte[498]));
                },
                plain -> plain.setInteger(RawParameters.MAX_DATAGRAM_FRAME_SIZE, 501));
        for (RawPacket packet : EarlyDataPeers.early(server)) {
            packet.all(DatagramFrame.class).forEach(frame -> assertTrue(frame.lengthBytes() <= 500));
        }
        EarlyDataPeers.complete(server);
        assertEquals(498, server.target.connection().maxDatagramBytes());
    }

    @Requirement("9000-7.4.1-3")
    @Test
    void theServersNewParametersReplaceTheRememberedOnes() {
        RawPeer server = peers.meet()
                .server(
                        this::sendMuch,
                        plain -> EarlyDataPeers.granting(plain, 2 * MUCH, MUCH, 3)
                                .setInteger(RawParameters.MAX_DATAGRAM_FRAME_SIZE, 70_000));
        EarlyDataPeers.complete(server);
        Map<Long, Long> sent = new TreeMap<>();
        for (int i = 0; i < 20; i++) {
            server.acknowledgeAll().advanceMs(10);
            streamBytes(server.received).forEach((id, end) -> sent.merge(id, end, Math::max));
        }
        assertEquals(Map.of(0L, (long) MUCH, 4L, (long) MUCH), sent);
        assertNotNull(server.target.connection().openBidirectional());
        assertNull(server.target.connection().openBidirectional());
    }

    @Requirement({"9000-17.2.3-2", "9001-5.6-5"})
    @Test
    void aClientWithOneRttKeysSendsNoZeroRttPackets() {
        RawPeer server = peers.meet().server(connection -> connection.offerDatagram(new byte[20]));
        assertFalse(EarlyDataPeers.early(server).isEmpty());
        EarlyDataPeers.complete(server);
        server.received.clear();
        server.target.connection().offerDatagram(new byte[30]);
        server.advanceMs(1_000);
        assertEquals(1, server.frames(DatagramFrame.class).size());
        assertTrue(server.received.stream().allMatch(packet -> packet.type() == PacketType.ONE_RTT));
    }

    /** RFC 9002 §6.2.4: nothing becomes due for early data before the handshake is confirmed; then it is repeated. */
    @Test
    void earlyDataThatTheServerNeverGotAreSentAgainIn1RttPackets() {
        RawPeer server = peers.meet().server(connection -> {
            stream = connection.openBidirectional();
            assertNotNull(stream);
            stream.write(new byte[100], 0, 100);
            stream.finish();
        });
        assertFalse(EarlyDataPeers.early(server).isEmpty());
        server.forgetApplicationData();
        server.tryHandshake();
        server.advanceMs(3_000);
        assertTrue(server.received.stream()
                .anyMatch(packet -> packet.type() == PacketType.ONE_RTT
                        && packet.all(StreamFrame.class).stream().anyMatch(StreamFrame::fin)));
    }

    /** RFC 9000 §12.5: 0-RTT packets are the first that may carry the application's word. */
    @Test
    void aClientThatClosesEarlySaysWhyInAZeroRttPacket() {
        RawPeer server = peers.meet().server(connection -> connection.offerDatagram(new byte[20]));
        server.received.clear();
        QuicConnection connection = server.target.connection();
        connection.close(7, "bye", server.target.nowNs);
        assertFalse(connection.earlyData().isOpen());
        assertFalse(connection.offerDatagram(new byte[20]));
        assertNull(connection.openBidirectional());
        StreamPeers.flush(server);
        List<RawPacket> early = EarlyDataPeers.early(server);
        assertEquals(1, early.size());
        ConnectionCloseFrame close =
                early.getFirst().all(ConnectionCloseFrame.class).getFirst();
        assertTrue(close.application());
        assertEquals(7, close.errorCode());
        for (RawPacket packet : server.received) {
            if (packet.type() == PacketType.INITIAL) {
                assertFalse(packet.all(ConnectionCloseFrame.class).getFirst().application());
            }
        }
    }

    @Requirement("9001-4.6.2-2")
    @Test
    void aClientWhoseEarlyDataAreRefusedBeginsItsStreamsAnew() {
        peers.meet();
        peers.serverTls = EarlyDataPeers.serverTls(); // another server, which does not know the ticket
        RawPeer server = peers.server(this::sendMuch);
        QuicConnection connection = server.target.connection();
        assertEquals(2, connection.openStreams());
        assertTrue(connection.statistics().bytesInFlight() > EarlyDataPeers.CONNECTION_WINDOW);
        server.handshake();
        assertEquals(EarlyData.Status.REJECTED, connection.earlyData().status());
        assertEquals(
                1,
                server.target.events.stream()
                        .filter(QuicEvent.EarlyDataRejected.class::isInstance)
                        .count());
        assertEquals(0, connection.openStreams());
        assertEquals(0, connection.statistics().bytesInFlight());

        QuicStream old = stream;
        assertNotNull(old);
        assertEquals(-1, old.write(new byte[1], 0, 1));
        assertEquals(-1, old.read(new byte[1], 0, 1));
        assertEquals(SendState.RESET_RECVD, old.sendState());
        assertEquals(ReceiveState.RESET_READ, old.receiveState());

        QuicStream fresh = connection.openBidirectional();
        assertNotNull(fresh);
        assertEquals(0, fresh.id());
        old.finish();
        old.reset(5);
        old.stopSending(5);
        assertEquals(1, connection.openStreams(), "what is done to an old stream does not concern the new one");
        assertEquals(
                EarlyDataPeers.STREAM_WINDOW,
                fresh.write(new byte[EarlyDataPeers.STREAM_WINDOW], 0, EarlyDataPeers.STREAM_WINDOW));
        server.received.clear();
        server.advanceMs(100);
        assertEquals(Map.of(0L, (long) EarlyDataPeers.STREAM_WINDOW), streamBytes(server.received));
        server.assertAlive();
    }

    /** The whole credit of the connection is there again, of which refused streams had used some. */
    @Test
    void refusedEarlyDataCostNoCredit() {
        peers.meet();
        peers.serverTls = EarlyDataPeers.serverTls();
        RawPeer server = peers.server(this::sendMuch).handshake();
        long sum = 0;
        for (int i = 0; i < 2; i++) {
            QuicStream fresh = server.target.connection().openBidirectional();
            assertNotNull(fresh);
            fresh.write(new byte[MUCH], 0, MUCH);
        }
        server.advanceMs(100);
        for (long bytes : streamBytes(server.received).values()) {
            sum += bytes;
        }
        assertEquals(EarlyDataPeers.CONNECTION_WINDOW, sum);
    }

    @Test
    void aHelloRetryRequestIsARefusalAtOnce() {
        peers.serverTls = TlsServerConfig.builder()
                .alpn(Target.ALPN)
                .identity(Target.IDENTITY)
                .resumption(Duration.ofHours(1))
                .groups(KeyExchangeGroup.SECP256R1)
                .earlyData()
                .build();
        RawPeer server = peers.meet().server(connection -> connection.offerDatagram(new byte[20]));
        QuicConnection connection = server.target.connection();
        server.sendHandshakeDataOf(EncryptionLevel.INITIAL);
        assertEquals(EarlyData.Status.REJECTED, connection.earlyData().status());
        assertFalse(connection.offerDatagram(new byte[20]));
        server.received.clear();
        server.handshake().assertAlive();
        assertTrue(EarlyDataPeers.early(server).isEmpty());
    }

    /** RFC 9000 §7.4.1, RFC 9221 §3: the client may have sent more than the server now permits. */
    @Requirement({"9000-7.4.1-5", "9000-7.4.1-6", "9221-3-6"})
    @ParameterizedTest
    @ValueSource(longs = {0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0e, 0x20})
    void aServerThatAcceptsUnderALowerLimitIsAProtocolViolation(long id) {
        List<Integer> changed = new ArrayList<>();
        RawPeer server = lowering(id, changed);
        server.tryHandshake();
        assertFalse(changed.isEmpty(), "the parameter was found");
        server.assertClosedWith(TransportError.PROTOCOL_VIOLATION);
    }

    /** A server that accepts early data, and then says a value that is lower by one. */
    private RawPeer lowering(long id, List<Integer> changed) {
        peers.meet();
        RawPeer server = RawPeer.server(Target.client(
                peers.clientTls, EarlyDataPeers.settings(), 78, connection -> connection.offerDatagram(new byte[20])));
        server.serverTls = peers.serverTls;
        server.parameters = plain -> EarlyDataPeers.granting(
                plain, EarlyDataPeers.CONNECTION_WINDOW, EarlyDataPeers.STREAM_WINDOW, EarlyDataPeers.STREAMS);
        // Without the server's Finished, which would not be true any more.
        server.tlsFilter = (level, data) -> level == EncryptionLevel.HANDSHAKE
                ? Arrays.copyOf(lowered(data, id, changed), 4 + ((data[2] & 0xff) << 8 | (data[3] & 0xff)))
                : data;
        return server.prepare();
    }

    private static byte[] lowered(byte[] flight, long id, List<Integer> changed) {
        byte[] value = valueOf(id);
        byte[] wanted = RawBytes.join(RawBytes.varInt(id), RawBytes.varInt(value.length), value);
        for (int at = 0; at + wanted.length <= flight.length; at++) {
            byte[] there = Arrays.copyOfRange(flight, at, at + wanted.length);
            if (Arrays.equals(there, wanted) && changed.isEmpty()) {
                flight[at + wanted.length - 1]--;
                changed.add(at);
            }
        }
        return flight;
    }

    private static byte[] valueOf(long id) {
        return RawBytes.varInt(
                switch ((int) id) {
                    case 0x04 -> EarlyDataPeers.CONNECTION_WINDOW;
                    case 0x05, 0x06, 0x07 -> EarlyDataPeers.STREAM_WINDOW;
                    case 0x08, 0x09 -> EarlyDataPeers.STREAMS;
                    case 0x0e -> 4;
                    default -> 65_535;
                });
    }

    @Requirement("9000-17.2.3-1")
    @Test
    void afterARetryEarlyDataAreSentAgainWithNewNumbers() {
        peers.meet();
        RawPeer server = peers.server(
                this::sendMuch,
                plain -> EarlyDataPeers.granting(
                                plain,
                                EarlyDataPeers.CONNECTION_WINDOW,
                                EarlyDataPeers.STREAM_WINDOW,
                                EarlyDataPeers.STREAMS)
                        .add(RawParameters.RETRY_SOURCE, RawBytes.hex("5001020304050607")));
        List<RawPacket> before = List.copyOf(EarlyDataPeers.early(server));
        long largest = before.stream().mapToLong(RawPacket::number).max().orElseThrow();
        server.received.clear();
        server.installInitialKeys(server.source);
        server.send(RetryRulesTest.retry(server, server.originalDestination, server.source, "a token"));
        List<RawPacket> after = EarlyDataPeers.early(server);
        assertFalse(after.isEmpty());
        assertTrue(after.stream().allMatch(packet -> packet.number() > largest));
        assertTrue(after.stream().allMatch(packet -> packet.destination().equals(server.source)));
        assertEquals(streamBytes(before), streamBytes(after));
        assertTrue(after.stream().noneMatch(packet -> packet.has(DatagramFrame.class)), "datagrams are not repeated");
        EarlyDataPeers.complete(server);
        server.settle();
        server.assertAlive();
    }
}
