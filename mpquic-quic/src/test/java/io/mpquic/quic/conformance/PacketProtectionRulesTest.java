package io.mpquic.quic.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.wire.EncryptionLevel;
import io.mpquic.quic.wire.PacketNumber;
import io.mpquic.quic.wire.PingFrame;
import io.mpquic.quic.wire.TransportError;
import io.mpquic.quic.wire.VarInt;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9000 §12.3, §17.1, RFC 9001 §5, §6: packet numbers, duplicates, forgeries, key updates. */
class PacketProtectionRulesTest {
    private static final EncryptionLevel LEVEL = EncryptionLevel.ONE_RTT;

    @Requirement("9000-12.3-4")
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aPacketThatComesTwiceIsProcessedOnce(boolean peerIsClient) {
        RawPeer peer = RawPeer.connected(peerIsClient);
        byte[] packet = peer.oneRtt().payload(RawBytes.hex("30 aabb")).build();
        peer.send(packet).send(packet).advanceMs(30).send(packet);
        assertEquals(1, peer.target.datagrams.size());
        peer.assertAlive();
    }

    @Requirement({"9000-12.3-4", "9000-13.2.3-1"})
    @Test
    void aVeryOldPacketCountsAsADuplicate() {
        RawPeer peer = RawPeer.connected(true);
        byte[] old = peer.oneRtt().payload(RawBytes.hex("30 aabb")).build();
        peer.skipNumbers(LEVEL, 1 << 20);
        peer.send(peer.oneRtt(PingFrame.INSTANCE)).send(old);
        assertEquals(0, peer.target.datagrams.size());
        peer.assertAlive();
    }

    @Test
    void packetNumbersMayJumpByHalfTheirWindow() {
        RawPeer peer = RawPeer.connected(true);
        for (int i = 0; i < 5; i++) {
            peer.skipNumbers(LEVEL, (1L << 31) - 10);
            peer.assertAlive();
        }
    }

    /** RFC 9000 §12.3, §17.1: what the few bytes of a packet stand for is never beyond 2^62-1. */
    @Test
    void noPacketNumberIsBeyond2To62() {
        long largest = VarInt.MAX - 2;
        for (int length = 1; length <= 4; length++) {
            for (long truncated : new long[] {0, 1, (1L << (8 * length)) - 1, (1L << (8 * length)) - 3}) {
                long number = PacketNumber.decode(truncated, length, largest);
                assertTrue(number >= 0 && number <= VarInt.MAX, length + " bytes: " + truncated + " -> " + number);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4})
    void packetNumbersOfEveryLengthAreRead(int length) {
        RawPeer peer = RawPeer.connected(true);
        peer.send(peer.oneRtt().payload(RawBytes.hex("30 aabbccdd")).numberLength(length));
        assertEquals(1, peer.target.datagrams.size());
    }

    @Requirement({"9000-5.2-1", "9000-13.1-1", "9001-5.5-1"})
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aForgedPacketIsDroppedInSilence(boolean peerIsClient) {
        RawPeer peer = RawPeer.connected(peerIsClient);
        byte[] genuine =
                peer.oneRtt().payload(RawBytes.hex("30 aabbccddeeff00112233")).build();
        for (int bit = 0; bit < genuine.length * 8; bit++) {
            byte[] forged = genuine.clone();
            forged[bit / 8] ^= (byte) (1 << (bit % 8));
            if (bit / 8 < 1 || bit / 8 > 8) { // another connection ID is another matter
                peer.send(forged);
            }
        }
        assertEquals(0, peer.target.datagrams.size());
        assertEquals(0, peer.received.size());
        peer.send(genuine);
        assertEquals(1, peer.target.datagrams.size());
        peer.assertAlive();
    }

    @Requirement({"9000-10.3-3", "9001-5.4.2-1"})
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void datagramsTooShortForAPacketAreDropped(boolean peerIsClient) {
        RawPeer peer = RawPeer.connected(peerIsClient);
        byte[] packet = peer.oneRtt().payload(RawBytes.hex("30 aabbccdd")).build();
        for (int length = 0; length < packet.length; length++) {
            peer.send(Arrays.copyOf(packet, length));
        }
        assertEquals(0, peer.target.datagrams.size());
        peer.assertAlive();
    }

    @Requirement({"9001-6-1", "9001-6.2-1", "9001-6.2-2", "9001-6.3-2", "9001-6.4-1"})
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void keyUpdatesOfThePeerAreFollowedSeveralTimesInARow(boolean peerIsClient) {
        RawPeer peer = RawPeer.connected(peerIsClient);
        for (int generation = 1; generation <= 6; generation++) {
            peer.writeGeneration = generation;
            peer.assertAlive();
            assertEquals(generation & 1, peer.received.getLast().phase(), "the answer has the new keys");
        }
        assertNull(peer.tlsFailure, "TLS has no part in it");
    }

    @Requirement("9001-6.3-2")
    @Test
    void packetsOfTheOldKeysThatComeLateAreStillRead() {
        RawPeer peer = RawPeer.connected(true);
        byte[] late = peer.oneRtt().payload(RawBytes.hex("30 aabb")).build();
        byte[] tooLate = peer.oneRtt().payload(RawBytes.hex("30 ccdd")).build();
        peer.writeGeneration = 1;
        peer.assertAlive();
        peer.send(late);
        assertEquals(1, peer.target.datagrams.size());
        peer.advanceMs(10_000).send(tooLate);
        assertEquals(1, peer.target.datagrams.size(), "three probe timeouts later the keys are gone");
        peer.assertAlive();
    }

    /** RFC 9001 §6.4: an error, unless the old keys are not even tried. */
    @Requirement({"9001-5.5-1", "9001-6.4-2"})
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void oldKeysOnANewerPacketAreNotAccepted(boolean peerIsClient) {
        RawPeer peer = RawPeer.connected(peerIsClient);
        peer.writeGeneration = 1;
        peer.assertAlive();
        peer.send(peer.oneRtt().payload(RawBytes.hex("30 aabb")).generation(0));
        assertEquals(0, peer.target.datagrams.size());
    }

    @Requirement("9001-6.4-2")
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void newerKeysOnAnOlderPacketAreAKeyUpdateError(boolean peerIsClient) {
        RawPeer peer = RawPeer.connected(peerIsClient);
        long old = peer.peekNumber(LEVEL);
        peer.skipNumbers(LEVEL, 1);
        peer.writeGeneration = 1;
        peer.assertAlive();
        peer.advanceMs(10_000);
        peer.send(peer.packet(LEVEL, old).frames(PingFrame.INSTANCE).generation(2));
        peer.assertClosedWith(TransportError.KEY_UPDATE_ERROR);
    }

    @Requirement("9001-5.5-2")
    @Test
    void aForgedKeyPhaseCausesNoKeyUpdate() {
        RawPeer peer = RawPeer.connected(true);
        byte[] packet = peer.oneRtt(PingFrame.INSTANCE).generation(1).build();
        packet[packet.length - 1] ^= 1;
        peer.send(packet).assertAlive();
        assertEquals(0, peer.received.getLast().phase());
    }
}
