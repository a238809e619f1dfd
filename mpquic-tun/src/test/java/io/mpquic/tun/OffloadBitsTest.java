package io.mpquic.tun;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.tun.ffi.Errno;
import org.junit.jupiter.api.Test;

class OffloadBitsTest {
    private static final int UDP_BITS = 0x20 | 0x40;

    @Test
    void aKernelThatKnowsAllOfThemGivesAll() {
        int bits = OffloadBits.agree(wanted -> 0);

        assertEquals(0x01 | 0x02 | 0x04 | UDP_BITS, bits);
        assertTrue(OffloadBits.haveUdp(bits));
    }

    @Test
    void aKernelThatDoesNotKnowUdpGivesTcp() {
        int bits = OffloadBits.agree(wanted -> (wanted & UDP_BITS) == 0 ? 0 : -Errno.EINVAL);

        assertEquals(0x01 | 0x02 | 0x04, bits);
        assertFalse(OffloadBits.haveUdp(bits));
    }

    @Test
    void aKernelThatRefusesLeavesThePlainMode() {
        assertEquals(OffloadBits.NONE, OffloadBits.agree(wanted -> -Errno.EINVAL));
    }
}
