package io.mpquic.dataplane.forward;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.dataplane.Packets;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EcnMarkTest {
    private static final int OFFSET = 3;

    private static byte[] ipv4(int trafficClass) {
        byte[] packet = Packets.ipv4(0, Packets.UDP, new byte[0], Packets.payload(40, 1));
        packet[1] = (byte) trafficClass;
        packet[10] = 0;
        packet[11] = 0;
        int sum = Packets.checksum(Packets.slice(packet, 0, 20));
        packet[10] = (byte) (sum >>> 8);
        packet[11] = (byte) sum;
        return packet;
    }

    private static byte[] ipv6(int trafficClass) {
        byte[] packet = Packets.ipv6(Packets.UDP, Packets.payload(40, 1));
        packet[0] = (byte) (0x60 | trafficClass >>> 4);
        packet[1] = (byte) (trafficClass << 4 | 0x5);
        return packet;
    }

    @ParameterizedTest
    @ValueSource(ints = {0x01, 0x02, 0x03, 0xb9, 0xba, 0xbb, 0xfd})
    void aPacketOfASenderThatUnderstandsIsMarkedAndOtherwiseTheSame(int trafficClass) {
        MemorySegment four = Packets.nativeAt(ipv4(trafficClass), OFFSET);
        assertTrue(EcnMark.congested(four, OFFSET, 60));
        assertArrayEquals(ipv4(trafficClass | 3), Packets.bytes(four, OFFSET, 60));

        MemorySegment six = Packets.nativeAt(ipv6(trafficClass), OFFSET);
        assertTrue(EcnMark.congested(six, OFFSET, 80));
        assertArrayEquals(ipv6(trafficClass | 3), Packets.bytes(six, OFFSET, 80));
    }

    @ParameterizedTest
    @ValueSource(ints = {0x00, 0xb8, 0xfc})
    void aPacketOfASenderThatDoesNotIsLeftAlone(int trafficClass) {
        MemorySegment four = Packets.nativeAt(ipv4(trafficClass), OFFSET);
        assertFalse(EcnMark.congested(four, OFFSET, 60));
        assertArrayEquals(ipv4(trafficClass), Packets.bytes(four, OFFSET, 60));

        MemorySegment six = Packets.nativeAt(ipv6(trafficClass), OFFSET);
        assertFalse(EcnMark.congested(six, OFFSET, 80));
        assertArrayEquals(ipv6(trafficClass), Packets.bytes(six, OFFSET, 80));
    }

    @Test
    void aWrongChecksumStaysWrong() {
        byte[] packet = ipv4(2);
        packet[11] ^= 1;
        MemorySegment segment = Packets.nativeAt(packet, 0);
        assertTrue(EcnMark.congested(segment, 0, 60));
        assertNotEquals(0, Packets.checksum(Packets.bytes(segment, 0, 20)));
    }

    @Test
    void whatIsNoWholePacketIsLeftAlone() {
        byte[] packet = ipv4(2);
        for (int lengthBytes = 0; lengthBytes < packet.length; lengthBytes++) {
            MemorySegment segment = Packets.nativeAt(Packets.slice(packet, 0, lengthBytes), 0);
            assertFalse(EcnMark.congested(segment, 0, lengthBytes), lengthBytes + " bytes");
        }
        packet[0] = 0x55;
        assertFalse(EcnMark.congested(Packets.nativeAt(packet, 0), 0, packet.length));
    }
}
