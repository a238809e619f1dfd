package io.mpquic.quic.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.connection.TransportSettings;
import io.mpquic.quic.wire.AckFrame;
import io.mpquic.quic.wire.AckRanges;
import io.mpquic.quic.wire.EncryptionLevel;
import io.mpquic.quic.wire.PacketType;
import io.mpquic.quic.wire.PathChallengeFrame;
import io.mpquic.quic.wire.PingFrame;
import org.junit.jupiter.api.Test;

/** RFC 9000 §8.1, §9.3: what an endpoint does when it may send only little to an address that is not proven yet. */
class TightBudgetRulesTest {
    /** More holes than an ACK frame can list in a small packet. */
    private static RawPeer peerWithManyHoles() {
        RawPeer peer = RawPeer.connected(true);
        for (int i = 0; i < 40; i++) {
            peer.skipNumbers(EncryptionLevel.ONE_RTT, 1);
            peer.send(peer.oneRtt(PingFrame.INSTANCE));
        }
        peer.received.clear();
        return peer;
    }

    @Requirement({"9000-8-1", "9000-9.3-1", "9000-9.3-2"})
    @Test
    void aChallengeFitsIntoTheFirstPacketToANewAddressHoweverManyRangesWaitForAcknowledgement() {
        for (int size = 30; size < 120; size++) {
            RawPeer peer = peerWithManyHoles();
            peer.skipNumbers(EncryptionLevel.ONE_RTT, 1);
            peer.target.deliver(peer.oneRtt(PingFrame.INSTANCE).padTo(size).build(), Target.STRANGER);
            peer.readOutbox();
            assertFalse(peer.frames(PathChallengeFrame.class).isEmpty(), size + " bytes");
            peer.advanceMs(10_000);
            assertTrue(sentTo(peer) <= 3L * size, "more than three times " + size + " bytes");
        }
    }

    @Test
    void aProbeFitsNextToAnAcknowledgementOfManyRanges() {
        for (int size = 30; size < 120; size++) {
            RawPeer peer = peerWithManyHoles();
            assertTrue(peer.target.connection().offerDatagram(new byte[10])); // not acknowledged, so probes will follow
            peer.target.flush();
            peer.target.deliver(peer.oneRtt(PingFrame.INSTANCE).padTo(size).build(), Target.STRANGER);
            peer.skipNumbers(EncryptionLevel.ONE_RTT, 1);
            for (int i = 0; i < 20; i++) {
                peer.skipNumbers(EncryptionLevel.ONE_RTT, 1);
                peer.target.deliver(
                        peer.oneRtt(PingFrame.INSTANCE).padTo(27 + i).build(), Target.STRANGER);
                peer.target.advanceMs(40);
            }
            assertEquals(null, peer.target.closeReason());
        }
    }

    @Test
    void anAcknowledgementThatHasNoRoomDoesNotKeepTheEndpointBusy() {
        for (int size = 29; size < 60; size++) {
            RawPeer peer = RawPeer.connected(true);
            PacketDraft late = peer.oneRtt(PingFrame.INSTANCE);
            peer.target.deliver(peer.oneRtt(PingFrame.INSTANCE).padTo(size).build(), Target.STRANGER);
            peer.target.deliver(peer.oneRtt(PingFrame.INSTANCE).padTo(size).build(), Target.STRANGER);
            peer.advanceMs(30); // the acknowledgement leaves a rest of the budget
            peer.target.deliver(late.build()); // from where the client was: it says nothing of where it is
            peer.advanceMs(5_000); // fails when the endpoint spins
            assertEquals(Target.PEER, peer.target.connection().remoteAddress());
        }
    }

    @Requirement("9000-8-1")
    @Test
    void aProbeOfThePathMtuCountsAgainstTheBudgetToo() {
        RawPeer peer = RawPeer.client(Target.server(TransportSettings.defaults()));
        peer.tryHandshake();
        AckRanges arrived = new AckRanges();
        peer.received.stream()
                .filter(each -> each.type() == PacketType.ONE_RTT && each.bytes() < 1_400)
                .forEach(each -> arrived.add(each.number(), each.number()));
        peer.received.clear();
        // Probes of the larger sizes are lost, so that sizes between are tried.
        byte[] packet =
                peer.oneRtt(new AckFrame(arrived, 0, null), PingFrame.INSTANCE).build();
        peer.target.deliver(packet, Target.STRANGER);
        peer.advanceMs(10);
        assertTrue(sentTo(peer) > 0);
        assertTrue(sentTo(peer) <= 3L * packet.length, sentTo(peer) + " bytes for " + packet.length);
    }

    private static long sentTo(RawPeer peer) {
        return peer.received.stream()
                .map(RawPacket::datagram)
                .filter(sent -> sent.to().equals(Target.STRANGER))
                .distinct()
                .mapToLong(sent -> sent.bytes().length)
                .sum();
    }
}
