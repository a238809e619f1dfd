package io.mpquic.quic.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.connection.CloseReason;
import io.mpquic.quic.wire.ConnectionId;
import io.mpquic.quic.wire.NewConnectionIdFrame;
import io.mpquic.quic.wire.PingFrame;
import io.mpquic.quic.wire.StatelessResetToken;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9000 §10.3: stateless resets, given and taken. */
class StatelessResetRulesTest {
    @Requirement({"9000-10.3-2", "9000-10.3-4", "9000-10.3.3-1"})
    @Test
    void aServerAnswersAPacketOfNoConnectionWithAResetThatIsShorter() {
        for (int length : new int[] {22, 23, 42, 43, 44, 1200}) {
            RawPeer peer = RawPeer.of(true);
            byte[] packet = new byte[length];
            Arrays.fill(packet, (byte) 0x55);
            peer.send(packet);
            byte[] reset = peer.unreadable.getFirst();
            assertTrue(reset.length < length && reset.length >= 21, reset.length + " bytes for " + length);
            assertEquals(0x40, reset[0] & 0xc0, "it looks like a short header");
        }
    }

    @Requirement("9000-10.3-3")
    @Test
    void aPacketThatCouldBeAResetItselfIsNotAnswered() {
        for (int length = 0; length <= 21; length++) {
            RawPeer peer = RawPeer.of(true);
            byte[] packet = new byte[length];
            Arrays.fill(packet, (byte) 0x55);
            peer.send(packet);
            assertEquals(0, peer.target.bytesOut);
        }
    }

    @Requirement("9000-5.2.2-2")
    @Test
    void aLongHeaderOfNoConnectionIsNotAnswered() {
        RawPeer peer = RawPeer.of(true);
        byte[] packet = new byte[1200];
        Arrays.fill(packet, (byte) 0xe5);
        System.arraycopy(RawBytes.hex("e3 00000001 08 0102030405060708 00 40ff"), 0, packet, 0, 17);
        peer.send(packet);
        assertEquals(0, peer.target.bytesOut);
    }

    @Test
    void resetsAreLimitedInNumber() {
        RawPeer peer = RawPeer.of(true);
        byte[] packet = new byte[100];
        for (int i = 0; i < 1_000; i++) {
            Arrays.fill(packet, (byte) (i & 0x3f | 0x40));
            peer.send(packet);
        }
        assertTrue(peer.unreadable.size() <= 200, peer.unreadable.size() + " resets");
    }

