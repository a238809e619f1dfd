package io.mpquic.quic.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.connection.EarlyData;
import io.mpquic.quic.tls.TlsServerConfig;
import io.mpquic.quic.wire.AckFrame;
import io.mpquic.quic.wire.CryptoFrame;
import io.mpquic.quic.wire.DatagramFrame;
import io.mpquic.quic.wire.EncryptionLevel;
import io.mpquic.quic.wire.PacketType;
import io.mpquic.quic.wire.TransportError;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9001 §4.6, §4.9.3, §5.6, §9.2: a server and a client's 0-RTT packets. */
class EarlyDataServerRulesTest {
    private final EarlyDataPeers peers = new EarlyDataPeers();

    private static PacketDraft early(RawPeer client, String text) {
        return client.packet(EncryptionLevel.ZERO_RTT)
                .frames(new DatagramFrame(MemorySegment.ofArray(text.getBytes(StandardCharsets.US_ASCII)), true));
    }

    private static PacketDraft initial(RawPeer client) {
        return client.packet(EncryptionLevel.INITIAL)
                .frames(new CryptoFrame(0, MemorySegment.ofArray(EarlyDataPeers.hello(client))))
                .padTo(1200);
    }

    private static List<String> texts(RawPeer peer) {
        return peer.target.datagrams.stream()
                .map(bytes -> new String(bytes, StandardCharsets.US_ASCII))
                .toList();
    }

    @Requirement({"9000-13.2.6-3", "9001-5.6-3"})
    @Test
    void aServerReadsEarlyDataAtOnceAndAcknowledgesThemWithOneRttKeys() {
        RawPeer client = peers.knownClient();
        client.send(initial(client));
        client.send(early(client, "one")).send(early(client, "two"));
        assertEquals(List.of("one", "two"), texts(client));
        assertEquals(
                EarlyData.Status.ACCEPTED,
                client.target.connection().earlyData().status());
        assertTrue(client.target.connection().earlyData().mayBeReplayed(), "nobody has shown that he is there");
        assertFalse(client.target.connection().earlyData().isOpen());
        client.handshake();
        assertFalse(client.target.connection().earlyData().mayBeReplayed());

        client.send(early(client, "late")).advanceMs(30);
        assertEquals(List.of("one", "two", "late"), texts(client), "until the keys are dropped");
        List<RawPacket> withAck = client.received.stream()
                .filter(packet -> packet.all(AckFrame.class).stream()
                        .anyMatch(ack -> ack.ranges().contains(client.peekNumber(EncryptionLevel.ZERO_RTT) - 1)))
                .toList();
        assertFalse(withAck.isEmpty());
        assertTrue(withAck.stream().allMatch(packet -> packet.type() == PacketType.ONE_RTT));
        client.assertAlive();
    }

    @Requirement("9001-5.6-3")
    @Test
    void aServerNeverSendsAZeroRttPacket() {
        RawPeer client = peers.knownClient();
        client.send(initial(client)).send(early(client, "one"));
        client.target.connection().openBidirectional();
        client.handshake();
        client.target.connection().offerDatagram(new byte[10]);
        client.advanceMs(100);
        for (RawPacket packet : client.received) {
            assertTrue(packet.type() != PacketType.ZERO_RTT);
        }
        assertTrue(client.unreadable.stream().noneMatch(bytes -> (bytes[0] & 0xf0) == 0xd0));
    }

    @Requirement("9001-9.2-1")
    @Test
    void aFirstFlightThatIsSentAgainToTheServerIsReadOnce() {
        RawPeer client = peers.knownClient();
        byte[] flight = initial(client).build();
        byte[] data = early(client, "once").build();
        client.send(flight).send(data);
        assertEquals(List.of("once"), texts(client));
        client.send(data);
        assertEquals(List.of("once"), texts(client), "a packet that is known");

        Target again = Target.server(peers.serverTls, EarlyDataPeers.settings());
        again.deliver(flight);
        again.deliver(data);
        assertTrue(again.datagrams.isEmpty(), "a connection that the ticket does not vouch for again");
        assertTrue(again.bytesOut > 0, "which is answered all the same");
        assertEquals(EarlyData.Status.NONE, again.connection().earlyData().status());
    }

    @Requirement("9001-4.9.3-1")
    @Test
    void aServerDropsTheKeysSoonAfterTheFirstOneRttPacket() {
        RawPeer client = peers.knownClient();
        client.send(initial(client)).send(early(client, "one"));
        client.advanceMs(200);
        client.send(early(client, "two"));
        assertEquals(List.of("one", "two"), texts(client), "as long as only 0-RTT packets come");
        client.handshake();
        client.advanceMs(3_500); // three probe timeouts before there is a sample of the round trip
        client.send(early(client, "three"));
        assertEquals(List.of("one", "two"), texts(client));
        client.assertAlive();
    }

