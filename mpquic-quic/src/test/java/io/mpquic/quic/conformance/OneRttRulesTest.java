package io.mpquic.quic.conformance;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.connection.SendResult;
import io.mpquic.quic.connection.TransportSettings;
import io.mpquic.quic.wire.AckFrame;
import io.mpquic.quic.wire.ConnectionId;
import io.mpquic.quic.wire.DatagramFrame;
import io.mpquic.quic.wire.EncryptionLevel;
import io.mpquic.quic.wire.NewConnectionIdFrame;
import io.mpquic.quic.wire.PacketNumber;
import io.mpquic.quic.wire.PathResponseFrame;
import io.mpquic.quic.wire.PingFrame;
import io.mpquic.quic.wire.RetireConnectionIdFrame;
import io.mpquic.quic.wire.TransportError;
import io.mpquic.quic.wire.TransportParameters;
import io.mpquic.quic.wire.VarInt;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9000 §5, §8.2, §12.3, §13.2, RFC 9001 §5, §6, RFC 9221: packets after the handshake. */
class OneRttRulesTest {
    private static final EncryptionLevel LEVEL = EncryptionLevel.ONE_RTT;

    // ---- acknowledgements

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

    @Test
    void theReportedDelayIsTheTimeThatTheAcknowledgementWaited() {
        RawPeer peer = RawPeer.connected(true);
        peer.send(peer.oneRtt(PingFrame.INSTANCE)).advanceMs(10);
        peer.send(peer.oneRtt().payload(new byte[4])); // elicits nothing, but is the largest now
        peer.advanceMs(20);
        long delayUs = peer.frames(AckFrame.class).getFirst().ackDelay() << 3;
        assertTrue(delayUs <= 25_000, delayUs + " us");
    }

