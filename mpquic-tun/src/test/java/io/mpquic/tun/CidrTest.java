package io.mpquic.tun;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.Inet6Address;
import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CidrTest {

    @Test
    void anIpv4AddressKeepsItsHostBits() {
        Cidr cidr = Cidr.parse("10.200.1.1/30");

        assertEquals("10.200.1.1", cidr.address().getHostAddress());
        assertEquals(30, cidr.prefixLength());
        assertFalse(cidr.isIpv6());
        assertEquals("10.200.1.1/30", cidr.toString());
    }

    @Test
    void anIpv6AddressIsReadInItsShortForm() {
        Cidr cidr = Cidr.parse("fd00:1::1/64");

        assertTrue(cidr.isIpv6());
        assertEquals("fd00:1:0:0:0:0:0:1/64", cidr.toString());
        assertEquals(cidr, Cidr.parse(cidr.toString()));
    }

    @ParameterizedTest
    @CsvSource({
        "10.200.1.1, the prefix length is missing",
        "10.200.1.1/, is not a decimal number",
        "10.200.1.1/33, is not between 0 and 32",
        "10.200.1.1/030, is not a decimal number",
        "10.200.1.1/-1, is not a decimal number",
        "10.200.1.1/+8, is not a decimal number",
        "10.200.1.1/24/8, is not a decimal number",
        "10.200.1/24, is neither an IPv4 nor an IPv6 address",
        "10.200.1.256/24, is neither an IPv4 nor an IPv6 address",
        "10.200.01.1/24, is neither an IPv4 nor an IPv6 address",
        "0x0a.1.1.1/24, is neither an IPv4 nor an IPv6 address",
        "localhost/8, is neither an IPv4 nor an IPv6 address",
        "/8, is neither an IPv4 nor an IPv6 address",
        "fe80::1%eth0/64, is neither an IPv4 nor an IPv6 address",
        "fd00::1/129, is not between 0 and 128",
        "fd00:::1/64, is not an IPv6 address",
        "::ffff:10.0.0.1/128, write the IPv4-mapped address as the IPv4 address 10.0.0.1",
    })
    void aMistakeIsRefusedInWordsThatNameIt(String text, String reason) {
        String message = assertThrows(IllegalArgumentException.class, () -> Cidr.parse(text))
                .getMessage();

        assertTrue(message.startsWith("\"" + text + "\": "), message);
        assertTrue(message.endsWith(reason) || message.contains(reason), message);
    }

    @ParameterizedTest
    @ValueSource(strings = {" 10.0.0.1/8", "10.0.0.1 /8", "10.0.0.1/ 8", "10.0.0.1/8\n", ""})
    void whiteSpaceIsNotPartOfAnAddress(String text) {
        assertThrows(IllegalArgumentException.class, () -> Cidr.parse(text));
    }

    @ParameterizedTest
    @CsvSource({
        "10.200.1.1/30, 10.200.1.2, true",
        "10.200.1.1/30, 10.200.1.4, false",
        "10.200.1.1/0, 192.0.2.1, true",
        "10.200.1.1/32, 10.200.1.1, true",
        "10.200.1.1/32, 10.200.1.0, false",
        "10.200.1.1/0, fd00::1, false",
        "fd00::1/63, fd00:0:0:1::5, true",
        "fd00::1/64, fd00:0:0:1::5, false",
    })
    void anAddressIsOnTheNetworkWhenItsPrefixIsTheSame(String network, String address, boolean contained)
            throws Exception {
        assertEquals(contained, Cidr.parse(network).contains(InetAddress.getByName(address)));
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.1/0, 0.0.0.0",
        "10.0.0.1/9, 255.128.0.0",
        "10.0.0.1/30, 255.255.255.252",
        "10.0.0.1/32, 255.255.255.255",
        "fd00::1/68, ffff:ffff:ffff:ffff:f000:0:0:0",
    })
    void theNetmaskHasAsManyOnesAsThePrefixIsLong(String cidr, String mask) {
        assertEquals(mask, Cidr.parse(cidr).netmask().getHostAddress());
    }

    @Test
    void theScopeOfALinkLocalAddressIsDropped() throws Exception {
        byte[] linkLocal = InetAddress.getByName("fe80::1").getAddress();
        Inet6Address scoped = Inet6Address.getByAddress("", linkLocal, 7);

        assertEquals("fe80:0:0:0:0:0:0:1/64", new Cidr(scoped, 64).toString());
    }
}