    @Requirement("9001-4.6.2-1")
    @Test
    void aServerThatWasNotAskedToReadsNoEarlyData() {
        TlsServerConfig other = TlsServerConfig.builder()
                .alpn(Target.ALPN)
                .identity(Target.IDENTITY)
                .resumption(Duration.ofHours(1))
                .build();
        RawPeer refused = peers.strangeClient(other);
        PacketDraft before = early(refused, "before");
        refused.send(initial(refused)).send(before);
        refused.send(early(refused, "after"));
        refused.handshake();
        assertFalse(refused.earlyDataAccepted);
        assertTrue(refused.target.datagrams.isEmpty());
        refused.assertAlive();
    }

    @Requirement({"9000-7.4.1-5", "9000-7.4.1-6", "9000-7.4.1-7", "9221-3-5"})
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7})
    void aServerThatPermitsLessThanItDidRefusesEarlyData(int which) {
        var builder = EarlyDataPeers.settings().toBuilder();
        switch (which) {
            case 0 -> builder.maxData(EarlyDataPeers.CONNECTION_WINDOW - 1);
            case 1 -> builder.maxStreamDataBidiLocal(EarlyDataPeers.STREAM_WINDOW - 1);
            case 2 -> builder.maxStreamDataBidiRemote(EarlyDataPeers.STREAM_WINDOW - 1);
            case 3 -> builder.maxStreamDataUni(EarlyDataPeers.STREAM_WINDOW - 1);
            case 4 -> builder.maxStreamsBidi(EarlyDataPeers.STREAMS - 1);
            case 5 -> builder.maxStreamsUni(EarlyDataPeers.STREAMS - 1);
            case 6 -> builder.maxDatagramFrameBytes(1_000);
            default -> builder.activeConnectionIdLimit(2);
        }
        RawPeer client = peers.knownClient(EarlyDataPeers.settings(), builder.build());
        client.send(initial(client)).send(early(client, "early"));
        assertTrue(client.target.datagrams.isEmpty());
        client.handshake();
        assertFalse(client.earlyDataAccepted);
    }

    @Test
    void aServerThatPermitsMoreThanItDidAccepts() {
        RawPeer client = peers.knownClient(
                EarlyDataPeers.settings(),
                EarlyDataPeers.settings().toBuilder().maxData(1_000_000).build());
        client.send(initial(client)).send(early(client, "early"));
        client.handshake();
        assertTrue(client.earlyDataAccepted);
        assertEquals(List.of("early"), texts(client));
    }

    /** RFC 9000 §12.5, RFC 9001 §8.3: what cannot be in them. */
    @Requirement("9001-8.3-2")
    @ParameterizedTest
    @ValueSource(
            strings = {
                "06 00 01 01",
                "02 00 00 00 00",
                "03 00 00 00 00 00 00 00",
                "07 01 01",
                "1b 0102030405060708",
                "1e"
            })
    void aFrameThatHasNoPlaceInZeroRttPacketsIsAProtocolViolation(String hex) {
        RawPeer client = peers.knownClient();
        client.send(initial(client));
        client.send(client.packet(EncryptionLevel.ZERO_RTT)
                .payload(RawBytes.hex(hex))
                .padTo(100));
        client.assertClosedWith(TransportError.PROTOCOL_VIOLATION);
    }

    /** RFC 9001 §5.7: those that overtake the end of the ClientHello wait for it, a few of them. */
    @Test
    void earlyDataThatOvertakeTheClientHelloAreKeptWithinBounds() {
        RawPeer client = peers.knownClient();
        byte[] hello = EarlyDataPeers.hello(client);
        int half = hello.length / 2;
        MemorySegment bytes = MemorySegment.ofArray(hello);
        client.send(client.packet(EncryptionLevel.INITIAL)
                .frames(new CryptoFrame(0, bytes.asSlice(0, half)))
                .padTo(1200));
        List<String> sent = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            sent.add("datagram " + i);
            client.send(early(client, sent.get(i)));
        }
        assertTrue(client.target.datagrams.isEmpty());
        client.send(client.packet(EncryptionLevel.INITIAL)
                .frames(new CryptoFrame(half, bytes.asSlice(half)))
                .padTo(1200));
        assertEquals(sent.subList(0, 16), texts(client));
        client.handshake().assertAlive();
    }

    /** RFC 9000 §5.2.2: nothing is known of their connection, and they open none. */
    @Test
    void earlyDataBeforeAnyInitialPacketWaitForItForAWhile() {
        RawPeer client = peers.knownClient();
        client.send(early(client, "first"));
        assertEquals(0, client.target.endpoint.connections().size());
        assertEquals(0, client.target.bytesOut);
        client.advanceMs(2_900);
        client.target.deliver(early(client, "from elsewhere").build(), Target.STRANGER);
        client.send(initial(client)).send(early(client, "second"));
        assertEquals(List.of("first", "second"), texts(client));
        client.handshake().assertAlive();
    }

    @Test
    void earlyDataAreForgottenWhenTheirInitialPacketDoesNotCome() {
        RawPeer client = peers.knownClient();
        client.send(early(client, "first")).advanceMs(3_100);
        client.send(early(client, "second")).send(initial(client));
        assertEquals(List.of("second"), texts(client));
    }
}
