package io.mpquic.tun;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.HexFormat;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

class VirtioHeaderTest {
    private final MemorySegment memory = Arena.ofAuto().allocate(16);

    @Test
    void theHeaderOfASuperPacketIsThatOfTheKernel() {
        Assumptions.assumeTrue(
                ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN, "the expected bytes are little-endian");
        VirtioHeader.putSuperPacket(memory, 3, VirtioHeader.GSO_TCPV6, 72, 1228, 40, 16);

        assertEquals(
                "000000" + "01" + "04" + "4800" + "cc04" + "2800" + "1000" + "000000",
                HexFormat.of().formatHex(memory.toArray(JAVA_BYTE)));
    }

    @Test
    void whatWasWrittenIsRead() {
        VirtioHeader.putSuperPacket(memory, 1, VirtioHeader.GSO_UDP, 0xfffe, 0xfffd, 0xfffc, 0xfffb);

        assertEquals(VirtioHeader.NEEDS_CHECKSUM, VirtioHeader.flags(memory, 1));
        assertEquals(VirtioHeader.GSO_UDP, VirtioHeader.gsoType(memory, 1));
        assertEquals(0xfffe, VirtioHeader.headerLengthBytes(memory, 1));
        assertEquals(0xfffd, VirtioHeader.segmentBytes(memory, 1));
        assertEquals(0xfffc, VirtioHeader.checksumStart(memory, 1));
        assertEquals(0xfffb, VirtioHeader.checksumOffset(memory, 1));
    }

    @Test
    void theHeaderOfAWholePacketIsZero() {
        memory.fill((byte) 0xff);
        VirtioHeader.putWholePacket(memory, 2);

        assertEquals("ffff" + "00".repeat(10) + "ffffffff", HexFormat.of().formatHex(memory.toArray(JAVA_BYTE)));
    }
}
