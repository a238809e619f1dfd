package io.mpquic.quic.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.connection.SmallAeadLimits;
import io.mpquic.quic.wire.ConnectionCloseFrame;
import io.mpquic.quic.wire.EncryptionLevel;
import io.mpquic.quic.wire.HandshakeDoneFrame;
import io.mpquic.quic.wire.PingFrame;
import io.mpquic.quic.wire.TransportError;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9001 §6: key updates of our own accord, those of the peer that break a rule, and the limits of the AEAD. */
class KeyUpdateRulesTest {
    private static final long NO_LIMIT = Long.MAX_VALUE;
    private static final long PACKETS_OF_A_KEY = 200;

    // RFC 9001 §6.1: a client's handshake is confirmed by HANDSHAKE_DONE only.
    @Requirement("9001-6.1-1")
    @Test
    void noKeyUpdateBeforeTheHandshakeIsConfirmed() {
        RawPeer peer = RawPeer.of(false);
        peer.sendsHandshakeDone = false;
        peer.handshake();
        peer.target.connection().offerDatagram(new byte[10]);
        peer.advanceMs(1).acknowledgeAll();
        assertFalse(update(peer));
        peer.send(peer.oneRtt(HandshakeDoneFrame.INSTANCE));
        assertTrue(update(peer));
    }

    // RFC 9001 §6.1
    @Requirement({"9001-6.1-2", "9001-6.1-3"})
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theNextUpdateWaitsForAnAcknowledgement(boolean peerIsClient) {
        RawPeer peer = ready(peerIsClient);
        for (int generation = 1; generation <= 4; generation++) {
            assertTrue(update(peer));
            assertFalse(update(peer), "nothing was sent yet");
            say(peer);
            assertEquals(generation & 1, peer.received.getLast().phase());
            assertFalse(update(peer), "nothing is acknowledged");
            peer.send(peer.oneRtt().payload(RawBytes.hex("30 aabb")));
            assertEquals(generation, peer.target.datagrams.size(), "the old keys stay until new ones come");
            peer.writeGeneration = generation;
            peer.send(peer.oneRtt(PingFrame.INSTANCE));
            peer.acknowledgeAll().advanceMs(10_000).acknowledgeAll();
            assertEquals(
                    generation,
                    peer.target.connection().statistics().keyUpdates(),
                    "the answer to ours is none to answer");
        }
    }

    // RFC 9001 §6.1: that the peer has the keys, and for how long, is not enough.
    @Requirement("9001-6.1-2")
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anAnswerThatAcknowledgesNothingPermitsNoUpdate(boolean peerIsClient) {
        RawPeer peer = ready(peerIsClient);
        assertTrue(update(peer));
        say(peer);
        peer.writeGeneration = 1;
        peer.send(peer.oneRtt(PingFrame.INSTANCE)).advanceMs(10_000);
        assertFalse(update(peer));
        peer.acknowledgeAll();
        assertTrue(update(peer));
    }

