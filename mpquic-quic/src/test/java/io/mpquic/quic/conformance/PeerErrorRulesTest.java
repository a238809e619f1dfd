package io.mpquic.quic.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.mpquic.quic.connection.CloseReason;
import io.mpquic.quic.wire.ConnectionCloseFrame;
import io.mpquic.quic.wire.EncryptionLevel;
import io.mpquic.quic.wire.TransportError;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * RFC 9000 §12.4, §19.19, §20.1: for each error that a peer can make, the code and the frame type of the CONNECTION_CLOSE
 * that answers it. The errors of transport parameters are in {@link TransportParameterRulesTest}, those of packets in
 * {@link PacketProtectionRulesTest}, those of TLS in {@link TlsRulesTest}.
 */
class PeerErrorRulesTest {
    private static final String TOKEN = "00112233445566778899aabbccddeeff";
    private static final EncryptionLevel[] LEVELS = {
        EncryptionLevel.INITIAL, EncryptionLevel.HANDSHAKE, EncryptionLevel.ONE_RTT
    };

    /** RFC 9000 §12.4, Table 3, and RFC 9221 §4: a frame of each type, and whether it is only for 1-RTT packets. */
    private static final Map<Integer, String> ONE_RTT_FRAMES = oneRttFrames();

    private static Map<Integer, String> oneRttFrames() {
        Map<Integer, String> frames = new TreeMap<>();
        frames.put(0x04, "04 00 00 00");
        frames.put(0x05, "05 00 00");
        frames.put(0x07, "07 01 aa");
        for (int type = 0x08; type <= 0x0f; type++) {
            frames.put(type, "0" + Integer.toHexString(type) + " 00" + ((type & 4) != 0 ? " 01" : "") + " 00");
        }
        frames.put(0x10, "10 00");
        frames.put(0x11, "11 00 00");
        for (int type = 0x12; type <= 0x17; type++) {
            frames.put(type, Integer.toHexString(type) + (type == 0x15 ? " 00 00" : " 00"));
        }
        frames.put(0x18, "18 01 00 08 aaaaaaaaaaaaaaaa" + TOKEN);
        frames.put(0x19, "19 00");
        frames.put(0x1a, "1a 0011223344556677");
        frames.put(0x1b, "1b 0011223344556677");
        frames.put(0x1d, "1d 00 00");
        frames.put(0x1e, "1e");
        frames.put(0x30, "30 aa");
        frames.put(0x31, "31 01 aa");
        return frames;
    }

    static Stream<Arguments> framesOutOfPlace() {
        List<Arguments> cases = new ArrayList<>();
        for (EncryptionLevel level : new EncryptionLevel[] {EncryptionLevel.INITIAL, EncryptionLevel.HANDSHAKE}) {
            ONE_RTT_FRAMES.forEach((type, hex) -> cases.add(Arguments.of(level, type, hex)));
        }
        return cases.stream();
    }

    @Requirement({"9000-12.4-3", "9000-17.2.4-1"})
    @ParameterizedTest
    @MethodSource("framesOutOfPlace")
    void aFrameInAPacketWhereItMayNotBeIsAProtocolViolationOfItsType(EncryptionLevel level, int type, String hex) {
        assertRefused(true, level, hex, TransportError.PROTOCOL_VIOLATION, type);
        assertRefused(false, level, hex, TransportError.PROTOCOL_VIOLATION, type);
    }

    @Test
    void everyFrameTypeOfVersion1IsOneOfThese() {
        // PADDING, PING, ACK twice, CRYPTO and the transport's CONNECTION_CLOSE may be in Initial and Handshake
        // packets.
        assertEquals(0x1f + 2 - 6, ONE_RTT_FRAMES.size());
    }

    @ParameterizedTest
    @EnumSource(names = {"INITIAL", "HANDSHAKE", "ONE_RTT"})
    void framesThatMayBeInEachPacketAreNoFault(EncryptionLevel level) {
        for (boolean peerIsClient : new boolean[] {true, false}) {
            for (String hex : new String[] {"00 00 00 00", "01 00 00 00"}) {
                RawPeer peer = FrameRulesTest.atLevel(peerIsClient, level);
                FrameRulesTest.send(peer, level, peer.packet(level).payload(RawBytes.hex(hex)));
                assertEquals(null, peer.target.closeReason());
            }
            RawPeer peer = FrameRulesTest.atLevel(peerIsClient, level);
            FrameRulesTest.send(peer, level, peer.packet(level).payload(RawBytes.hex("1c 0a 00 00")));
            assertEquals(CloseReason.Kind.PEER, peer.target.closeReason().kind());
        }
    }

    /** RFC 9000 §12.4, §19.19: an unknown type may be told as 0. */
    @Requirement({"9000-12.4-4", "9000-12.4-5"})
    @ParameterizedTest
    @CsvSource({
        "1f, 7",
        "21, 7",
        "2f, 7",
        "3f, 7",
        "40ff, 7",
        "80ffffff, 7",
        "4001, 10",
        "4006 00 00, 10",
        "80000001, 10"
    })
    void unknownTypesAndLongFormsOfKnownOnesAreRefusedInEachPacket(String hex, long errorCode) {
        for (EncryptionLevel level : LEVELS) {
            for (boolean peerIsClient : new boolean[] {true, false}) {
                RawPeer peer = FrameRulesTest.atLevel(peerIsClient, level);
                FrameRulesTest.send(peer, level, peer.packet(level).payload(RawBytes.hex(hex + " 00 00 00")));
                peer.assertClosedWith(errorCode);
            }
        }
    }