    @Requirement({"9000-10.3.1-1", "9000-10.3.1-4"})
    @Test
    void aStatelessResetWithTheTokenOfTheHandshakeEndsAClientInSilence() {
        RawPeer peer = RawPeer.connected(false);
        peer.target.connection().offerDatagram(new byte[10]);
        peer.send(reset(RawPeer.RESET_TOKEN));
        assertEquals(CloseReason.Kind.STATELESS_RESET, peer.target.closeReason().kind());
        peer.received.clear();
        peer.send(peer.oneRtt(PingFrame.INSTANCE)).advanceMs(10_000);
        assertEquals(0, peer.received.size());
        assertEquals(0, peer.target.endpoint.connections().size());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aStatelessResetForALaterConnectionIdCountsToo(boolean peerIsClient) {
        RawPeer peer = RawPeer.connected(peerIsClient);
        peer.send(peer.oneRtt().payload(FrameRulesTest.newConnectionId(1, 1)));
        byte[] token = new byte[16];
        token[0] = 1;
        peer.send(reset(token));
        assertEquals(CloseReason.Kind.STATELESS_RESET, peer.target.closeReason().kind());
    }

    /** RFC 9000 §10.3.1: the token of an ID that was retired, of another one, or from elsewhere, resets nothing. */
    @Requirement("9000-10.3.1-2")
    @Test
    void otherTokensResetNothing() {
        RawPeer peer = RawPeer.connected(false);
        byte[] wrong = RawPeer.RESET_TOKEN.clone();
        wrong[15] ^= 1;
        peer.send(reset(wrong)).assertAlive();
        peer.target.deliver(reset(RawPeer.RESET_TOKEN), Target.STRANGER);
        peer.assertAlive();
        peer.send(peer.oneRtt().payload(FrameRulesTest.newConnectionId(1, 1))).settle();
        peer.send(reset(RawPeer.RESET_TOKEN)).assertAlive();
    }

    @Requirement({"9000-10.3.2-1", "9000-10.3.2-5"})
    @Test
    void tokensAreDifferentForEachConnectionId() {
        RawPeer peer = RawPeer.of(true);
        peer.tryHandshake().advanceMs(30);
        long different = peer.frames(NewConnectionIdFrame.class).stream()
                .map(NewConnectionIdFrame::token)
                .distinct()
                .count();
        long ids = peer.frames(NewConnectionIdFrame.class).stream()
                .map(NewConnectionIdFrame::id)
                .distinct()
                .count();
        assertTrue(ids >= 3);
        assertEquals(ids, different);
    }

    /** RFC 9000 §10.3: the answer to a forgotten connection is the token that the client was given. */
    @Requirement("9000-10.3.2-2")
    @Test
    void aForgottenConnectionIsResetWithTheTokenThatWasGiven() {
        RawPeer peer = RawPeer.of(true);
        peer.tryHandshake().advanceMs(30);
        NewConnectionIdFrame given = peer.frames(NewConnectionIdFrame.class).getFirst();
        peer.settle();
        peer.send(peer.oneRtt().payload(RawBytes.hex("1d 00 00"))).advanceMs(10_000);
        assertEquals(0, peer.target.endpoint.connections().size());
        peer.destination = given.id();
        peer.send(peer.oneRtt().payload(new byte[30]));
        byte[] reset = peer.unreadable.getFirst();
        assertEquals(given.token(), StatelessResetToken.of(Arrays.copyOfRange(reset, reset.length - 16, reset.length)));
        assertFalse(peer.destination.equals(ConnectionId.EMPTY));
    }

    static byte[] reset(byte[] token) {
        byte[] packet = new byte[40];
        Arrays.fill(packet, (byte) 0x47);
        System.arraycopy(token, 0, packet, packet.length - token.length, token.length);
        return packet;
    }

    /** RFC 9000 §10.3: other versions may send it that way. */
    @Requirement("9000-10.3-5")
    @Test
    void aResetMayLookLikeALongHeader() {
        RawPeer peer = RawPeer.connected(false);
        byte[] packet = reset(RawPeer.RESET_TOKEN);
        packet[0] = (byte) 0xe7;
        peer.send(packet);
        assertEquals(CloseReason.Kind.STATELESS_RESET, peer.target.closeReason().kind());
    }

    /** RFC 9000 §12.3, §10.3.1: some look like a packet that came before, to an ID in use, until they do not open. */
    @Requirement("9000-12.3-5")
    @Test
    void aResetIsKnownWhateverItsRandomBytesAre() {
        SplittableRandom random = new SplittableRandom(5);
        for (int i = 0; i < 40; i++) {
            RawPeer peer = RawPeer.connected(false);
            for (int count = 0; count < 150; count++) { // numbers that one random byte may hit
                peer.send(peer.oneRtt(PingFrame.INSTANCE));
            }
            byte[] packet = reset(RawPeer.RESET_TOKEN);
            byte[] filler = new byte[24];
            random.nextBytes(filler);
            System.arraycopy(filler, 0, packet, 0, filler.length);
            packet[0] = (byte) (packet[0] & 0x3f | 0x40);
            System.arraycopy(peer.destination.bytes(), 0, packet, 1, peer.destination.lengthBytes());
            peer.send(packet);
            assertNotNull(peer.target.closeReason(), "reset " + i);
        }
    }

    @Requirement("9000-10.3.1-2")
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theTokenOfAnIdThatIsNotInUseResetsNothing(boolean peerIsClient) {
        RawPeer peer = RawPeer.connected(peerIsClient);
        peer.send(peer.oneRtt().payload(FrameRulesTest.newConnectionId(1, 0))).settle();
        byte[] token = new byte[16];
        token[0] = 1;
        peer.send(reset(token)).assertAlive();
    }

    @Requirement("9000-11-1")
    @Test
    void aLivingConnectionIsNeverReset() {
        RawPeer peer = RawPeer.connected(true);
        for (int length = 22; length < 100; length++) {
            byte[] packet = new byte[length];
            packet[0] = 0x41;
            System.arraycopy(peer.destination.bytes(), 0, packet, 1, peer.destination.lengthBytes());
            peer.send(packet);
        }
        assertEquals(0, peer.unreadable.size());
        peer.assertAlive();
    }
}
