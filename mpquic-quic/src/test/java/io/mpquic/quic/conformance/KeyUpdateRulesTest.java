package io.mpquic.quic.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.connection.TransportSettings;
import io.mpquic.quic.crypto.AeadLimits;
import io.mpquic.quic.wire.EncryptionLevel;
import io.mpquic.quic.wire.HandshakeDoneFrame;
import io.mpquic.quic.wire.PingFrame;
import io.mpquic.quic.wire.TransportError;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9001 §6: key updates of our own accord, and the limits of the AEAD, with low ones. */
class KeyUpdateRulesTest {
    private static final long FEW_PACKETS = 100;
    private static final long UNLIMITED = Long.MAX_VALUE;
    private static final int THREE_PTO_MS = 10_000;

    @Requirement("9001-6.1-1")
    @Test
    void aServerUpdatesNoKeysBeforeTheHandshakeIsConfirmed() {
        RawPeer peer = FrameRulesTest.atLevel(true, EncryptionLevel.HANDSHAKE);
        assertFalse(update(peer));
        peer.handshake();
        assertTrue(update(peer));
    }

    @Requirement("9001-6.1-1")
    @Test
    void aClientUpdatesNoKeysBeforeTheHandshakeIsConfirmed() {
        RawPeer peer = RawPeer.of(false);
        peer.sendsHandshakeDone = false;
        peer.handshake();
        assertFalse(update(peer), "complete, and not confirmed");
        peer.send(peer.oneRtt(HandshakeDoneFrame.INSTANCE));
        peer.assertAlive();
        peer.acknowledgeAll();
        assertTrue(update(peer));
    }

    @Requirement("9001-6.1-2")
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theNextUpdateWaitsForAnAcknowledgementAndForThePeer(boolean peerIsClient) {
        RawPeer peer = RawPeer.connected(peerIsClient);
        assertTrue(update(peer));
        assertFalse(update(peer), "nothing was sent with these keys");
        peer.assertAlive();
        assertEquals(1, peer.received.getLast().phase());
        assertFalse(update(peer), "nothing of that was acknowledged");
        peer.acknowledgeAll();
        assertFalse(update(peer), "the peer has not followed");
        peer.writeGeneration = 1;
        peer.assertAlive();
        peer.acknowledgeAll();
        assertFalse(update(peer), "packets of the phase before may come");
        peer.advanceMs(THREE_PTO_MS);
        assertTrue(update(peer));
        peer.assertAlive();
        assertEquals(0, peer.received.getLast().phase());
    }

    /** RFC 9001 §6.1: the peer learns of the update when it reads the packet, and what it sent before is still good. */
    @Requirement("9001-6.1-3")
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void packetsOfTheOldKeysAreReadAfterAnUpdateOfOurs(boolean peerIsClient) {
        RawPeer peer = RawPeer.connected(peerIsClient);
        assertTrue(update(peer));
        peer.send(peer.oneRtt().payload(RawBytes.hex("30 aabb")));
        peer.advanceMs(THREE_PTO_MS);
        peer.send(peer.oneRtt().payload(RawBytes.hex("30 ccdd")));
        assertEquals(2, peer.target.datagrams.size());
        byte[] late = peer.oneRtt().payload(RawBytes.hex("30 eeff")).build();
        peer.writeGeneration = 1;
        peer.assertAlive();
        peer.send(late);
        assertEquals(3, peer.target.datagrams.size());
    }

    @Requirement({"9001-5.3-3", "9001-6.6-1", "9001-6.6-3"})
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void keysAreUpdatedBeforeTheyWearOut(boolean peerIsClient) {
        RawPeer peer = limited(peerIsClient, new AeadLimits(FEW_PACKETS, UNLIMITED));
        for (int i = 0; i < 4 * FEW_PACKETS; i++) {
            ping(peer);
            peer.writeGeneration = Math.max(peer.writeGeneration, peer.readGeneration());
            peer.advanceMs(200);
        }
        assertNull(peer.target.closeReason());
        long updates = peer.target.connection().statistics().keyUpdates();
        assertTrue(updates >= 4, updates + " updates");
        peer.assertAlive();
    }

    @Requirement({"9001-6.6-1", "9001-6.6-2", "9001-6.6-4"})
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aPeerThatDoesNotLetKeysBeUpdatedLosesTheConnectionBeforeTheLimit(boolean peerIsClient) {
        RawPeer peer = limited(peerIsClient, new AeadLimits(FEW_PACKETS, UNLIMITED));
        // It reads all and acknowledges all, but stays with its first keys.
        for (int i = 0; i < 40 * FEW_PACKETS; i++) {
            ping(peer);
        }
        peer.assertClosedWith(TransportError.AEAD_LIMIT_REACHED);
        for (int phase = 0; phase <= 1; phase++) {
            int wanted = phase;
            long packets = peer.received.stream()
                    .filter(packet -> packet.phase() == wanted)
                    .count();
            assertTrue(packets > 0 && packets < FEW_PACKETS, packets + " packets with one key");
        }
    }

    @Requirement({"9001-6.6-4", "9001-6.6-5", "9001-6.6-6"})
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void tooManyForgeriesOverAllKeysEndTheConnection(boolean peerIsClient) {
        RawPeer peer = limited(peerIsClient, new AeadLimits(UNLIMITED, 20));
        for (int i = 0; i < 19; i++) {
            if (i == 10) {
                peer.writeGeneration = 1;
                peer.assertAlive();
            }
            forge(peer);
        }
        peer.assertAlive();
        peer.received.clear();
        forge(peer);
        peer.assertClosedWith(TransportError.AEAD_LIMIT_REACHED);
        peer.send(peer.oneRtt().payload(RawBytes.hex("30 aabb")));
        assertEquals(0, peer.target.datagrams.size(), "nothing more is processed");
    }

    private static void forge(RawPeer peer) {
        byte[] forged =
                peer.oneRtt().payload(RawBytes.hex("30 aabbccddeeff00112233")).build();
        forged[forged.length - 1] ^= 1;
        peer.send(forged);
    }

    /** Makes the target send an acknowledgement, which is acknowledged with the next PING. */
    private static void ping(RawPeer peer) {
        peer.acknowledgeAll();
        peer.send(peer.oneRtt(PingFrame.INSTANCE));
        peer.advanceMs(30);
    }

    private static boolean update(RawPeer peer) {
        return peer.target.connection().updateKeys(peer.target.nowNs);
    }

    private static RawPeer limited(boolean peerIsClient, AeadLimits limits) {
        TransportSettings settings =
                Target.QUIET.toBuilder().aeadLimits(limits).idleTimeoutNs(0).build();
        return (peerIsClient ? RawPeer.client(Target.server(settings)) : RawPeer.server(Target.client(settings)))
                .handshake();
    }
}
