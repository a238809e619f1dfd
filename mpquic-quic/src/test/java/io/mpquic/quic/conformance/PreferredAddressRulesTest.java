package io.mpquic.quic.conformance;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.connection.CloseReason;
import io.mpquic.quic.connection.PreferredAddresses;
import io.mpquic.quic.connection.QuicConnection;
import io.mpquic.quic.connection.TransportSettings;
import io.mpquic.quic.wire.ConnectionId;
import io.mpquic.quic.wire.Frame;
import io.mpquic.quic.wire.LongHeader;
import io.mpquic.quic.wire.MalformedPacketException;
import io.mpquic.quic.wire.NewConnectionIdFrame;
import io.mpquic.quic.wire.PathChallengeFrame;
import io.mpquic.quic.wire.PathResponseFrame;
import io.mpquic.quic.wire.PingFrame;
import io.mpquic.quic.wire.PreferredAddress;
import io.mpquic.quic.wire.RetireConnectionIdFrame;
import io.mpquic.quic.wire.TransportError;
import io.mpquic.quic.wire.TransportException;
import io.mpquic.quic.wire.TransportParameters;
import io.mpquic.quic.wire.WireReader;
import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

/** RFC 9000 §9.6, §21.5.3: a client goes where the server would rather be reached, once that has answered. */
class PreferredAddressRulesTest {
    private static final InetSocketAddress PREFERRED = new InetSocketAddress("198.51.100.80", 8443);
    private static final InetSocketAddress PREFERRED_V6 = new InetSocketAddress("2001:db8::80", 8443);
    private static final ConnectionId ID = new ConnectionId(RawBytes.hex("5a01020304050680"));

    @Requirement({"9000-9.6.2-1", "9000-21.5.3-1"})
    // RFC 9000 §21.5.3: what goes there before the answer is of no use to whoever made the server name the address.
    @Test
    void beforeThePreferredAddressAnswersOnlyProbesGoThere() {
        RawPeer peer = offering(true);
        QuicConnection connection = peer.target.connection();
        for (int i = 0; i < 20; i++) {
            assertTrue(connection.offerDatagram(new byte[100]));
            peer.advanceMs(10);
        }
        List<RawPacket> there = sentTo(peer, PREFERRED);
        assertFalse(there.isEmpty());
        for (RawPacket packet : there) {
            assertTrue(
                    packet.frames().stream().allMatch(Frame::isProbing),
                    packet.frames().toString());
            assertEquals(ID, packet.destination(), "the ID that came with the address");
            assertEquals(1200, packet.datagram().bytes().length);
        }
        assertEquals(Target.PEER, connection.remoteAddress());
    }

    // RFC 9000 §9.6.1: the client moves, and gives the first ID back.
    @Test
    void onceItAnswersEverythingGoesThereUnderTheIdThatCameWithIt() {
        RawPeer peer = offering(true);
        QuicConnection connection = peer.target.connection();
        answer(peer, PREFERRED);
        assertEquals(PREFERRED, connection.remoteAddress());
        peer.received.clear();
        assertTrue(connection.offerDatagram(new byte[100]));
        peer.advanceMs(500);
        assertFalse(peer.received.isEmpty());
        assertTrue(peer.received.stream()
                .allMatch(packet -> packet.datagram().to().equals(PREFERRED)
                        && packet.destination().equals(ID)));
        assertEquals(1, connection.statistics().migrations());
        peer.target.deliver(peer.oneRtt(PingFrame.INSTANCE).build(), PREFERRED);
        peer.advanceMs(30);
        peer.assertAlive(); // RFC 9000 §9.6.2: what comes late from the first address counts too
    }

    @Test
    void theMoveIsToldByMoreThanAProbeAndTheFirstIdIsRetired() {
        RawPeer peer = offering(true);
        answer(peer, PREFERRED);
        List<RawPacket> there = sentTo(peer, PREFERRED);
        assertTrue(
                there.stream().anyMatch(packet -> !packet.frames().stream().allMatch(Frame::isProbing)),
                "the server has to follow");
        assertEquals(
                List.of(new RetireConnectionIdFrame(0)),
                peer.frames(RetireConnectionIdFrame.class).stream().distinct().toList());
    }

    @Requirement("9000-9.6.1-1")
    @Test
    void withoutAnAnswerTheClientStaysWithTheFirstAddress() {
        RawPeer peer = offering(true);
        for (int i = 0; i < 20; i++) {
            peer.advanceMs(500).acknowledgeAll();
        }
        int asked = sentTo(peer, PREFERRED).size();
        assertTrue(asked >= 2, asked + " questions");
        peer.received.clear();
        peer.assertAlive();
        assertEquals(Target.PEER, peer.target.connection().remoteAddress());
        assertTrue(sentTo(peer, PREFERRED).isEmpty());
        // RFC 9000 §9: nor is anything taken from there any more.
        peer.received.clear();
        peer.target.deliver(peer.oneRtt(PingFrame.INSTANCE).build(), PREFERRED);
        peer.advanceMs(100);
        assertTrue(peer.received.isEmpty());
    }

