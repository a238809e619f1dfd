package io.mpquic.tun;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class OpenOptionsTest {
    private static final Cidr IPV4 = Cidr.parse("10.200.1.1/30");
    private static final Cidr IPV6 = Cidr.parse("fd00::1/64");

    @Test
    void aNewInterfaceHasAnMtuOf1300UnlessAskedOtherwise() {
        assertEquals(1300, OpenOptions.createWhenAbsent().mtuBytes());
        assertEquals(1420, OpenOptions.createWhenAbsent().mtuBytes(1420).mtuBytes());
    }

    @Test
    void anOffloadIsWantedUnlessSwitchedOff() {
        assertTrue(OpenOptions.attachOnly().offload());
        assertFalse(OpenOptions.attachOnly().offload(false).offload());
        OpenOptions.CreateWhenAbsent plain =
                OpenOptions.createWhenAbsent().offload(false).address(IPV4).mtuBytes(1400);
        assertFalse(plain.offload());
        assertTrue(plain.offload(true).offload());
        assertEquals(1400, plain.offload(true).mtuBytes());
    }

    @Test
    void addressesAddUp() {
        assertEquals(
                List.of(IPV4, IPV6),
                OpenOptions.createWhenAbsent().address(IPV4).address(IPV6).addresses());
    }

    @Test
    void ipv6NeedsAnMtuOf1280() {
        OpenOptions.CreateWhenAbsent small = OpenOptions.createWhenAbsent().mtuBytes(1279);

        assertThrows(IllegalArgumentException.class, () -> small.address(IPV6));
        assertEquals(1279, small.address(IPV4).mtuBytes());
    }

    @Test
    void anMtuThatLinuxRefusesIsRefused() {
        OpenOptions.CreateWhenAbsent options = OpenOptions.createWhenAbsent();

        assertThrows(IllegalArgumentException.class, () -> options.mtuBytes(67));
        assertThrows(IllegalArgumentException.class, () -> options.mtuBytes(65_536));
    }

    @Test
    void aSecondIpv4AddressIsRefused() {
        OpenOptions.CreateWhenAbsent options = OpenOptions.createWhenAbsent().address(IPV4);

        assertThrows(IllegalArgumentException.class, () -> options.address(Cidr.parse("10.200.2.1/30")));
    }
}