    // ---- packet numbers, duplicates, forgeries

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aPacketThatComesTwiceIsProcessedOnce(boolean peerIsClient) {
        RawPeer peer = RawPeer.connected(peerIsClient);
        byte[] packet = peer.oneRtt().payload(RawBytes.hex("30 aabb")).build();
        peer.send(packet).send(packet).advanceMs(30).send(packet);
        assertEquals(1, peer.target.datagrams.size());
        peer.assertAlive();
    }

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

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aPacketWithoutTheFixedBitIsDropped(boolean peerIsClient) {
        RawPeer peer = RawPeer.connected(peerIsClient);
        peer.send(peer.oneRtt().payload(RawBytes.hex("30 aabb")).withoutFixedBit());
        assertEquals(0, peer.target.datagrams.size());
        peer.assertAlive();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void datagramsTooShortForAPacketAreDropped(boolean peerIsClient) {
        RawPeer peer = RawPeer.connected(peerIsClient);
        byte[] packet = peer.oneRtt().payload(RawBytes.hex("30 aabbccdd")).build();
        for (int length = 0; length < packet.length; length++) {
            peer.send(java.util.Arrays.copyOf(packet, length));
        }
        assertEquals(0, peer.target.datagrams.size());
        peer.assertAlive();
    }

    // ---- key updates

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void keyUpdatesOfThePeerAreFollowedSeveralTimesInARow(boolean peerIsClient) {
        RawPeer peer = RawPeer.connected(peerIsClient);
        for (int generation = 1; generation <= 6; generation++) {
            peer.writeGeneration = generation;
            peer.assertAlive();
            assertEquals(generation & 1, peer.received.getLast().phase(), "the answer has the new keys");
        }
    }

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
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void oldKeysOnANewerPacketAreNotAccepted(boolean peerIsClient) {
        RawPeer peer = RawPeer.connected(peerIsClient);
        peer.writeGeneration = 1;
        peer.assertAlive();
        peer.send(peer.oneRtt().payload(RawBytes.hex("30 aabb")).generation(0));
        assertEquals(0, peer.target.datagrams.size());
    }

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

    @Test
    void aForgedKeyPhaseCausesNoKeyUpdate() {
        RawPeer peer = RawPeer.connected(true);
        byte[] packet = peer.oneRtt(PingFrame.INSTANCE).generation(1).build();
        packet[packet.length - 1] ^= 1;
        peer.send(packet).assertAlive();
        assertEquals(0, peer.received.getLast().phase());
    }

    // ---- connection IDs

    @ParameterizedTest
    @ValueSource(longs = {2, 3, 100})
    void noMoreConnectionIdsAreIssuedThanThePeerWants(long limit) {
        RawPeer peer = RawPeer.of(true);
        peer.parameters = plain -> plain.setInteger(RawParameters.ACTIVE_CONNECTION_ID_LIMIT, limit);
        peer.prepare();
        java.util.Set<Long> sequences = new java.util.TreeSet<>();
        for (int i = 0; i < 5; i++) {
            peer.tryHandshake();
        }
        peer.advanceMs(100);
        peer.frames(NewConnectionIdFrame.class).forEach(frame -> sequences.add(frame.sequence()));
        assertTrue(sequences.size() <= limit - 1 && !sequences.isEmpty(), sequences.toString());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aConnectionIdThatWasIssuedWorksAndARetiredOneIsReplaced(boolean peerIsClient) {
        RawPeer peer = RawPeer.of(peerIsClient);
        peer.tryHandshake().advanceMs(30);
        NewConnectionIdFrame issued = peer.frames(NewConnectionIdFrame.class).getFirst();
        peer.settle();
        peer.destination = issued.id();
        peer.assertAlive();
        peer.received.clear();
        peer.send(peer.oneRtt(new RetireConnectionIdFrame(0)));
        assertEquals(1, peer.frames(NewConnectionIdFrame.class).size());
        peer.assertAlive();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void retirePriorToIsObeyed(boolean peerIsClient) {
        RawPeer peer = RawPeer.connected(peerIsClient);
        peer.send(peer.oneRtt().payload(FrameRulesTest.newConnectionId(1, 1)));
        peer.advanceMs(30);
        assertEquals(0, peer.frames(RetireConnectionIdFrame.class).getFirst().sequence());
        peer.assertAlive();
        assertEquals(
                new ConnectionId(RawBytes.hex("5a01020304050601")),
                peer.received.getLast().destination());
    }

    /** RFC 9000 §19.15: late, so it is retired at once. */
    @Test
    void aConnectionIdBelowRetirePriorToIsRetiredAtOnce() {
        RawPeer peer = RawPeer.connected(true);
        peer.send(peer.oneRtt().payload(FrameRulesTest.newConnectionId(5, 5)));
        peer.settle();
        peer.send(peer.oneRtt().payload(FrameRulesTest.newConnectionId(2, 0)));
        peer.advanceMs(30);
        assertEquals(
                new RetireConnectionIdFrame(2),
                peer.frames(RetireConnectionIdFrame.class).getFirst());
    }

    // ---- path validation

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aPathChallengeIsEchoedOnceInADatagramOf1200Bytes(boolean peerIsClient) {
        RawPeer peer = RawPeer.connected(peerIsClient);
        peer.send(peer.oneRtt().payload(RawBytes.hex("1a 0011223344556677")).padTo(1200));
        peer.advanceMs(3_000);
        assertEquals(1, peer.frames(PathResponseFrame.class).size());
        RawPacket answer = peer.received.stream()
                .filter(packet -> packet.has(PathResponseFrame.class))
                .findFirst()
                .orElseThrow();
        assertEquals(
                0x0011223344556677L,
                answer.all(PathResponseFrame.class).getFirst().data());
        assertTrue(answer.datagram().bytes().length >= 1200, answer.datagram().bytes().length + " bytes");
    }

    @Test
    void aFloodOfPathChallengesIsAnsweredWithinBounds() {
        RawPeer peer = RawPeer.connected(true);
        for (int i = 0; i < 300; i++) {
            peer.send(peer.oneRtt().payload(RawBytes.hex("1a0011223344556677".repeat(20))));
        }
        for (int i = 0; i < 100; i++) {
            peer.acknowledgeAll().advanceMs(50);
        }
        assertTrue(peer.frames(PathResponseFrame.class).size() <= 300 * 20);
        peer.received.clear();
        peer.assertAlive();
    }

    // ---- DATAGRAM

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aDatagramWhereNoneWasAdvertisedIsAProtocolViolation(boolean peerIsClient) {
        for (String hex : new String[] {"30", "30aa", "3100", "3101aa"}) {
            TransportSettings without = Target.QUIET.withMaxDatagramFrameBytes(0);
            RawPeer peer =
                    peerIsClient ? RawPeer.client(Target.server(without)) : RawPeer.server(Target.client(without));
            peer.handshake().send(peer.oneRtt().payload(RawBytes.hex(hex)));
            peer.assertClosedWith(TransportError.PROTOCOL_VIOLATION);
        }
    }

    /** RFC 9221 §3: type and length count. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aDatagramFrameAboveTheAdvertisedSizeIsAProtocolViolation(boolean peerIsClient) {
        TransportSettings small = Target.QUIET.withMaxDatagramFrameBytes(50);
        for (boolean withLength : new boolean[] {true, false}) {
            int head = withLength ? 2 : 1;
            RawPeer peer = peerIsClient ? RawPeer.client(Target.server(small)) : RawPeer.server(Target.client(small));
            peer.handshake().send(peer.oneRtt().payload(datagramFrame(50 - head, withLength)));
            assertEquals(50 - head, peer.target.datagrams.getFirst().length);
            peer.send(peer.oneRtt().payload(datagramFrame(51 - head, withLength)));
            peer.assertClosedWith(TransportError.PROTOCOL_VIOLATION);
            assertEquals(1, peer.target.datagrams.size());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void allDatagramsOfAPacketAreDelivered(boolean peerIsClient) {
        RawPeer peer = RawPeer.connected(peerIsClient);
        peer.send(peer.oneRtt().payload(RawBytes.hex("31 02 aabb 3100 00 01 31 4001 cc 30 ddeeff")));
        assertEquals(4, peer.target.datagrams.size());
        assertArrayEquals(RawBytes.hex("aabb"), peer.target.datagrams.get(0));
        assertEquals(0, peer.target.datagrams.get(1).length);
        assertArrayEquals(RawBytes.hex("cc"), peer.target.datagrams.get(2));
        assertArrayEquals(RawBytes.hex("ddeeff"), peer.target.datagrams.get(3));
    }

    @Test
    void noDatagramIsSentToAPeerThatWantsNone() {
        RawPeer peer = RawPeer.of(true);
        peer.parameters = plain -> plain.remove(RawParameters.MAX_DATAGRAM_FRAME_SIZE);
        peer.handshake();
        assertEquals(0, peer.target.connection().maxDatagramBytes());
        assertFalse(peer.target.connection().offerDatagram(new byte[1]));
    }

    /** RFC 9221 §3: the frame with its type and its length is what the peer limits. */
    @ParameterizedTest
    @ValueSource(longs = {3, 40, 64, 66, 67, 100})
    void noDatagramFrameIsLargerThanThePeerTakes(long limit) {
        RawPeer peer = RawPeer.of(true);
        peer.parameters = plain -> plain.setInteger(RawParameters.MAX_DATAGRAM_FRAME_SIZE, limit);
        peer.handshake();
        int max = peer.target.connection().maxDatagramBytes();
        assertTrue(max < limit);
        peer.target.connection().offerDatagram(new byte[max]);
        peer.target.connection().offerDatagram(new byte[max - 1]);
        peer.advanceMs(10);
        for (DatagramFrame frame : peer.frames(DatagramFrame.class)) {
            assertTrue(frame.lengthBytes() <= limit, frame.lengthBytes() + " bytes, of " + limit);
        }
        assertTrue(peer.frames(DatagramFrame.class).size() >= 1);
        peer.settle();

        MemorySegment buffer = Arena.ofAuto().allocate(2048);
        assertEquals(SendResult.SENT, peer.target.connection().sealDatagram(buffer, 128, max, peer.target.nowNs));
        byte[] sealed = buffer.asSlice(
                        peer.target.connection().sealedOffset(),
                        peer.target.connection().sealedLengthBytes())
                .toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
        peer.target.outbox.add(new Target.Sent(sealed, Target.PEER, peer.target.nowNs));
        peer.readOutbox();
        assertEquals(max, peer.frames(DatagramFrame.class).getFirst().data().byteSize());
        assertTrue(peer.frames(DatagramFrame.class).getFirst().lengthBytes() <= limit);
    }

    @Test
    void lostDatagramsAreNotSentAgain() {
        RawPeer peer = RawPeer.connected(true);
        assertTrue(peer.target.connection().offerDatagram(new byte[] {1, 2, 3}));
        peer.advanceMs(5_000);
        assertEquals(1, peer.frames(DatagramFrame.class).size());
        assertTrue(peer.received.size() > 1, "probes go out");
    }

    @Test
    void ourParametersPromiseWhatTheDefaultsSay() throws Exception {
        RawPeer peer = RawPeer.connected(true);
        TransportParameters ours = TransportParameters.parse(peer.peerParameters, true);
        assertEquals(25, ours.maxAckDelayMs());
        assertEquals(3, ours.ackDelayExponent());
        assertNull(ours.preferredAddress());
    }

    private static byte[] datagramFrame(int payload, boolean withLength) {
        return withLength
                ? RawBytes.join(new byte[] {0x31, (byte) payload}, new byte[payload])
                : RawBytes.join(new byte[] {0x30}, new byte[payload]);
    }
}
