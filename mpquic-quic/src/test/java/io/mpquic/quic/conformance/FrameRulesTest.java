package io.mpquic.quic.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.mpquic.quic.wire.AckFrame;
import io.mpquic.quic.wire.AckRanges;
import io.mpquic.quic.wire.ConnectionCloseFrame;
import io.mpquic.quic.wire.ConnectionId;
import io.mpquic.quic.wire.CryptoFrame;
import io.mpquic.quic.wire.EcnCounts;
import io.mpquic.quic.wire.EncryptionLevel;
import io.mpquic.quic.wire.TransportError;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9000 §12.4 and §19, RFC 9221 §3 and §4: frames that a peer must not send, and what they are answered with. */
class FrameRulesTest {
    private static final String TOKEN = "00000000000000000000000000000000";

    @Requirement({
        "9000-4.6-1",
        "9000-10.3-1",
        "9000-12.4-4",
        "9000-19.3.1-1",
        "9000-19.6-1",
        "9000-19.11-1",
        "9000-19.14-1",
        "9000-19.15-1",
        "9000-19.15-6"
    })
    @ParameterizedTest
    @CsvSource({
        // a frame type that nobody knows, in one and in more bytes
        "20",
        "32",
        "3f",
        "4040",
        "80ffffff",
        "c0ffffffffffffff",
        // NEW_TOKEN, CRYPTO, NEW_CONNECTION_ID, PATH_CHALLENGE, CONNECTION_CLOSE, ACK, RESET_STREAM cut short
        "07",
        "0600",
        "1801",
        "1a00112233445566",
        "1c",
        "1c0a00",
        "02",
        "020000",
        "040001",
        // lengths that go beyond the packet, up to 2^62-1
        "0740ff",
        "07ffffffffffffffff",
        "0600ffffffffffffffff",
        "3140ff",
        "31ffffffffffffffff",
        "1c0a0040ff",
        "1d0affffffffffffffff",
        // CRYPTO beyond 2^62-1
        "06ffffffffffffffff0100",
        // ACK: a first range below 0, further ranges below 0, more ranges than can be there, a gap beyond 0
        "0200000001",
        "02050001050000",
        "020500c0000000ffffffff00",
        "02ffffffffffffffff00ffffffffffffffff00",
        "0205000100c0000000ffffffff00",
        // ACK with ECN counts cut short
        "03000000000000",
        // MAX_STREAMS and STREAMS_BLOCKED above 2^60
        "12d000000000000001",
        "13d000000000000001",
        "16d000000000000001",
        "17d000000000000001",
        // NEW_CONNECTION_ID: ID of 0 bytes, of 21 bytes, Retire Prior To above Sequence
        "18010000" + TOKEN,
        "18010015000000000000000000000000000000000000000000" + TOKEN,
        "18010208aaaaaaaaaaaaaaaa" + TOKEN,
    })
    void aFrameThatCannotBeReadIsAFrameEncodingError(String hex) {
        for (boolean peerIsClient : new boolean[] {true, false}) {
            assertRefused(peerIsClient, EncryptionLevel.ONE_RTT, hex, TransportError.FRAME_ENCODING_ERROR);
        }
    }

    @Requirement("9000-19.7-2")
    @Test
    void anEmptyNewTokenOfAServerIsAFrameEncodingError() {
        assertRefused(false, EncryptionLevel.ONE_RTT, "0700", TransportError.FRAME_ENCODING_ERROR);
    }

    @Test
    void aTokenOfAServerIsTakenWithoutComplaint() {
        RawPeer peer = RawPeer.connected(false);
        peer.send(peer.oneRtt().payload(RawBytes.hex("0704aabbccdd"))).assertAlive();
    }

    @Requirement({"9000-19.7-4", "9000-19.20-2"})
    @Test
    void onlyAServerSendsNewTokenAndHandshakeDone() {
        assertRefused(true, EncryptionLevel.ONE_RTT, "0704aabbccdd", TransportError.PROTOCOL_VIOLATION);
        assertRefused(true, EncryptionLevel.ONE_RTT, "1e", TransportError.PROTOCOL_VIOLATION);
    }

