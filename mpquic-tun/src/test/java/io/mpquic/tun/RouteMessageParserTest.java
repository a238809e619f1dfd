package io.mpquic.tun;

import static io.mpquic.tun.RouteMessageWriter.attribute;
import static io.mpquic.tun.RouteMessageWriter.number;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class RouteMessageParserTest {
    private static final Cidr IPV4 = Cidr.parse("192.168.1.7/24");
    private static final Cidr IPV6 = Cidr.parse("2001:db8::7/64");
    private static final byte[] ADDRESS = {(byte) 192, (byte) 168, 1, 7};
    private static final byte[] PEER = {(byte) 192, (byte) 168, 1, 8};

    private final RouteMessageWriter kernel = new RouteMessageWriter();

    private void assertParsed(RouteMessage... expected) {
        assertEquals(List.of(expected), RouteMessageParser.parse(kernel.bytes()));
    }

    @Test
    void messagesOfADatagramComeInTheirOrder() {
        kernel.newLink(3, "enp7s3", 0x11043, 1500).newAddress(3, IPV4, 0x80).newAddress(3, IPV6, 0);
        kernel.delAddress(3, IPV4).delLink(3).end(RouteMessageParser.NLMSG_DONE, 9, 0);

        assertParsed(
                new RouteMessage.Link(3, "enp7s3", 0x11043, 1500),
                new RouteMessage.Address(3, IPV4, 0x80),
                new RouteMessage.Address(3, IPV6, 0),
                new RouteMessage.AddressGone(3, IPV4),
                new RouteMessage.LinkGone(3),
                new RouteMessage.End(9, 0));
    }

    @Test
    void aPortThatLeavesABridgeIsNoLinkThatIsGone() {
        kernel.link(RouteMessageParser.RTM_DELLINK, RouteMessageWriter.AF_BRIDGE, 3, 0);

        assertParsed();
    }

    @Test
    void onALinkToOnePeerTheLocalAddressIsOurs() {
        kernel.address(
                RouteMessageParser.RTM_NEWADDR,
                3,
                24,
                0,
                attribute(RouteMessageParser.IFA_ADDRESS, PEER),
                attribute(RouteMessageParser.IFA_LOCAL, ADDRESS));

        assertParsed(new RouteMessage.Address(3, IPV4, 0));
    }

    @Test
    void theWideFlagsCountBeforeTheNarrowOnes() {
        kernel.address(
                RouteMessageParser.RTM_NEWADDR,
                3,
                24,
                0x80,
                attribute(RouteMessageParser.IFA_LOCAL, ADDRESS),
                attribute(RouteMessageParser.IFA_FLAGS, number(0x240)));

        assertParsed(new RouteMessage.Address(3, IPV4, 0x240));
    }

    @Test
    void aRefusalCarriesItsErrno() {
        kernel.end(RouteMessageParser.NLMSG_ERROR, 4, -16).message(RouteMessageParser.NLMSG_DONE, 0, 5, new byte[0]);

        assertParsed(new RouteMessage.End(4, 16), new RouteMessage.End(5, 0));
    }

    @Test
    void aListThatWasInterruptedAndAnOverrunAreSeen() {
        kernel.message(RouteMessageParser.NLMSG_DONE, RouteMessageParser.NLM_F_DUMP_INTR, 6, new byte[4]);
        kernel.message(RouteMessageParser.NLMSG_OVERRUN, 0, 0, new byte[0]);

        assertParsed(new RouteMessage.Interrupted(), new RouteMessage.End(6, 0), new RouteMessage.Overrun());
    }

    @Test
    void whatIsNoAddressOrHasNoNameIsPassedOver() {
        kernel.address(RouteMessageParser.RTM_NEWADDR, 3, 24, 0, attribute(RouteMessageParser.IFA_LOCAL, new byte[5]));
        kernel.address(RouteMessageParser.RTM_NEWADDR, 3, 33, 0, attribute(RouteMessageParser.IFA_LOCAL, ADDRESS));
        kernel.address(RouteMessageParser.RTM_NEWADDR, 3, 24, 0);
        kernel.address(RouteMessageParser.RTM_NEWADDR, 0, 24, 0, attribute(RouteMessageParser.IFA_LOCAL, ADDRESS));
        kernel.link(RouteMessageParser.RTM_NEWLINK, 0, 3, 1);
        kernel.link(RouteMessageParser.RTM_DELLINK, 0, -1, 1);
        kernel.message(RouteMessageParser.RTM_NEWLINK, 0, 0, new byte[15]);
        kernel.message(1234, 0, 0, new byte[40]);
        kernel.newAddress(3, IPV4, 0);

        assertParsed(new RouteMessage.Address(3, IPV4, 0));
    }

    @Test
    void upAndInOperationAreTwoThings() {
        assertTrue(new RouteMessage.Link(1, "a", 0x10041, 0).hasCarrier());
        assertFalse(new RouteMessage.Link(1, "a", 0x10001, 0).hasCarrier(), "dormant");
        assertFalse(new RouteMessage.Link(1, "a", 0x41, 0).hasCarrier());
        assertFalse(new RouteMessage.Link(1, "a", 0x10040, 0).hasCarrier());
        assertTrue(new RouteMessage.Link(1, "a", 0x1, 0).isUp());
        assertFalse(new RouteMessage.Link(1, "a", 0x10040, 0).isUp());
    }

    @Test
    void anAddressIsUsableWhenItIsProvenUniqueAndReachesBeyondTheLink() {
        assertTrue(new RouteMessage.Address(1, IPV6, 0x80).isUsable());
        assertFalse(new RouteMessage.Address(1, IPV6, 0x40).isUsable(), "tentative");
        assertTrue(new RouteMessage.Address(1, IPV6, 0x44).isUsable(), "optimistic");
        assertFalse(new RouteMessage.Address(1, IPV6, 0x48).isUsable(), "a duplicate");
        assertFalse(new RouteMessage.Address(1, Cidr.parse("fe80::1/64"), 0x80).isUsable());
        assertFalse(new RouteMessage.Address(1, Cidr.parse("169.254.1.1/16"), 0x80).isUsable());
    }
}
