package io.mpquic.dataplane.forward;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mpquic.dataplane.Packets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class IpPacketTest {

    private static int lengthOf(byte[] bytes) {
        return IpPacket.lengthBytes(Packets.nativeAt(bytes, 3), 3, bytes.length);
    }

    @Test
    void goodPacketsHaveTheLengthOfTheirHeader() {
        assertEquals(20, lengthOf(Packets.ipv4(0, 99, new byte[0], new byte[0])));
        assertEquals(60, lengthOf(Packets.ipv4(0, 99, new byte[40], new byte[0])));
        assertEquals(1500, lengthOf(Packets.ipv4(0, 99, new byte[0], new byte[1480])));
        assertEquals(40, lengthOf(Packets.ipv6(59, new byte[0])));
        assertEquals(1280, lengthOf(Packets.ipv6(59, new byte[1240])));
    }

    @Test
    void paddingBehindThePacketIsNotPartOfIt() {
        assertEquals(25, lengthOf(Arrays.copyOf(Packets.ipv4(0, 99, new byte[0], new byte[5]), 46)));
    }

    @Test
    void whatIsNoIpPacketHasNoLength() {
        byte[] v4 = Packets.ipv4(0, 99, new byte[0], new byte[30]);
        byte[] v6 = Packets.ipv6(59, new byte[30]);
        assertEquals(0, lengthOf(new byte[0]));
        assertEquals(0, lengthOf(Arrays.copyOf(v4, 19)));
        assertEquals(0, lengthOf(Arrays.copyOf(v4, 49)));
        assertEquals(0, lengthOf(Arrays.copyOf(v6, 39)));
        assertEquals(0, lengthOf(Arrays.copyOf(v6, 69)));
        byte[] version5 = v4.clone();
        version5[0] = 0x55;
        assertEquals(0, lengthOf(version5));
        byte[] shortHeader = v4.clone();
        shortHeader[0] = 0x44;
        assertEquals(0, lengthOf(shortHeader));
        byte[] shortTotal = v4.clone();
        shortTotal[2] = 0;
        shortTotal[3] = 19;
        assertEquals(0, lengthOf(shortTotal));
        byte[] longHeader = Arrays.copyOf(v4, 50);
        longHeader[0] = 0x4f;
        assertEquals(0, lengthOf(longHeader));
    }

    @Test
    void theTransportHeaderIsFoundBehindExtensionHeaders() {
        byte[] hopByHop = {6, 0, 1, 4, 0, 0, 0, 0};
        byte[] payload = Arrays.copyOf(hopByHop, 28);
        byte[] packet = Packets.ipv6(0, payload);
        assertEquals(48 << 8 | 6, IpPacket.ipv6Transport(Packets.nativeAt(packet, 0), 0, packet.length));
        byte[] plain = Packets.ipv6(17, new byte[8]);
        assertEquals(40 << 8 | 17, IpPacket.ipv6Transport(Packets.nativeAt(plain, 0), 0, plain.length));
    }

    @Test
    void laterFragmentsAndEndlessExtensionHeadersHaveNoTransportHeader() {
        byte[] laterFragment = Packets.ipv6(44, new byte[] {6, 0, 0, 8, 0, 0, 0, 1, 9, 9, 9, 9, 9, 9, 9, 9});
        assertEquals(-1, IpPacket.ipv6Transport(Packets.nativeAt(laterFragment, 0), 0, laterFragment.length));
        byte[] endless = Packets.ipv6(60, new byte[800]);
        for (int i = 40; i < endless.length; i += 8) {
            endless[i] = 60;
        }
        assertEquals(-1, IpPacket.ipv6Transport(Packets.nativeAt(endless, 0), 0, endless.length));
        byte[] cut = Packets.ipv6(60, new byte[4]);
        assertEquals(-1, IpPacket.ipv6Transport(Packets.nativeAt(cut, 0), 0, cut.length));
    }
}
