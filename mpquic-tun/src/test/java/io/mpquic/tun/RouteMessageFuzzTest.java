package io.mpquic.tun;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.AlphaChars;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;

/** Whatever comes from the socket is a list of messages that make sense: nothing else comes out of the parser. */
class RouteMessageFuzzTest {

    @Property(tries = 5_000)
    void noBytesMakeTheParserFail(@ForAll @Size(max = 200) byte[] datagram) {
        assertMakesSense(RouteMessageParser.parse(datagram));
    }

    @Property(tries = 5_000)
    void noChangeOfAFewBytesMakesTheParserFail(
            @ForAll @Size(min = 1, max = 6) List<@IntRange(max = 400) Integer> places, @ForAll @Size(6) byte[] values) {
        byte[] datagram = everything();
        for (int i = 0; i < places.size(); i++) {
            datagram[places.get(i) % datagram.length] = values[i];
        }
        assertMakesSense(RouteMessageParser.parse(datagram));
    }

    @Property
    void aDatagramThatWasCutIsReadAsFarAsItGoes(@ForAll @IntRange(max = 400) int length) {
        byte[] whole = everything();
        List<RouteMessage> all = RouteMessageParser.parse(whole);
        List<RouteMessage> some = RouteMessageParser.parse(Arrays.copyOf(whole, Math.min(length, whole.length)));
        assertEquals(all.subList(0, some.size()), some);
    }

    @Property
    void everyLinkReadsBackAsItWasWritten(
            @ForAll @IntRange(min = 1) int index,
            @ForAll @AlphaChars @StringLength(min = 1, max = 15) String name,
            @ForAll int flags,
            @ForAll @IntRange(min = 1) int mtuBytes) {
        byte[] datagram = new RouteMessageWriter()
                .newLink(index, name, flags, mtuBytes)
                .delLink(index)
                .bytes();
        assertEquals(
                List.of(new RouteMessage.Link(index, name, flags, mtuBytes), new RouteMessage.LinkGone(index)),
                RouteMessageParser.parse(datagram));
    }

    @Property
    void everyAddressReadsBackAsItWasWritten(
            @ForAll @IntRange(min = 1) int index,
            @ForAll @Size(4) byte[] address,
            @ForAll @IntRange(max = 32) int prefixLength,
            @ForAll @IntRange(max = 255) int flags)
            throws Exception {
        Cidr cidr = new Cidr(InetAddress.getByAddress(address), prefixLength);
        byte[] datagram = new RouteMessageWriter()
                .newAddress(index, cidr, flags)
                .delAddress(index, cidr)
                .bytes();
        assertEquals(
                List.of(new RouteMessage.Address(index, cidr, flags), new RouteMessage.AddressGone(index, cidr)),
                RouteMessageParser.parse(datagram));
    }

    private static byte[] everything() {
        return new RouteMessageWriter()
                .newLink(3, "enp7s3", 0x11043, 1500)
                .newAddress(3, Cidr.parse("192.168.1.7/24"), 0x80)
                .newAddress(3, Cidr.parse("2001:db8::7/64"), 0)
                .delAddress(3, Cidr.parse("192.168.1.7/24"))
                .delLink(3)
                .end(RouteMessageParser.NLMSG_ERROR, 4, -16)
                .end(RouteMessageParser.NLMSG_DONE, 9, 0)
                .bytes();
    }

    private static void assertMakesSense(List<RouteMessage> messages) {
        LinkTable table = new LinkTable();
        for (RouteMessage message : messages) {
            switch (message) {
                case RouteMessage.Link link -> assertTrue(link.index() > 0 && link.mtuBytes() >= 0);
                case RouteMessage.LinkGone gone -> assertTrue(gone.index() > 0);
                case RouteMessage.Address address -> assertTrue(address.index() > 0);
                case RouteMessage.AddressGone gone -> assertTrue(gone.index() > 0);
                case RouteMessage.End end -> assertTrue(end.errno() >= 0);
                case RouteMessage.Interrupted interrupted -> {}
                case RouteMessage.Overrun overrun -> {}
            }
            table.apply(message);
            if (message instanceof RouteMessage.Link link) {
                assertTrue(table.find(link.name()).isPresent());
            }
        }
    }
}
