package io.mpquic.quic.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.wire.ConnectionCloseFrame;
import io.mpquic.quic.wire.CryptoFrame;
import io.mpquic.quic.wire.EncryptionLevel;
import io.mpquic.quic.wire.TransportError;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9001 §4, §6, §8: what TLS must not say in QUIC. */
class TlsRulesTest {
    private static final long UNEXPECTED_MESSAGE = 0x10a;
    private static final long MISSING_EXTENSION = 0x16d;
    private static final long NO_APPLICATION_PROTOCOL = 0x178;
    private static final int CLIENT_HELLO = 1;
    private static final int TRANSPORT_PARAMETERS_EXTENSION = 0x39;

    @Requirement({"9000-7-2", "9001-8.1-2", "9001-8.1-5"})
    @Test
    void aServerRefusesAClientWithoutACommonApplicationProtocol() {
        RawPeer peer = RawPeer.of(true);
        peer.alpn = "something-else";
        peer.tryHandshake();
        peer.assertClosedWith(NO_APPLICATION_PROTOCOL);
    }

    @Requirement("9001-8.2-1")
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aHelloWithoutTransportParametersIsRefused(boolean peerIsClient) {
        RawPeer peer = RawPeer.of(peerIsClient);
        peer.tlsFilter = (level, data) -> withoutTransportParameters(data);
        peer.tryHandshake();
        peer.assertClosedWith(MISSING_EXTENSION);
    }

    /** RFC 9001 §6: key updates are not TLS's business in QUIC. */
    @Requirement("9001-6-2")
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aTlsKeyUpdateIsAnUnexpectedMessage(boolean peerIsClient) {
        for (EncryptionLevel level : new EncryptionLevel[] {EncryptionLevel.HANDSHAKE, EncryptionLevel.ONE_RTT}) {
            RawPeer peer = FrameRulesTest.atLevel(peerIsClient, level);
            peer.send(crypto(peer, level, 0, RawBytes.hex("18 000001 00")));
            peer.assertClosedWith(UNEXPECTED_MESSAGE);
        }
    }

    /** RFC 9001 §8.3 */
    @Test
    void endOfEarlyDataIsAnUnexpectedMessage() {
        RawPeer peer = FrameRulesTest.atLevel(true, EncryptionLevel.HANDSHAKE);
        peer.send(crypto(peer, EncryptionLevel.HANDSHAKE, 0, RawBytes.hex("05 000000")));
        peer.assertClosedWith(UNEXPECTED_MESSAGE);
    }

    /** RFC 9001 §4.4 */
    @Requirement("9001-4.4-3")
    @Test
    void aCertificateRequestAfterTheHandshakeIsRefused() {
        RawPeer peer = RawPeer.connected(false);
        peer.send(crypto(peer, EncryptionLevel.ONE_RTT, 0, RawBytes.hex("0d 000003 000000")));
        peer.assertClosedWith(TransportError.PROTOCOL_VIOLATION);
    }

    @Test
    void aTicketOfAClientIsRefused() {
        RawPeer peer = RawPeer.connected(true);
        peer.send(crypto(peer, EncryptionLevel.ONE_RTT, 0, RawBytes.hex("04 000001 00")));
        peer.assertClosedWith(UNEXPECTED_MESSAGE);
    }

    @Test
    void aTicketOfAServerIsFine() {
        RawPeer peer = RawPeer.connected(false);
        peer.send(crypto(
                peer, EncryptionLevel.ONE_RTT, 0, RawBytes.hex("04 000010 00000e10 00000000 01 00 0002 abcd 0000")));
        peer.assertAlive();
    }

