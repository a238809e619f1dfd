package io.mpquic.dataplane.forward;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.dataplane.Packets;
import java.lang.foreign.MemorySegment;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class MssClampTest {
    private static final int SYN = 2;
    private static final int SYN_ACK = 0x12;
    private static final int ACK = 0x10;

    private static byte[] mss(int value) {
        return new byte[] {2, 4, (byte) (value >>> 8), (byte) value};
    }

    private static byte[] clamped(byte[] packet, int maxPacketBytes, boolean expected) {
        MemorySegment memory = Packets.nativeAt(packet, 9);
        assertEquals(expected, MssClamp.clamp(memory, 9, packet.length, maxPacketBytes));
        return Packets.bytes(memory, 9, packet.length);
    }

    private static byte[] tcp4(int flags, byte[] options) {
        return Packets.ipv4(0x4000, Packets.TCP, new byte[0], Packets.tcp(false, flags, options));
    }

    @Test
    void anIpv4SynAnnouncesNoMoreThanFits() {
        for (int flags : new int[] {SYN, SYN_ACK}) {
            byte[] out = clamped(tcp4(flags, mss(1460)), 1250, true);
            assertEquals(1210, Packets.u16(out, 42));
            byte[] tcp = Packets.slice(out, 20, 24);
            assertEquals(0, Packets.checksum(Packets.pseudo(false, Packets.TCP, tcp)));
        }
    }

    @Test
    void anIpv6SynAnnouncesNoMoreThanFits() {
        byte[] packet = Packets.ipv6(Packets.TCP, Packets.tcp(true, SYN, mss(1440)));
        byte[] out = clamped(packet, 1300, true);
        assertEquals(1240, Packets.u16(out, 62));
        assertEquals(0, Packets.checksum(Packets.pseudo(true, Packets.TCP, Packets.slice(out, 40, 24))));
    }

    @Test
    void theOptionIsFoundBehindOthersAndAtAnOddOffset() {
        byte[] options = {1, 3, 3, 7, 1, 1, 1, 2, 4, 5, (byte) 0xb4, 0};
        byte[] out = clamped(tcp4(SYN, options), 1250, true);
        assertEquals(1210, Packets.u16(out, 49));
        assertEquals(0, Packets.checksum(Packets.pseudo(false, Packets.TCP, Packets.slice(out, 20, 32))));
    }

    @Test
    void whatFitsOrIsNoSynStaysAsItIs() {
        byte[] small = tcp4(SYN, mss(1210));
        assertArrayEquals(small, clamped(small, 1250, false));
        byte[] ack = tcp4(ACK, mss(1460));
        assertArrayEquals(ack, clamped(ack, 1250, false));
        byte[] bare = tcp4(SYN, new byte[0]);
        assertArrayEquals(bare, clamped(bare, 1250, false));
        byte[] udp = Packets.ipv4(0, Packets.UDP, new byte[0], Packets.tcp(false, SYN, mss(1460)));
        assertArrayEquals(udp, clamped(udp, 1250, false));
        byte[] laterFragment = Packets.ipv4(1, Packets.TCP, new byte[0], Packets.tcp(false, SYN, mss(1460)));
        assertArrayEquals(laterFragment, clamped(laterFragment, 1250, false));
    }

    @Test
    void brokenOptionsAreLeftAlone() {
        for (byte[] options :
                new byte[][] {{3, 0, 2, 4}, {3, 1, 2, 4}, {1, 1, 2, 4}, {0, 2, 4, 5}, {8, 40, 2, 4}, {2, 3, 9, 9}}) {
            byte[] packet = tcp4(SYN, options);
            assertArrayEquals(packet, clamped(packet, 1250, false));
        }
    }

    @Test
    void aSynIsKnownAsSuch() {
        byte[] syn = tcp4(SYN, mss(1460));
        byte[] ack = tcp4(ACK, mss(1460));
        assertTrue(MssClamp.isTcpSyn(Packets.nativeAt(syn, 0), 0, syn.length));
        assertFalse(MssClamp.isTcpSyn(Packets.nativeAt(ack, 0), 0, ack.length));
    }

    @Property
    void theChecksumHoldsForEveryValue(
            @ForAll @IntRange(min = 1, max = 65535) int announced, @ForAll @IntRange(min = 100, max = 9000) int max) {
        byte[] out = clamped(tcp4(SYN, mss(announced)), max, announced > max - 40);
        assertEquals(Math.min(announced, max - 40), Packets.u16(out, 42));
        assertEquals(0, Packets.checksum(Packets.pseudo(false, Packets.TCP, Packets.slice(out, 20, 24))));
    }
}
