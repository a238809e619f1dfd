package io.mpquic.cli.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class DemoPacketsTest {
    private static final byte[] CLIENT = {10, (byte) 200, 1, 1};
    private static final byte[] SERVER = {10, (byte) 200, 1, 2};

    @Test
    void aPingIsAnswered() {
        byte[] request = DemoPackets.echoRequest(CLIENT, SERVER, 7);
        byte[] reply = DemoPackets.echoReply(request);
        assertTrue(DemoPackets.isEchoRequest(request) && DemoPackets.isIntact(request));
        assertTrue(DemoPackets.isEchoReply(reply) && DemoPackets.isIntact(reply));
        assertEquals(7, DemoPackets.sequence(reply));
    }

    @Test
    void theHeaderIsWhatTheRfcSays() {
        byte[] packet = DemoPackets.data(CLIENT, SERVER, 1, 40);
        // 0x4500 + 0x28 + 0x4011 + 0x0ac8 + 0x0101 + 0x0ac8 + 0x0102 = 0x9ccc: its complement is the checksum.
        assertEquals(
                "4500002800000000" + "40116333" + "0ac80101" + "0ac80102" + "0009000900140000",
                HexFormat.of().formatHex(packet, 0, 28));
    }

    @Test
    void everyChangedByteOfAPacketIsNoticed() {
        for (byte[] packet :
                new byte[][] {DemoPackets.data(CLIENT, SERVER, 9, 100), DemoPackets.echoRequest(CLIENT, SERVER, 9)}) {
            for (int i = 0; i < packet.length; i++) {
                boolean covered = !DemoPackets.isData(packet) || i < 20 || i >= 35;
                byte[] changed = packet.clone();
                changed[i] ^= 0x55;
                assertEquals(!covered, DemoPackets.isIntact(changed), "byte " + i);
            }
            assertFalse(DemoPackets.isIntact(Arrays.copyOf(packet, packet.length - 1)));
        }
    }
}
