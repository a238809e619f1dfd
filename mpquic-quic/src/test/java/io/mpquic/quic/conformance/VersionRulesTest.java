package io.mpquic.quic.conformance;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.mpquic.quic.connection.CloseReason;
import io.mpquic.quic.wire.EncryptionLevel;
import io.mpquic.quic.wire.PacketHeader;
import io.mpquic.quic.wire.PingFrame;
import io.mpquic.quic.wire.Version;
import io.mpquic.quic.wire.VersionInvariant;
import io.mpquic.quic.wire.WireReader;
import io.mpquic.quic.wire.WireWriter;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9000 §6, RFC 8999 §6: Version Negotiation. */
class VersionRulesTest {
    static final int UNKNOWN_VERSION = 0x1a2a3a4a;

    @Requirement({"8999-6-3", "8999-6-4", "9000-17.2.1-2", "9000-17.2.1-3", "9000-17.2.1-4"})
    @ParameterizedTest
    @ValueSource(ints = {UNKNOWN_VERSION, 0x6b3343cf, 0xff00001d, 2})
    void aServerAnswersAnUnknownVersionWithTheOneItSpeaks(int version) throws Exception {
        RawPeer peer = RawPeer.of(true);
        peer.send(unknownVersion(version, 8, 8, 1200));
        VersionInvariant answer = VersionInvariant.parse(WireReader.of(peer.unreadable.getFirst()));
        assertEquals(Version.NEGOTIATION, answer.version());
        assertArrayEquals(filled(8, 0x5c), answer.dcid());
        assertArrayEquals(filled(8, 0xdc), answer.scid());
        byte[] bytes = peer.unreadable.getFirst();
        assertArrayEquals(RawBytes.hex("00000001"), Arrays.copyOfRange(bytes, bytes.length - 4, bytes.length));
        // RFC 9000 §6.3: with a version of the reserved form before it.
        assertEquals(0x0a0a0a0a, ByteBuffer.wrap(bytes).getInt(bytes.length - 8) & 0x0f0f0f0f);
        assertEquals(0, peer.target.endpoint.connections().size());
    }

    /** RFC 8999 §5.1: other versions may have longer ones. */
    @Requirement({"8999-6-3", "8999-6-4", "9000-17.2.1-5"})
    @Test
    void connectionIdsOfAnyLengthComeBackInAVersionNegotiationPacket() throws Exception {
        for (int length : new int[] {0, 1, 20, 21, 255}) {
            RawPeer peer = RawPeer.of(true);
            peer.send(unknownVersion(UNKNOWN_VERSION, length, 255 - length, 1200));
            VersionInvariant answer = VersionInvariant.parse(WireReader.of(peer.unreadable.getFirst()));
            assertArrayEquals(filled(255 - length, 0x5c), answer.dcid());
            assertArrayEquals(filled(length, 0xdc), answer.scid());
        }
    }

    @Requirement("9000-5.2.2-1")
    @Test
    void aSmallPacketOfAnUnknownVersionIsNotAnswered() {
        RawPeer peer = RawPeer.of(true);
        peer.send(unknownVersion(UNKNOWN_VERSION, 8, 8, 1199));
        assertEquals(0, peer.target.bytesOut);
    }

    @Requirement("9000-6.1-1")
    @Test
    void aVersionNegotiationPacketIsNeverAnswered() {
        RawPeer peer = RawPeer.of(true);
        peer.send(unknownVersion(Version.NEGOTIATION, 8, 8, 1200));
        assertEquals(0, peer.target.bytesOut);
        assertEquals(0, peer.target.endpoint.connections().size());
    }

    @Requirement("9000-6.2-1")
    @Test
    void aClientGivesUpWhenTheServerDoesNotSpeakItsVersion() {
        RawPeer peer = RawPeer.of(false).prepare();
        long sent = peer.target.bytesOut;
        peer.send(versionNegotiation(peer, UNKNOWN_VERSION));
        assertNotNull(peer.target.closeReason());
        assertEquals(
                CloseReason.Kind.VERSION_NEGOTIATION, peer.target.closeReason().kind());
        assertEquals(sent, peer.target.bytesOut, "nothing more is sent");
    }

