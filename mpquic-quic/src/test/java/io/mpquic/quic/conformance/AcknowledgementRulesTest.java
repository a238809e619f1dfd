package io.mpquic.quic.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.wire.AckFrame;
import io.mpquic.quic.wire.EncryptionLevel;
import io.mpquic.quic.wire.PingFrame;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9000 §13.2: what is acknowledged, and when. */
class AcknowledgementRulesTest {
    private static final EncryptionLevel LEVEL = EncryptionLevel.ONE_RTT;

    @Requirement({"9000-13.2.1-1", "9000-13.2.1-3"})
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aPingIsAcknowledgedWithin25Milliseconds(boolean peerIsClient) {
        RawPeer peer = RawPeer.connected(peerIsClient);
        long sentNs = peer.target.nowNs;
        long number = peer.peekNumber(LEVEL);
        peer.send(peer.oneRtt(PingFrame.INSTANCE));
        assertEquals(0, peer.received.size(), "one packet alone can wait");
        peer.advanceMs(26);
        RawPacket answer = peer.received.getFirst();
        assertTrue(answer.all(AckFrame.class).getFirst().ranges().contains(number));
        assertTrue(answer.datagram().atNs() - sentNs <= 25_000_000);
        assertEquals(1, peer.received.size());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theSecondAckElicitingPacketIsAcknowledgedAtOnce(boolean peerIsClient) {
        RawPeer peer = RawPeer.connected(peerIsClient);
        peer.send(peer.oneRtt(PingFrame.INSTANCE)).send(peer.oneRtt(PingFrame.INSTANCE));
        assertEquals(1, peer.frames(AckFrame.class).size());
    }

    @Test
    void aGapIsReportedAtOnceAndSoIsThePacketThatFillsIt() {
        RawPeer peer = RawPeer.connected(true);
        peer.assertAlive();
        peer.received.clear();
        long missing = peer.peekNumber(LEVEL);
        peer.skipNumbers(LEVEL, 1);
        peer.send(peer.oneRtt(PingFrame.INSTANCE));
        AckFrame first = peer.frames(AckFrame.class).getFirst();
        assertTrue(first.ranges().contains(missing + 1));
        assertFalse(first.ranges().contains(missing));
        peer.received.clear();
        peer.send(peer.packet(LEVEL, missing).frames(PingFrame.INSTANCE));
        assertTrue(peer.frames(AckFrame.class).getFirst().ranges().contains(missing));
    }

    @Requirement("9000-13.2.1-2")
    @Test
    void initialAndHandshakePacketsAreAcknowledgedAtOnce() {
        for (EncryptionLevel level : new EncryptionLevel[] {EncryptionLevel.INITIAL, EncryptionLevel.HANDSHAKE}) {
            RawPeer peer = FrameRulesTest.atLevel(true, level);
            if (level == EncryptionLevel.INITIAL) {
                peer.send(peer.packet(level).frames(PingFrame.INSTANCE).padTo(1200));
            } else {
                peer.send(peer.packet(level).frames(PingFrame.INSTANCE));
            }
            assertFalse(peer.frames(AckFrame.class).isEmpty());
        }
    }

    /** RFC 9000 §13.2.1: or two endpoints would acknowledge acknowledgements for ever. */
    @Requirement("9000-13.2.1-4")
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void packetsThatElicitNoAcknowledgementGetNone(boolean peerIsClient) {
        RawPeer peer = RawPeer.connected(peerIsClient);
        for (int i = 0; i < 50; i++) {
            peer.skipNumbers(LEVEL, i % 2); // not even when there are gaps
            peer.acknowledgeAll();
            peer.send(peer.oneRtt().payload(new byte[20]));
        }
        peer.advanceMs(100);
        assertEquals(0, peer.received.size());
    }

    @Requirement("9000-13.2.5-1")
    @Test
    void theReportedDelayIsTheTimeThatTheAcknowledgementWaited() {
        RawPeer peer = RawPeer.connected(true);
        peer.send(peer.oneRtt(PingFrame.INSTANCE)).advanceMs(10);
        peer.send(peer.oneRtt().payload(new byte[4])); // elicits nothing, but is the largest now
        peer.advanceMs(20);
        long delayUs = peer.frames(AckFrame.class).getFirst().ackDelay() << 3;
        assertTrue(delayUs <= 25_000, delayUs + " us");
    }
}
