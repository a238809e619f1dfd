package io.mpquic.dataplane.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mpquic.tun.Cidr;
import io.mpquic.tun.InterfaceState;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class WanConditionTest {
    private static final String IPV4 = "192.168.1.7/24";
    private static final String IPV6 = "2001:db8::7/64";

    private static WanCondition condition(boolean up, boolean carrier, String host, String... addresses) {
        List<Cidr> cidrs = Stream.of(addresses).map(Cidr::parse).toList();
        return WanCondition.of(Optional.of(new InterfaceState("enp7s3", 3, up, carrier, 1500, cidrs)), Reach.of(host));
    }

    private static WanCondition usable(String... addresses) {
        return new WanCondition.Usable(
                3, Set.copyOf(Stream.of(addresses).map(InetAddress::ofLiteral).toList()));
    }

    @Test
    void theFirstThingThatIsMissingIsTheReason() {
        assertEquals(new WanCondition.Unusable("not there"), WanCondition.of(Optional.empty(), Reach.ANY));
        assertEquals(new WanCondition.Unusable("down"), condition(false, false, "vps.example.net"));
        assertEquals(new WanCondition.Unusable("no carrier"), condition(true, false, "vps.example.net", IPV4));
        assertEquals(new WanCondition.Unusable("no address"), condition(true, true, "vps.example.net"));
        assertEquals(usable("192.168.1.7"), condition(true, true, "vps.example.net", IPV4));
    }

    @Test
    void anAddressCountsWhenItIsOfTheFamilyOfTheServer() {
        WanCondition none = new WanCondition.Unusable("no address");
        assertEquals(none, condition(true, true, "203.0.113.7", IPV6));
        assertEquals(none, condition(true, true, "2001:db8::1", IPV4));
        assertEquals(usable("192.168.1.7"), condition(true, true, "203.0.113.7", IPV4, IPV6));
        assertEquals(usable("2001:db8::7"), condition(true, true, "2001:db8::1", IPV4, IPV6));
        assertEquals(usable("2001:db8::7", "192.168.1.7"), condition(true, true, "vps.example.net", IPV4, IPV6));
    }

    @Test
    void aServerOnTheLinkItselfNeedsNoAddressFromBeyond() {
        assertEquals(usable(), condition(true, true, "fe80::1"));
        assertEquals(usable(), condition(true, true, "169.254.1.1"));
    }

    @Test
    void theOrderOfAddressesIsNoDifference() {
        assertEquals(condition(true, true, "vps", IPV4, IPV6), condition(true, true, "vps", IPV6, IPV4));
    }
}
