package io.mpquic.dataplane.forward;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.dataplane.Packets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class Ipv4FragmenterTest {
    private static final int MORE = 0x2000;

    private static List<byte[]> pieces(byte[] packet, int mtu) {
        Ipv4Fragmenter fragmenter = new Ipv4Fragmenter(2048);
        fragmenter.begin(Packets.nativeAt(packet, 7), 7, packet.length, mtu);
        List<byte[]> pieces = new ArrayList<>();
        while (fragmenter.isUnderWay()) {
            fragmenter.next();
            pieces.add(Packets.bytes(fragmenter.memory(), fragmenter.offset(), fragmenter.lengthBytes()));
        }
        return pieces;
    }

    private static int headerBytes(byte[] packet) {
        return (packet[0] & 0xf) * 4;
    }

    @Test
    void aPacketOfThreeThousandBytesBecomesThreePieces() {
        byte[] packet = Packets.ipv4(0, Packets.UDP, new byte[0], Packets.payload(2980, 3));
        List<byte[]> pieces = pieces(packet, 1251);
        // 1251 - 20 = 1231, of which 1224 are a multiple of eight.
        assertEquals(
                List.of(1244, 1244, 552), pieces.stream().map(p -> p.length).toList());
        assertEquals(
                List.of(MORE, MORE | 153, 306),
                pieces.stream().map(p -> Packets.u16(p, 6)).toList());
        for (byte[] piece : pieces) {
            assertEquals(0x1234, Packets.u16(piece, 4), "the identification stays");
            assertEquals(0, Packets.checksum(Packets.slice(piece, 0, 20)));
        }
    }

    @Test
    void onlyOptionsWithTheCopiedFlagGoIntoLaterPieces() {
        // Record route (7) is not copied, loose source route (131) is, router alert (148) is.
        byte[] options = {7, 7, 4, 0, 0, 0, 0, 1, (byte) 131, 7, 4, 9, 9, 9, 9, (byte) 148, 4, 0, 0, 0};
        byte[] packet = Packets.ipv4(0, Packets.UDP, options, Packets.payload(300, 4));
        List<byte[]> pieces = pieces(packet, 200);
        assertArrayEquals(options, Packets.slice(pieces.get(0), 20, 20));
        assertEquals(32, headerBytes(pieces.get(1)));
        byte[] copied = {(byte) 131, 7, 4, 9, 9, 9, 9, (byte) 148, 4, 0, 0, 0};
        assertArrayEquals(copied, Packets.slice(pieces.get(1), 20, 12));
    }

    @Test
    void malformedOptionsEndTheCopying() {
        byte[] options = {(byte) 148, 4, 0, 0, (byte) 131, 0, 0, 0};
        byte[] packet = Packets.ipv4(0, Packets.UDP, options, Packets.payload(300, 4));
        assertEquals(24, headerBytes(pieces(packet, 200).get(1)));
    }

    @Test
    void aFragmentIsCutFurtherAndKeepsItsPlace() {
        byte[] packet = Packets.ipv4(MORE | 100, Packets.UDP, new byte[0], Packets.payload(800, 5));
        List<byte[]> pieces = pieces(packet, 420);
        assertEquals(
                List.of(MORE | 100, MORE | 150),
                pieces.stream().map(p -> Packets.u16(p, 6)).toList());
    }

    @Test
    void aFragmentThatReachesPastTheLargestDatagramIsNotCut() {
        byte[] packet = Packets.ipv4(8191, Packets.UDP, new byte[0], Packets.payload(800, 5));
        assertTrue(pieces(packet, 420).isEmpty());
    }

    @Test
    void thePacketMayBeGivenUpHalfWay() {
        byte[] packet = Packets.ipv4(0, Packets.UDP, new byte[0], Packets.payload(800, 5));
        Ipv4Fragmenter fragmenter = new Ipv4Fragmenter(2048);
        assertFalse(fragmenter.isUnderWay());
        fragmenter.begin(Packets.nativeAt(packet, 0), 0, packet.length, 420);
        fragmenter.next();
        assertTrue(fragmenter.isUnderWay());
        fragmenter.abandon();
        assertFalse(fragmenter.isUnderWay());
    }

    @Property(tries = 500)
    void thePiecesFitAndMakeUpTheWholePacket(
            @ForAll @IntRange(min = 1, max = 4000) int payloadBytes,
            @ForAll @IntRange(min = 0, max = 10) int optionWords,
            @ForAll @IntRange(min = 68, max = 1500) int mtu) {
        byte[] options = new byte[4 * optionWords];
        Arrays.fill(options, (byte) 1);
        byte[] payload = Packets.payload(payloadBytes, mtu);
        byte[] together = new byte[payloadBytes];
        boolean[] seen = new boolean[payloadBytes];
        List<byte[]> pieces = pieces(Packets.ipv4(0, Packets.UDP, options, payload), mtu);
        for (int i = 0; i < pieces.size(); i++) {
            byte[] piece = pieces.get(i);
            int header = headerBytes(piece);
            assertTrue(piece.length <= mtu);
            assertEquals(piece.length, Packets.u16(piece, 2));
            assertEquals(0, Packets.checksum(Packets.slice(piece, 0, header)));
            int flags = Packets.u16(piece, 6);
            assertEquals(i < pieces.size() - 1, (flags & MORE) != 0);
            int at = (flags & 0x1fff) * 8;
            for (int b = 0; b < piece.length - header; b++) {
                assertFalse(seen[at + b], "carried twice");
                seen[at + b] = true;
                together[at + b] = piece[header + b];
            }
        }
        assertArrayEquals(payload, together);
    }
}
