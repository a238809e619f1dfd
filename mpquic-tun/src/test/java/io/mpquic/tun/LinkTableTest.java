package io.mpquic.tun;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LinkTableTest {
    private static final int RUNNING = 0x10041;
    private static final Cidr ONE = Cidr.parse("10.1.0.1/24");
    private static final Cidr TWO = Cidr.parse("2001:db8::1/64");

    private final LinkTable table = new LinkTable();

    private void apply(RouteMessage... messages) {
        List.of(messages).forEach(table::apply);
    }

    @Test
    void anInterfaceIsWhatTheLastMessagesSay() {
        apply(
                new RouteMessage.Link(3, "wan1", 0x1, 1500),
                new RouteMessage.Address(3, ONE, 0),
                new RouteMessage.Address(3, TWO, RouteMessage.Address.IFA_F_TENTATIVE));
        assertEquals(Optional.of(new InterfaceState("wan1", 3, true, false, 1500, List.of(ONE))), table.find("wan1"));

        apply(new RouteMessage.Link(3, "wan1", RUNNING, 0), new RouteMessage.Address(3, TWO, 0));
        assertEquals(
                Optional.of(new InterfaceState("wan1", 3, true, true, 1500, List.of(ONE, TWO))), table.find("wan1"));

        apply(new RouteMessage.AddressGone(3, ONE), new RouteMessage.AddressGone(4, ONE));
        assertEquals(List.of(TWO), table.find("wan1").orElseThrow().addresses());
    }

    @Test
    void anInterfaceThatIsMadeAnewHasNothingOfTheOldOne() {
        apply(new RouteMessage.Link(3, "wan1", RUNNING, 1500), new RouteMessage.Address(3, ONE, 0));
        apply(new RouteMessage.LinkGone(3));
        assertTrue(table.find("wan1").isEmpty());

        apply(new RouteMessage.Link(9, "wan1", 0, 1500));
        assertEquals(Optional.of(new InterfaceState("wan1", 9, false, false, 1500, List.of())), table.find("wan1"));
    }

    @Test
    void aNameMovesToAnotherInterfaceWithTheAddressesThatOneHas() {
        apply(
                new RouteMessage.Link(3, "wan1", RUNNING, 1500),
                new RouteMessage.Link(4, "usb0", RUNNING, 1400),
                new RouteMessage.Address(4, ONE, 0),
                new RouteMessage.Link(3, "old", RUNNING, 1500));
        assertTrue(table.find("wan1").isEmpty());

        apply(new RouteMessage.Link(4, "wan1", RUNNING, 1400));
        assertEquals(Optional.of(new InterfaceState("wan1", 4, true, true, 1400, List.of(ONE))), table.find("wan1"));
        assertTrue(table.find("usb0").isEmpty());
    }
}