    // RFC 9000 §8.2.3: an answer proves the path of the question, wherever it comes from; a wrong one proves nothing.
    @Test
    void anAnswerThatDoesNotMatchMovesNothing() {
        RawPeer peer = offering(true);
        peer.target.deliver(peer.oneRtt(new PathResponseFrame(1)).padTo(1200).build(), PREFERRED);
        peer.advanceMs(100);
        assertEquals(Target.PEER, peer.target.connection().remoteAddress());
    }

    @Requirement("9000-9.6.2-4")
    @Test
    void anotherConnectionBeginsAtTheFirstAddressAgainWithTheTokenThatCameMeanwhile() throws MalformedPacketException {
        RawPeer peer = offering(true);
        answer(peer, PREFERRED);
        peer.target.deliver(peer.oneRtt().payload(RawBytes.hex("07 03 aabbcc")).build(), PREFERRED);
        peer.advanceMs(100);
        peer.target.outbox.clear();
        QuicConnection next = peer.target.endpoint.connect(Target.PEER, peer.target.nowNs);
        assertEquals(Target.PEER, next.remoteAddress());
        peer.target.flush();
        Target.Sent initial = peer.target.outbox.stream()
                .filter(sent -> (sent.bytes()[0] & 0x80) != 0)
                .findFirst()
                .orElseThrow();
        assertEquals(Target.PEER, initial.to());
        LongHeader header = LongHeader.parse(WireReader.of(initial.bytes()));
        assertArrayEquals(RawBytes.hex("aabbcc"), ((LongHeader.Initial) header).token());
    }

    @Requirement("9000-9.6.3-1")
    // RFC 9000 §9.6.3: who moves while it asks, asks both from its new address; the preferred one wins.
    @Test
    void aClientThatMovesBeforeItIsAnsweredEndsAtThePreferredAddress() {
        RawPeer peer = offering(true);
        peer.send(peer.oneRtt()
                .payload(FrameRulesTest.newConnectionId(2, 0))
                .payload(FrameRulesTest.newConnectionId(3, 0)));
        QuicConnection connection = peer.target.connection();
        peer.received.clear();
        assertTrue(connection.migrate(peer.target.nowNs));
        peer.target.flush();
        peer.readOutbox();
        RawPacket there = sentTo(peer, PREFERRED).getFirst();
        RawPacket here = sentTo(peer, Target.PEER).getFirst();
        assertTrue(there.has(PathChallengeFrame.class) && here.has(PathChallengeFrame.class));
        assertEquals(
                2,
                List.of(there, here).stream()
                        .map(RawPacket::destination)
                        .distinct()
                        .count());
        assertTrue(
                peer.received.stream().noneMatch(packet -> packet.destination().equals(ID)), "of the old address");
        answer(peer, PREFERRED);
        assertEquals(PREFERRED, connection.remoteAddress());
        peer.received.clear();
        peer.advanceMs(5_000);
        assertTrue(sentTo(peer, Target.PEER).isEmpty(), "the first address is not asked any more");
    }

    @Test
    void aClientThatIsNotToldToFollowStaysAndCanUseTheIdOtherwise() {
        RawPeer peer = offering(false);
        peer.advanceMs(3_000);
        assertTrue(sentTo(peer, PREFERRED).isEmpty());
        assertTrue(peer.target.connection().migrate(peer.target.nowNs), "with the ID of the preferred address");
        peer.target.flush();
        peer.readOutbox();
        assertEquals(ID, peer.received.getLast().destination());
    }

    // RFC 9000 §18.2: its token is one of the connection's, once the ID is used.
    @Test
    void theResetTokenOfThePreferredAddressEndsTheConnection() {
        RawPeer peer = offering(true);
        answer(peer, PREFERRED);
        byte[] reset =
                RawBytes.join(RawBytes.hex("40" + "77".repeat(20)), RawBytes.hex("a0a1a2a3a4a5a6a7a8a9aaabacadaeaf"));
        peer.target.deliver(reset, PREFERRED);
        CloseReason reason = peer.target.closeReason();
        assertNotNull(reason);
        assertEquals(CloseReason.Kind.STATELESS_RESET, reason.kind());
    }

    // RFC 9000 §19.15: the sequence number 1 is taken.
    @Test
    void anotherIdUnderTheSameSequenceNumberIsAFault() {
        RawPeer peer = offering(true);
        peer.send(peer.oneRtt().payload(FrameRulesTest.newConnectionId(1, 0)));
        peer.assertClosedWith(TransportError.PROTOCOL_VIOLATION);
    }

    @Test
    void thePreferredIdIsNotThatOfTheHandshake() {
        RawPeer peer = RawPeer.of(false);
        peer.parameters = plain -> plain.add(RawParameters.PREFERRED_ADDRESS, encoded(peer.source));
        peer.tryHandshake();
        peer.assertClosedWith(TransportError.TRANSPORT_PARAMETER_ERROR);
    }