    /** Each with the type of the frame that was wrong; `both` is a peer of either role. */
    @Requirement({
        "9000-10.3-1",
        "9000-11.1-1",
        "9000-19.3.1-1",
        "9000-19.6-1",
        "9000-19.7-2",
        "9000-19.7-4",
        "9000-19.11-1",
        "9000-19.14-1",
        "9000-19.15-1",
        "9000-19.15-6",
        "9000-19.16-1",
        "9000-19.20-2"
    })
    @ParameterizedTest
    @CsvSource({
        // 19.3: a range below 0, and a packet that was never sent
        "both, 02 00 00 00 01,                         7, 0x02",
        "both, 03 00 00 00 01 00 00 00,                7, 0x03",
        "both, 02 7fff 00 00 00,                      10, 0x02",
        // 19.6: beyond the buffer, and beyond all that there can be
        "both, 06 80100000 01 00,                     13, 0x06",
        // 19.7, 19.20: only a server says so, and not without a token
        "client, 07 04 aabbccdd,                      10, 0x07",
        "client, 1e,                                  10, 0x1e",
        "server, 07 00,                                7, 0x07",
        // 19.11, 19.14: more than 2^60 streams
        "both, 12 d000000000000001,                    7, 0x12",
        "both, 13 d000000000000001,                    7, 0x13",
        "both, 16 d000000000000001,                    7, 0x16",
        "both, 17 d000000000000001,                    7, 0x17",
        // 19.15: an ID of 0 and of 21 bytes, Retire Prior To above the sequence number
        "both, 18 01 00 00" + TOKEN + ",               7, 0x18",
        "both, 18 01 00 15 000000000000000000000000000000000000000000" + TOKEN + ", 7, 0x18",
        "both, 18 01 02 08 aaaaaaaaaaaaaaaa" + TOKEN + ", 7, 0x18",
        // 19.16: never issued, and the one that the packet is sent to
        "both, 19 40ff,                               10, 0x19",
        "both, 19 00,                                 10, 0x19",
        // cut short
        "both, 1a 00112233,                            7, 0x1a",
        "both, 1b 00112233,                            7, 0x1b",
        "both, 1c 00,                                  7, 0x1c",
        "both, 1d 00 40ff,                             7, 0x1d",
        "both, 31 40ff,                                7, 0x31",
    })
    void theCloseTellsTheCodeAndTheFrameTypeOfTheError(String peer, String hex, long errorCode, int frameType) {
        if (!peer.equals("server")) {
            assertRefused(true, EncryptionLevel.ONE_RTT, hex, errorCode, frameType);
        }
        if (!peer.equals("client")) {
            assertRefused(false, EncryptionLevel.ONE_RTT, hex, errorCode, frameType);
        }
    }

    /** RFC 9000 §5.1.1, §19.15: an ID under a second number, another ID or another token under the same number. */
    @ParameterizedTest
    @CsvSource({
        "18 02 00 08 aaaaaaaaaaaaaaaa" + TOKEN,
        "18 01 00 08 bbbbbbbbbbbbbbbb" + TOKEN,
        "18 01 00 08 aaaaaaaaaaaaaaaa" + "01" + "112233445566778899aabbccddeeff"
    })
    void contradictoryConnectionIdsAreAProtocolViolation(String second) {
        for (boolean peerIsClient : new boolean[] {true, false}) {
            RawPeer peer = RawPeer.connected(peerIsClient);
            peer.send(peer.oneRtt().payload(RawBytes.hex("18 01 00 08 aaaaaaaaaaaaaaaa" + TOKEN)));
            peer.assertAlive();
            peer.send(peer.oneRtt().payload(RawBytes.hex(second)));
            peer.assertClosedWith(TransportError.PROTOCOL_VIOLATION);
            assertFrameType(peer, 0x18);
        }
    }

    /** The frames before the wrong one of a packet have no effect that could be seen, and those behind it neither. */
    @Test
    void whatStandsBehindTheErrorIsNotProcessed() {
        for (boolean peerIsClient : new boolean[] {true, false}) {
            RawPeer peer = RawPeer.connected(peerIsClient);
            peer.send(peer.oneRtt().payload(RawBytes.hex("21 30 aabb")));
            peer.assertClosedWith(TransportError.FRAME_ENCODING_ERROR);
            assertEquals(0, peer.target.datagrams.size());
            assertNotEquals(null, peer.target.closeReason());
        }
    }

    private static void assertRefused(
            boolean peerIsClient, EncryptionLevel level, String hex, long errorCode, int frameType) {
        RawPeer peer = FrameRulesTest.atLevel(peerIsClient, level);
        FrameRulesTest.send(peer, level, peer.packet(level).payload(RawBytes.hex(hex)));
        peer.assertClosedWith(errorCode);
        assertFrameType(peer, frameType);
    }

    private static void assertFrameType(RawPeer peer, int frameType) {
        for (ConnectionCloseFrame close : peer.frames(ConnectionCloseFrame.class)) {
            assertEquals(frameType, close.frameType(), close.toString());
        }
    }
}
