package io.mpquic.quic.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.wire.AckFrame;
import io.mpquic.quic.wire.AckRanges;
import io.mpquic.quic.wire.EcnCounts;
import io.mpquic.quic.wire.EncryptionLevel;
import io.mpquic.quic.wire.PacketType;
import io.mpquic.quic.wire.PingFrame;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9000 §13.4, RFC 9002 §7.1: explicit congestion notification, given and taken. */
class EcnRulesTest {
    private static final int ECT_1 = 1;
    private static final int ECT_0 = 2;
    private static final int CE = 3;

    private long sent;
    private long congested;

    // RFC 9000 §13.4.1, §19.3.2: what came is counted for each codepoint.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void marksThatComeAreCountedInAckFrames(boolean peerIsClient) {
        RawPeer peer = RawPeer.connected(peerIsClient);
        ping(peer, ECT_0);
        ping(peer, ECT_0);
        ping(peer, ECT_1);
        ping(peer, CE);
        peer.advanceMs(30);
        assertEquals(
                new EcnCounts(2, 1, 1), peer.frames(AckFrame.class).getLast().ecn());
        ping(peer, 0);
        peer.advanceMs(30);
        assertEquals(
                new EcnCounts(2, 1, 1), peer.frames(AckFrame.class).getLast().ecn());
    }

    // RFC 9000 §13.4.1: who has seen no mark, or cannot, reports none.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void withoutMarksThereAreNoCounts(boolean peerIsClient) {
        RawPeer peer = RawPeer.connected(peerIsClient);
        ping(peer, 0);
        peer.advanceMs(30);
        assertNull(peer.frames(AckFrame.class).getLast().ecn());
    }

    // RFC 9000 §13.2.1
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void congestionIsToldOfAtOnce(boolean peerIsClient) {
        RawPeer peer = RawPeer.connected(peerIsClient);
        ping(peer, CE);
        assertNotNull(peer.frames(AckFrame.class).getFirst().ecn());
    }

    // RFC 9000 §13.4.2: a peer that does not count ends it, and loses nothing by it.
    @Requirement("9000-13.4.2.2-1")
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void marksEndWhenThePeerDoesNotCountThem(boolean peerIsClient) {
        RawPeer peer = RawPeer.connected(peerIsClient);
        assertEquals(0, lastCodepoint(peer));
        peer.assertAlive();
    }

    // RFC 9002 §7.1: a rise of the CE count is a loss of none, and halves the window all the same.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aPeerThatCountsIsSentMarksAndItsCongestionCounts(boolean peerIsClient) {
        RawPeer peer = counting(peerIsClient);
        assertEquals(ECT_0, lastCodepoint(peer));
        long before = peer.target.connection().statistics().congestionWindowBytes();
        congested = 1;
        peer.target.connection().offerDatagram(new byte[100]);
        peer.advanceMs(1);
        acknowledge(peer);
        assertTrue(peer.target.connection().statistics().congestionWindowBytes() < before);
        assertEquals(0, peer.target.connection().statistics().packetsLost());
        assertEquals(ECT_0, lastCodepoint(peer));
    }

    // RFC 9000 §13.4.2.1: counts of marks that were never sent.
    @Requirement("9000-13.4.2.2-2")
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void marksEndWhenThePeerCountsWhatWasNotSent(boolean peerIsClient) {
        RawPeer peer = counting(peerIsClient);
        sent += 1_000;
        peer.target.connection().offerDatagram(new byte[100]);
        peer.advanceMs(1);
        acknowledge(peer);
        assertEquals(0, lastCodepoint(peer));
        peer.assertAlive();
    }

    // RFC 9000 §13.4.1: even one that sends none.
    @Requirement("9000-13.4.1-1")
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void withoutTheSettingMarksAreStillCounted(boolean peerIsClient) {
        RawPeer peer = unmarked(peerIsClient);
        ping(peer, ECT_0);
        ping(peer, CE);
        peer.advanceMs(30);
        assertEquals(
                new EcnCounts(1, 0, 1), peer.frames(AckFrame.class).getLast().ecn());
    }

    // RFC 9000 §13.4.2.1: ACK frames overtake each other; the older one has older counts, here none.
    @Requirement("9000-13.4.2.1-1")
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anAckThatComesLateDoesNotEndMarks(boolean peerIsClient) {
        RawPeer peer = counting(peerIsClient);
        peer.received.clear();
        lastCodepoint(peer);
        List<RawPacket> packets = List.copyOf(peer.received);
        assertTrue(packets.size() >= 2);
        sent += packets.size();
        peer.send(peer.oneRtt(new AckFrame(only(packets.getLast()), 0, new EcnCounts(sent, 0, 0))));
        peer.send(peer.oneRtt(new AckFrame(only(packets.getFirst()), 0, null)));
        assertEquals(ECT_0, lastCodepoint(peer));
    }

    private static AckRanges only(RawPacket packet) {
        AckRanges ranges = new AckRanges();
        ranges.add(packet.number(), packet.number());
        return ranges;
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void withoutTheSettingNothingIsMarked(boolean peerIsClient) {
        RawPeer peer = unmarked(peerIsClient);
        assertTrue(peer.received.stream().allMatch(packet -> packet.datagram().codepoint() == 0));
    }

    private static RawPeer unmarked(boolean peerIsClient) {
        var quiet = Target.QUIET.toBuilder().ecn(false).build();
        RawPeer peer = peerIsClient ? RawPeer.client(Target.server(quiet)) : RawPeer.server(Target.client(quiet));
        return peer.tryHandshake().advanceMs(100);
    }

    /** A peer that has shaken hands and counts all the marks that it was sent. */
    private RawPeer counting(boolean peerIsClient) {
        RawPeer peer = RawPeer.of(peerIsClient);
        peer.tryHandshake();
        for (int i = 0; i < 5; i++) {
            peer.advanceMs(30);
            acknowledge(peer);
        }
        return peer;
    }

    private void acknowledge(RawPeer peer) {
        long largest = peer.largestRead(EncryptionLevel.ONE_RTT);
        sent += peer.received.stream()
                .filter(packet -> packet.datagram().codepoint() == ECT_0 && packet.type() == PacketType.ONE_RTT)
                .count();
        AckRanges ranges = new AckRanges();
        ranges.add(0, largest);
        peer.received.clear();
        peer.send(peer.oneRtt(new AckFrame(ranges, 0, new EcnCounts(sent - congested, 0, congested))));
    }

    private static int lastCodepoint(RawPeer peer) {
        for (int i = 0; i < 3; i++) {
            peer.target.connection().offerDatagram(new byte[100]);
            peer.advanceMs(1);
        }
        return peer.received.getLast().datagram().codepoint();
    }

    private static void ping(RawPeer peer, int codepoint) {
        peer.target.deliver(peer.oneRtt(PingFrame.INSTANCE).build(), Target.PEER, codepoint);
        peer.readOutbox();
    }
}