    // RFC 9000 §18.2: the ban on moving does not outlast the move that the server asked for.
    @Test
    void whoWentToThePreferredAddressMayMoveAlthoughTheServerForbadeIt() {
        RawPeer peer = RawPeer.server(Target.client(
                Target.QUIET.toBuilder().followsPreferredAddress(true).build()));
        peer.parameters = plain -> plain.add(RawParameters.PREFERRED_ADDRESS, encoded(ID))
                .add(RawParameters.DISABLE_ACTIVE_MIGRATION, new byte[0]);
        peer.tryHandshake();
        peer.send(peer.oneRtt().payload(FrameRulesTest.newConnectionId(2, 0)));
        assertFalse(peer.target.connection().migrate(peer.target.nowNs));
        answer(peer, PREFERRED);
        assertTrue(peer.target.connection().migrate(peer.target.nowNs));
    }

    @Test
    void aServerOffersItsAddressesWithAnIdThatLeadsToIt() throws TransportException {
        RawPeer peer = RawPeer.client(Target.server(serverSettings()));
        peer.tryHandshake();
        PreferredAddress offer = offerOf(peer);
        assertEquals(PREFERRED, offer.ipv4());
        assertEquals(PREFERRED_V6, offer.ipv6());
        peer.advanceMs(30);
        assertTrue(
                peer.frames(NewConnectionIdFrame.class).stream().allMatch(frame -> frame.sequence() >= 2),
                "the first sequence numbers are taken");
        peer.settle();
        peer.destination = offer.id();
        peer.assertAlive();
        peer.send(peer.oneRtt(new RetireConnectionIdFrame(0)));
        peer.assertAlive();
    }

    @Requirement("9000-9.6.3-2")
    // RFC 9000 §9.6.3: behind a NAT the client has another address towards the preferred one; it has to be proven.
    @Test
    void whoComesFromElsewhereWithTheOfferedIdIsAskedAndTrustedForThreeTimesWhatItSent() throws TransportException {
        RawPeer peer = RawPeer.client(Target.server(serverSettings()));
        peer.handshake();
        peer.destination = offerOf(peer).id();
        byte[] packet = peer.oneRtt(PingFrame.INSTANCE).padTo(200).build();
        peer.target.deliver(packet, Target.STRANGER);
        QuicConnection connection = peer.target.connection();
        for (int i = 0; i < 10; i++) {
            assertTrue(connection.offerDatagram(new byte[500]));
        }
        peer.advanceMs(100);
        List<RawPacket> there = sentTo(peer, Target.STRANGER);
        assertTrue(there.stream().anyMatch(each -> each.has(PathChallengeFrame.class)));
        int bytes =
                there.stream().mapToInt(each -> each.datagram().bytes().length).sum();
        assertTrue(bytes <= 3 * packet.length, bytes + " bytes");
    }

    @Test
    void nobodyCanBeAskedToGoNowhere() {
        for (InetSocketAddress bad : List.of(
                new InetSocketAddress("0.0.0.0", 1),
                new InetSocketAddress("::", 1),
                new InetSocketAddress("192.0.2.1", 0),
                InetSocketAddress.createUnresolved("server.example", 1))) {
            assertThrows(IllegalArgumentException.class, () -> PreferredAddresses.NONE.with(bad), bad.toString());
        }
    }

    private static TransportSettings serverSettings() {
        return Target.QUIET.toBuilder()
                .preferredAddresses(PreferredAddresses.NONE.with(PREFERRED).with(PREFERRED_V6))
                .build();
    }

    private static PreferredAddress offerOf(RawPeer peer) throws TransportException {
        byte[] encoded = peer.peerParameters;
        assertNotNull(encoded);
        PreferredAddress offer = TransportParameters.parse(encoded, true).preferredAddress();
        assertNotNull(offer);
        return offer;
    }

    /** A server that has named its preferred address to a client that follows, or does not. */
    private static RawPeer offering(boolean clientFollows) {
        RawPeer peer = RawPeer.server(Target.client(
                Target.QUIET.toBuilder().followsPreferredAddress(clientFollows).build()));
        peer.parameters = plain -> plain.add(RawParameters.PREFERRED_ADDRESS, encoded(ID));
        peer.tryHandshake();
        peer.acknowledgeAll();
        return peer;
    }

    private static byte[] encoded(ConnectionId id) {
        return RawBytes.join(
                RawBytes.hex("c6336450 20fb"),
                new byte[18],
                RawBytes.hex("08"),
                id.bytes(),
                RawBytes.hex("a0a1a2a3a4a5a6a7a8a9aaabacadaeaf"));
    }

    private static List<RawPacket> sentTo(RawPeer peer, InetSocketAddress to) {
        return peer.received.stream()
                .filter(packet -> packet.datagram().to().equals(to))
                .toList();
    }

    /** Answers the questions that went to an address, from there. */
    private static void answer(RawPeer peer, InetSocketAddress at) {
        for (RawPacket packet : sentTo(peer, at)) {
            for (PathChallengeFrame question : packet.all(PathChallengeFrame.class)) {
                peer.target.deliver(
                        peer.oneRtt(new PathResponseFrame(question.data()))
                                .padTo(1200)
                                .build(),
                        at);
            }
        }
        peer.readOutbox();
    }
}