    // RFC 9001 §6.5: packets of the keys before the last would otherwise find nothing that opens them.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theNextUpdateWaitsForOldReadKeysToGo(boolean peerIsClient) {
        RawPeer peer = ready(peerIsClient);
        assertTrue(update(peer));
        say(peer);
        peer.writeGeneration = 1;
        peer.acknowledgeAll();
        assertFalse(update(peer));
        peer.advanceMs(10_000);
        assertTrue(update(peer));
    }

    // RFC 9001 §6.1: both begin at once, and neither takes the other's update for one more.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void updatesThatBothBeginAtOnceAreOne(boolean peerIsClient) {
        RawPeer peer = ready(peerIsClient);
        assertTrue(update(peer));
        peer.writeGeneration = 1;
        peer.assertAlive();
        assertEquals(1, peer.received.getLast().phase());
        assertEquals(1, peer.target.connection().statistics().keyUpdates());
    }

    // RFC 9001 §6.2
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anAcknowledgementOfNewKeysUnderOldOnesIsAKeyUpdateError(boolean peerIsClient) {
        RawPeer peer = ready(peerIsClient);
        assertTrue(update(peer));
        say(peer);
        peer.acknowledgeAll();
        peer.assertClosedWith(TransportError.KEY_UPDATE_ERROR);
    }

    // RFC 9001 §6.2: this peer has not waited for an answer to its first update.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aSecondUpdateBeforeTheFirstIsConfirmedIsAKeyUpdateError(boolean peerIsClient) {
        RawPeer peer = ready(peerIsClient);
        peer.writeGeneration = 1;
        peer.send(peer.oneRtt(PingFrame.INSTANCE));
        assertEquals(0, peer.received.size(), "an acknowledgement has gone already: the test shows nothing");
        peer.writeGeneration = 2;
        peer.send(peer.oneRtt(PingFrame.INSTANCE));
        peer.assertClosedWith(TransportError.KEY_UPDATE_ERROR);
    }

    // RFC 9001 §6.6: each key has its own count.
    @Requirement({"9001-5.3-3", "9001-6.6-1", "9001-6.6-3"})
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void keysAreUpdatedLongBeforeTheyAreWornOut(boolean peerIsClient) {
        RawPeer peer = ready(peerIsClient);
        SmallAeadLimits.set(peer.target.connection(), PACKETS_OF_A_KEY, NO_LIMIT);
        for (int i = 0; i < 10 * PACKETS_OF_A_KEY; i++) {
            say(peer);
            peer.writeGeneration = peer.readGeneration();
            peer.acknowledgeAll().advanceMs(20);
        }
        assertEquals(null, peer.target.closeReason());
        long updates = peer.target.connection().statistics().keyUpdates();
        assertTrue(updates >= 12 && updates <= 20, updates + " updates");
    }

    // RFC 9001 §6.6: what acknowledges nothing permits no update; the close is the last that the keys protect.
    @Requirement({"9001-6.6-1", "9001-6.6-2", "9001-6.6-4"})
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void keysThatThePeerDoesNotLetBeUpdatedEndTheConnectionInTime(boolean peerIsClient) {
        RawPeer peer = ready(peerIsClient);
        assertTrue(update(peer));
        SmallAeadLimits.set(peer.target.connection(), PACKETS_OF_A_KEY, NO_LIMIT);
        for (int i = 0; i < 3 * PACKETS_OF_A_KEY && peer.target.closeReason() == null; i++) {
            peer.send(peer.oneRtt(PingFrame.INSTANCE));
            peer.send(peer.oneRtt(PingFrame.INSTANCE));
        }
        peer.assertClosedWith(TransportError.AEAD_LIMIT_REACHED);
        for (int i = 0; i < 10_000; i++) {
            peer.send(peer.oneRtt(PingFrame.INSTANCE));
        }
        assertTrue(peer.frames(ConnectionCloseFrame.class).size() > 1);
        long sealed =
                peer.received.stream().filter(packet -> packet.phase() == 1).count();
        assertTrue(sealed <= PACKETS_OF_A_KEY, sealed + " packets under one key");
    }

    // RFC 9001 §6.6: not even the close goes out then.
    @Requirement("9001-6.6-2")
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aKeyAtItsLimitProtectsNotEvenTheClose(boolean peerIsClient) {
        RawPeer peer = ready(peerIsClient);
        assertTrue(update(peer));
        SmallAeadLimits.set(peer.target.connection(), 8, NO_LIMIT);
        say(peer);
        peer.assertClosedWith(TransportError.AEAD_LIMIT_REACHED);
        for (int i = 0; i < 10_000; i++) {
            peer.send(peer.oneRtt(PingFrame.INSTANCE));
        }
        assertEquals(8, peer.received.size());
    }

    // RFC 9001 §6.6: over all keys.
    @Requirement({"9001-6.6-4", "9001-6.6-5", "9001-6.6-6"})
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void forgeriesAreCountedOverAllKeysAndEndTheConnection(boolean peerIsClient) {
        RawPeer peer = ready(peerIsClient);
        SmallAeadLimits.set(peer.target.connection(), NO_LIMIT, 30);
        for (int i = 0; i < 29; i++) {
            peer.writeGeneration = i / 10;
            peer.assertAlive();
            byte[] forged = peer.oneRtt(PingFrame.INSTANCE).build();
            forged[forged.length - 1] ^= 1;
            peer.send(forged);
        }
        peer.assertAlive();
        byte[] forged = peer.oneRtt(PingFrame.INSTANCE).build();
        forged[forged.length - 1] ^= 1;
        peer.send(forged);
        peer.assertClosedWith(TransportError.AEAD_LIMIT_REACHED);
        peer.send(peer.oneRtt().payload(RawBytes.hex("30 aabb")));
        assertEquals(0, peer.target.datagrams.size(), "nothing more is processed");
    }

    @Requirement({"9001-6.6-5", "9001-6.6-6"})
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void forgeriesUnderTheKeysOfTheHandshakeCountAsWell(boolean peerIsClient) {
        RawPeer peer = FrameRulesTest.atLevel(peerIsClient, EncryptionLevel.HANDSHAKE);
        for (int i = 0; i < 10; i++) {
            byte[] forged = peer.packet(EncryptionLevel.HANDSHAKE)
                    .frames(PingFrame.INSTANCE)
                    .padTo(100)
                    .build();
            forged[forged.length - 1] ^= 1;
            peer.send(forged);
        }
        peer.handshake();
        SmallAeadLimits.set(peer.target.connection(), NO_LIMIT, 11);
        peer.assertAlive();
        byte[] forged = peer.oneRtt(PingFrame.INSTANCE).build();
        forged[forged.length - 1] ^= 1;
        peer.send(forged);
        peer.assertClosedWith(TransportError.AEAD_LIMIT_REACHED);
    }

    /** A peer that has acknowledged a packet of the first keys. */
    private static RawPeer ready(boolean peerIsClient) {
        RawPeer peer = RawPeer.connected(peerIsClient);
        say(peer);
        peer.acknowledgeAll();
        peer.received.clear();
        return peer;
    }

    private static void say(RawPeer peer) {
        assertTrue(peer.target.connection().offerDatagram(new byte[10]));
        peer.advanceMs(1);
        assertNotNull(peer.received.getLast());
    }

    private static boolean update(RawPeer peer) {
        return peer.target.connection().updateKeys(peer.target.nowNs);
    }
}