    @Requirement("9000-6.2-3")
    @Test
    void aVersionNegotiationThatListsOurVersionIsIgnored() {
        RawPeer peer = RawPeer.of(false).prepare();
        peer.send(versionNegotiation(peer, UNKNOWN_VERSION, Version.V1));
        peer.handshake().assertAlive();
    }

    @Test
    void aVersionNegotiationWithOtherConnectionIdsIsIgnored() {
        RawPeer peer = RawPeer.of(false).prepare();
        byte[] packet = versionNegotiation(peer, UNKNOWN_VERSION);
        packet[packet.length - 5] ^= 1; // last byte of the source
        peer.send(packet);
        peer.handshake().assertAlive();
    }

    @Requirement("9000-6.2-2")
    @Test
    void aVersionNegotiationAfterAnotherPacketIsIgnored() {
        RawPeer peer = RawPeer.of(false).prepare();
        peer.send(
                peer.packet(EncryptionLevel.INITIAL).frames(PingFrame.INSTANCE).padTo(1200));
        peer.send(versionNegotiation(peer, UNKNOWN_VERSION));
        peer.handshake().assertAlive();
    }

    static byte[] versionNegotiation(RawPeer peer, int... versions) {
        byte[] packet = new byte
                [7
                        + peer.destination.lengthBytes()
                        + peer.originalDestination.lengthBytes()
                        + Integer.BYTES * versions.length];
        PacketHeader.writeVersionNegotiation(
                WireWriter.of(packet), peer.destination.bytes(), peer.originalDestination.bytes(), 0, versions);
        return packet;
    }

    private static byte[] unknownVersion(int version, int destinationBytes, int sourceBytes, int length) {
        byte[] head = RawBytes.join(
                new byte[] {(byte) 0xc0},
                new byte[] {(byte) (version >> 24), (byte) (version >> 16), (byte) (version >> 8), (byte) version},
                new byte[] {(byte) destinationBytes},
                filled(destinationBytes, 0xdc),
                new byte[] {(byte) sourceBytes},
                filled(sourceBytes, 0x5c));
        return Arrays.copyOf(head, length);
    }

    private static byte[] filled(int length, int value) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    @Requirement({"8999-6-1", "9000-17.2.1-1"})
    @Test
    void aVersionNegotiationIsReadWhateverItsUnusedBits() {
        for (int first = 0x80; first <= 0xff; first += 9) {
            RawPeer peer = RawPeer.of(false).prepare();
            byte[] packet = versionNegotiation(peer, UNKNOWN_VERSION);
            packet[0] = (byte) first;
            peer.send(packet);
            assertNotNull(peer.target.closeReason(), Integer.toHexString(first));
        }
    }

    /** RFC 8999 §6 */
    @Requirement("8999-6-2")
    @Test
    void aVersionNegotiationWithoutAWholeVersionIsIgnored() {
        RawPeer peer = RawPeer.of(false).prepare();
        byte[] whole = versionNegotiation(peer, UNKNOWN_VERSION, UNKNOWN_VERSION);
        for (int missing : new int[] {8, 7, 5, 3, 1}) {
            peer.send(Arrays.copyOf(whole, whole.length - missing));
        }
        peer.handshake().assertAlive();
    }

    @Requirement("9000-5.2.1-1")
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void packetsOfAnotherVersionAreDroppedWithinAConnection(boolean peerIsClient) {
        RawPeer peer = FrameRulesTest.atLevel(peerIsClient, EncryptionLevel.HANDSHAKE);
        peer.received.clear();
        peer.send(peer.packet(EncryptionLevel.HANDSHAKE)
                .frames(PingFrame.INSTANCE)
                .version(UNKNOWN_VERSION));
        assertEquals(0, peer.received.size());
        peer.handshake().assertAlive();
    }

    @Requirement("9000-17.2.1-6")
    @Test
    void aDatagramGetsOneVersionNegotiationPacketAtMost() {
        RawPeer peer = RawPeer.of(true);
        byte[] one = unknownVersion(UNKNOWN_VERSION, 8, 8, 1200);
        peer.send(RawBytes.join(one, one));
        assertEquals(1, peer.unreadable.size());
    }
}