    @Requirement("9000-19.16-1")
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void retiringAConnectionIdThatWasNeverIssuedIsAProtocolViolation(boolean peerIsClient) {
        assertRefused(peerIsClient, EncryptionLevel.ONE_RTT, "1940ff", TransportError.PROTOCOL_VIOLATION);
        assertRefused(peerIsClient, EncryptionLevel.ONE_RTT, "19ffffffffffffffff", TransportError.PROTOCOL_VIOLATION);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void acknowledgingAPacketThatWasNeverSentIsAProtocolViolation(boolean peerIsClient) {
        for (EncryptionLevel level :
                new EncryptionLevel[] {EncryptionLevel.INITIAL, EncryptionLevel.HANDSHAKE, EncryptionLevel.ONE_RTT}) {
            assertRefused(peerIsClient, level, "0263ff000000", TransportError.PROTOCOL_VIOLATION);
            assertRefused(peerIsClient, level, "02ffffffffffffffff000000", TransportError.PROTOCOL_VIOLATION);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aPathResponseWithoutAChallengeChangesNothing(boolean peerIsClient) {
        RawPeer peer = RawPeer.connected(peerIsClient);
        peer.send(peer.oneRtt().payload(RawBytes.hex("1b0011223344556677"))).assertAlive();
    }

    /** RFC 9000 §12.4, Table 3. */
    @Requirement({"9000-12.4-3", "9000-12.5-1", "9000-17.2.4-1", "9221-5-1"})
    @ParameterizedTest
    @ValueSource(
            strings = {
                "0400000000",
                "05000000",
                "0701aa",
                "08000000",
                "0a00020000",
                "1000",
                "110000",
                "1200",
                "1300",
                "1400",
                "150000",
                "1600",
                "1700",
                "18010008aaaaaaaaaaaaaaaa" + TOKEN,
                "1900",
                "1a0011223344556677",
                "1b0011223344556677",
                "1d0000",
                "1e",
                "30aabb",
                "3102aabb"
            })
    void aFrameOf1RttPacketsInAnInitialOrHandshakePacketIsAProtocolViolation(String hex) {
        for (boolean peerIsClient : new boolean[] {true, false}) {
            assertRefused(peerIsClient, EncryptionLevel.INITIAL, hex, TransportError.PROTOCOL_VIOLATION);
            assertRefused(peerIsClient, EncryptionLevel.HANDSHAKE, hex, TransportError.PROTOCOL_VIOLATION);
        }
    }

    @Requirement("9000-12.4-5")
    @ParameterizedTest
    @ValueSource(strings = {"4001", "80000001", "c000000000000001", "4000", "4002000000 00", "4006 00 00", "4030"})
    void aFrameTypeThatIsNotInItsShortestFormIsAProtocolViolation(String hex) {
        for (boolean peerIsClient : new boolean[] {true, false}) {
            assertRefused(peerIsClient, EncryptionLevel.ONE_RTT, hex, TransportError.PROTOCOL_VIOLATION);
        }
    }

    /** RFC 9000 §4.6, §19: all limits are 0, and neither end has opened a stream. */
    @Requirement({
        "9000-4.6-3",
        "9000-19.4-1",
        "9000-19.5-1",
        "9000-19.5-2",
        "9000-19.8-1",
        "9000-19.10-1",
        "9000-19.10-2",
        "9000-19.11-4",
        "9000-19.13-1"
    })
    @ParameterizedTest
    @CsvSource({
        // ID 0: the client's, both ways. ID 2: the client's, one way. ID 1 and 3: the server's
        "true,  08 00 aa,       4",
        "true,  0b 02 00,       4",
        "true,  08 01 aa,       5",
        "true,  08 03 aa,       5",
        "false, 08 01 aa,       4",
        "false, 0b 03 00,       4",
        "false, 08 00 aa,       5",
        "false, 08 02 aa,       5",
        "true,  04 00 00 00,    4",
        "true,  04 01 00 00,    5",
        "true,  04 03 00 00,    5",
        "false, 04 01 00 00,    4",
        "false, 04 00 00 00,    5",
        "false, 04 02 00 00,    5",
        "true,  05 00 00,       4",
        "true,  05 02 00,       5",
        "true,  05 01 00,       5",
        "false, 05 01 00,       4",
        "false, 05 03 00,       5",
        "false, 05 00 00,       5",
        "true,  11 00 01,       4",
        "true,  11 02 01,       5",
        "true,  11 01 01,       5",
        "false, 11 01 01,       4",
        "false, 11 03 01,       5",
        "false, 11 00 01,       5",
        "true,  15 00 01,       4",
        "true,  15 03 01,       5",
        "false, 15 01 01,       4",
        "false, 15 02 01,       5",
    })
    void aFrameOfAStreamThatCannotBeIsRefused(boolean peerIsClient, String hex, long errorCode) {
        assertRefused(peerIsClient, EncryptionLevel.ONE_RTT, hex, errorCode);
    }

    @Requirement({"9000-4.6-4", "9000-13.3-3", "9000-19.11-2"})
    @ParameterizedTest
    @ValueSource(
            strings = {"10 c000000000000000", "12 d000000000000000", "1300", "1400", "1600", "17 40ff", "01", "00"})
    void limitsAndWishesForStreamsHaveNoEffect(String hex) {
        for (boolean peerIsClient : new boolean[] {true, false}) {
            RawPeer peer = RawPeer.connected(peerIsClient);
            peer.send(peer.oneRtt().payload(RawBytes.hex(hex))).assertAlive();
        }
    }

    @Requirement("9000-12.4-2")
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aPacketWithoutAFrameIsAProtocolViolation(boolean peerIsClient) {
        for (EncryptionLevel level :
                new EncryptionLevel[] {EncryptionLevel.INITIAL, EncryptionLevel.HANDSHAKE, EncryptionLevel.ONE_RTT}) {
            assertRefused(peerIsClient, level, "", TransportError.PROTOCOL_VIOLATION);
        }
    }

    @Requirement({"9000-17.2-7", "9000-17.3.1-3"})
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void reservedBitsThatAreSetAreAProtocolViolation(boolean peerIsClient) {
        for (EncryptionLevel level :
                new EncryptionLevel[] {EncryptionLevel.INITIAL, EncryptionLevel.HANDSHAKE, EncryptionLevel.ONE_RTT}) {
            for (int bits = 1; bits <= 3; bits++) {
                RawPeer peer = atLevel(peerIsClient, level);
                send(peer, level, peer.packet(level).reserved(bits).payload((byte) 1, (byte) 0, (byte) 0));
                peer.assertClosedWith(TransportError.PROTOCOL_VIOLATION);
            }
        }
    }

    @Requirement("9000-7.5-2")
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void cryptoDataFarAheadOverflowTheBuffer(boolean peerIsClient) {
        // offset 2^20, one byte
        for (EncryptionLevel level :
                new EncryptionLevel[] {EncryptionLevel.INITIAL, EncryptionLevel.HANDSHAKE, EncryptionLevel.ONE_RTT}) {
            assertRefused(peerIsClient, level, "06 80100000 01 00", TransportError.CRYPTO_BUFFER_EXCEEDED);
        }
    }

    @Requirement("9000-7.5-1")
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void cryptoDataUpTo4096BytesAheadAreKept(boolean peerIsClient) {
        RawPeer peer = atLevel(peerIsClient, EncryptionLevel.INITIAL);
        send(
                peer,
                EncryptionLevel.INITIAL,
                peer.packet(EncryptionLevel.INITIAL).payload(RawBytes.hex("06 5000 01 00")));
        assertNull(peer.target.closeReason());
    }

    @Requirement("9000-19.15-4")
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aKnownConnectionIdUnderAnotherNumberIsAProtocolViolation(boolean peerIsClient) {
        RawPeer peer = RawPeer.connected(peerIsClient);
        peer.send(peer.oneRtt().payload(RawBytes.hex("18010008aaaaaaaaaaaaaaaa" + TOKEN)));
        peer.send(peer.oneRtt().payload(RawBytes.hex("18010008aaaaaaaaaaaaaaaa" + TOKEN)));
        peer.assertAlive();
        peer.send(peer.oneRtt().payload(RawBytes.hex("18020008aaaaaaaaaaaaaaaa" + TOKEN)));
        peer.assertClosedWith(TransportError.PROTOCOL_VIOLATION);
    }

    @Requirement("9000-5.1.1-4")
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void moreConnectionIdsThanTheLimitAreAConnectionIdLimitError(boolean peerIsClient) {
        RawPeer peer = RawPeer.connected(peerIsClient);
        for (int sequence = 1; sequence <= 3; sequence++) {
            peer.send(peer.oneRtt().payload(newConnectionId(sequence, 0)));
        }
        peer.assertAlive();
        peer.send(peer.oneRtt().payload(newConnectionId(4, 0)));
        peer.assertClosedWith(TransportError.CONNECTION_ID_LIMIT_ERROR);
    }

    @Requirement("9000-19.15-3")
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void newConnectionIdFromAPeerWithAnEmptyIdIsAProtocolViolation(boolean peerIsClient) {
        RawPeer peer = RawPeer.of(peerIsClient);
        peer.source = ConnectionId.EMPTY;
        peer.handshake();
        peer.send(peer.oneRtt().payload(newConnectionId(1, 0)));
        peer.assertClosedWith(TransportError.PROTOCOL_VIOLATION);
    }

    @Requirement({"9000-10.3-1", "9000-11.1-1"})
    @Test
    void theCloseNamesTheFrameThatBrokeTheRule() {
        RawPeer peer = RawPeer.connected(true);
        peer.send(peer.oneRtt().payload(RawBytes.hex("1e")));
        assertEquals(0x1e, peer.frames(ConnectionCloseFrame.class).getFirst().frameType());
    }

    static byte[] newConnectionId(int sequence, int retirePriorTo) {
        return RawBytes.join(
                new byte[] {0x18, (byte) sequence, (byte) retirePriorTo, 8, 0x5a, 1, 2, 3, 4, 5, 6, (byte) sequence},
                new byte[] {(byte) sequence},
                new byte[15]);
    }

    private static void assertRefused(boolean peerIsClient, EncryptionLevel level, String hex, long errorCode) {
        RawPeer peer = atLevel(peerIsClient, level);
        send(peer, level, peer.packet(level).payload(RawBytes.hex(hex)));
        peer.assertClosedWith(errorCode);
    }

    /** A peer whose next packet of this level will be read. */
    static RawPeer atLevel(boolean peerIsClient, EncryptionLevel level) {
        if (level == EncryptionLevel.ONE_RTT) {
            return RawPeer.connected(peerIsClient);
        }
        RawPeer peer = RawPeer.of(peerIsClient).prepare();
        if (level == EncryptionLevel.HANDSHAKE) {
            // As far as the target has Handshake keys, and no further.
            byte[] hello = peer.nextCrypto(EncryptionLevel.INITIAL);
            peer.send(peer.packet(EncryptionLevel.INITIAL)
                    .frames(new CryptoFrame(0, MemorySegment.ofArray(hello)))
                    .padTo(1200));
        }
        return peer;
    }

    /** Sends a packet; an Initial one together with padding outside of it, so that it stays as it is. */
    static void send(RawPeer peer, EncryptionLevel level, PacketDraft draft) {
        byte[] packet = draft.build();
        peer.send(level == EncryptionLevel.INITIAL ? Arrays.copyOf(packet, 1200) : packet);
    }

    @Requirement("9000-19.3-1")
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anAckWithEcnCountsIsTaken(boolean peerIsClient) {
        RawPeer peer = RawPeer.connected(peerIsClient);
        peer.target.connection().offerDatagram(new byte[5]);
        peer.advanceMs(1);
        long number = peer.received.getLast().number();
        AckRanges ranges = new AckRanges();
        ranges.add(number, number);
        peer.send(peer.oneRtt(new AckFrame(ranges, 0, new EcnCounts(0, 0, 0)))).assertAlive();
    }
}