    /** RFC 9001 §4.1.3 */
    @Requirement({"9001-4.1.3-1", "9001-4.1.3-2"})
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void newTlsDataAtALevelThatIsOverAreAProtocolViolation(boolean peerIsClient) {
        RawPeer peer = FrameRulesTest.atLevel(peerIsClient, EncryptionLevel.HANDSHAKE);
        PacketDraft draft = crypto(peer, EncryptionLevel.INITIAL, helloBytes(peer), new byte[] {1, 2, 3});
        FrameRulesTest.send(peer, EncryptionLevel.INITIAL, draft);
        peer.assertClosedWith(TransportError.PROTOCOL_VIOLATION);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void tlsDataBehindTheLastMessageOfALevelAreAProtocolViolation(boolean peerIsClient) {
        RawPeer peer = RawPeer.of(peerIsClient);
        peer.tlsFilter = (level, data) -> level == EncryptionLevel.INITIAL ? RawBytes.join(data, data) : data;
        peer.tryHandshake();
        assertTrue(peer.target.closeReason().errorCode() == TransportError.PROTOCOL_VIOLATION
                || peer.target.closeReason().errorCode() == UNEXPECTED_MESSAGE);
    }

    @Requirement("9001-4.1.3-1")
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void repeatedTlsDataAreNoFault(boolean peerIsClient) {
        RawPeer peer = FrameRulesTest.atLevel(peerIsClient, EncryptionLevel.HANDSHAKE);
        PacketDraft draft = crypto(peer, EncryptionLevel.INITIAL, 0, new byte[helloBytes(peer)]);
        FrameRulesTest.send(peer, EncryptionLevel.INITIAL, draft);
        peer.handshake().assertAlive();
    }

    @Requirement("9001-4.8-1")
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aBrokenHelloIsAnsweredWithAnAlert(boolean peerIsClient) {
        RawPeer peer = RawPeer.of(peerIsClient);
        peer.tlsFilter = (level, data) -> {
            byte[] broken = data.clone();
            Arrays.fill(broken, 4, broken.length, (byte) 0x41);
            return broken;
        };
        peer.tryHandshake();
        long code = peer.target.closeReason().errorCode();
        assertTrue(code >= 0x100 && code <= 0x1ff, peer.target.closeReason().toString());
        assertFalse(peer.frames(ConnectionCloseFrame.class).isEmpty());
    }

    @Requirement({"9000-7-1", "9001-4.8-1"})
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aWrongFinishedIsADecryptError(boolean peerIsClient) {
        RawPeer peer = RawPeer.of(peerIsClient);
        peer.tlsFilter = (level, data) -> {
            byte[] wrong = data.clone();
            wrong[wrong.length - 1] ^= level == EncryptionLevel.HANDSHAKE ? (byte) 1 : 0;
            return wrong;
        };
        peer.tryHandshake();
        peer.assertClosedWith(0x133);
        assertFalse(peer.target.connection().isEstablished());
    }

    /** RFC 9000 §7.5: one byte a frame, backwards. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aHelloInPiecesAndOutOfOrderIsPutTogether(boolean peerIsClient) {
        RawPeer peer = RawPeer.of(peerIsClient).prepare();
        byte[] hello = peer.nextCrypto(EncryptionLevel.INITIAL);
        for (int at = hello.length - 1; at >= 0; at -= 5) {
            int from = Math.max(0, at - 8);
            PacketDraft draft = crypto(peer, EncryptionLevel.INITIAL, from, Arrays.copyOfRange(hello, from, at + 1));
            peer.send(draft.padTo(1200));
        }
        peer.handshake().assertAlive();
    }

    /** RFC 9001 §5.7: before the handshake is complete, 1-RTT packets must not be processed. */
    @Requirement({"9001-5.7-1", "9001-5.7-2"})
    @Test
    void aServerProcessesNoDatagramBeforeTheClientsFinished() {
        RawPeer peer = FrameRulesTest.atLevel(true, EncryptionLevel.HANDSHAKE);
        assertTrue(peer.tlsComplete);
        peer.send(peer.oneRtt().payload(RawBytes.hex("30 aabb")));
        assertEquals(0, peer.target.datagrams.size());
        peer.handshake();
        assertEquals(1, peer.target.datagrams.size());
    }

    private static int helloBytes(RawPeer peer) {
        return peer.cryptoSentBytes(EncryptionLevel.INITIAL);
    }

    private static PacketDraft crypto(RawPeer peer, EncryptionLevel level, long offset, byte[] data) {
        return peer.packet(level).frames(new CryptoFrame(offset, MemorySegment.ofArray(data)));
    }

    /** Takes the extension out of a ClientHello by giving it another number, out of EncryptedExtensions by cutting. */
    private static byte[] withoutTransportParameters(byte[] data) {
        ByteBuffer bytes = ByteBuffer.wrap(data.clone());
        for (int at = 0; at + 6 < data.length; at++) {
            // The peer's first parameter is initial_source_connection_id of 8 bytes.
            if (bytes.getShort(at) != TRANSPORT_PARAMETERS_EXTENSION || bytes.getShort(at + 4) != 0x0f08) {
                continue;
            }
            if (data[0] == CLIENT_HELLO) {
                return bytes.putShort(at, (short) 0x7a7a).array();
            }
            int cut = 4 + bytes.getShort(at + 2);
            bytes.putShort(
                    2, (short) (bytes.getShort(2) - cut)); // the message; its length fits into two of three bytes
            bytes.putShort(4, (short) (bytes.getShort(4) - cut)); // the list of extensions
            return RawBytes.join(
                    Arrays.copyOf(bytes.array(), at), Arrays.copyOfRange(bytes.array(), at + cut, data.length));
        }
        return data;
    }

    /** RFC 9001 §4.8: the code is 0x100 and the alert: protocol_version, handshake_failure, decode_error. */
    @Requirement({"9001-4.2-2", "9001-4.8-1"})
    @ParameterizedTest
    @CsvSource({"versions, 0x146", "suites, 0x128", "length, 0x132"})
    void eachAlertIsToldByItsNumber(String fault, int errorCode) {
        RawPeer peer = RawPeer.of(true);
        peer.tlsFilter = (level, data) -> {
            if (level != EncryptionLevel.INITIAL) {
                return data;
            }
            ByteBuffer hello = ByteBuffer.wrap(data.clone());
            int suitesAt = 4 + 2 + 32 + 1;
            switch (fault) {
                case "suites" -> {
                    for (int at = 0; at < hello.getShort(suitesAt); at += 2) {
                        hello.putShort(suitesAt + 2 + at, (short) 0xfafa);
                    }
                }
                case "length" -> hello.putShort(suitesAt, (short) 0x7fff);
                default -> hello.putShort(supportedVersionsAt(hello) + 5, (short) 0x0303);
            }
            return hello.array();
        };
        peer.tryHandshake();
        peer.assertClosedWith(errorCode);
        assertEquals(6, peer.frames(ConnectionCloseFrame.class).getFirst().frameType());
    }

    private static int supportedVersionsAt(ByteBuffer hello) {
        for (int at = 0; at + 7 <= hello.limit(); at++) {
            if (hello.getInt(at) == 0x002b0003 && hello.get(at + 4) == 2) {
                return at;
            }
        }
        throw new AssertionError("no supported_versions");
    }
}
