package io.mpquic.tun;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;

class CidrProperties {

    @Property
    void everyIpv4AddressReadsBackAsItWasWritten(
            @ForAll @Size(4) byte[] address, @ForAll @IntRange(max = 32) int prefixLength) throws Exception {
        Cidr cidr = new Cidr(InetAddress.getByAddress(address), prefixLength);

        assertEquals(cidr, Cidr.parse(cidr.toString()));
        assertTrue(cidr.contains(cidr.address()));
    }

    @Property
    void everyIpv6AddressReadsBackAsItWasWritten(
            @ForAll @Size(15) byte[] tail, @ForAll @IntRange(max = 128) int prefixLength) throws Exception {
        byte[] address = new byte[16];
        // Not an IPv4-mapped one: those begin with zeros.
        address[0] = 0x20;
        System.arraycopy(tail, 0, address, 1, tail.length);
        Cidr cidr = new Cidr(InetAddress.getByAddress(address), prefixLength);

        assertEquals(cidr, Cidr.parse(cidr.toString()));
        assertTrue(cidr.contains(cidr.address()));
    }

    @Property
    void anyTextIsReadOrRefusedWithAReason(
            @ForAll @StringLength(max = 20) @CharRange(from = '.', to = ':') @CharRange(from = 'a', to = 'g')
                    String text) {
        try {
            assertNotNull(Cidr.parse(text).address());
        } catch (IllegalArgumentException e) {
            assertTrue(e.getMessage().startsWith("\"" + text + "\": "), e.getMessage());
        }
    }

    @Example
    void aZeroAddressIsAnAddress() {
        assertEquals("0.0.0.0/0", Cidr.parse("0.0.0.0/0").toString());
    }
}
