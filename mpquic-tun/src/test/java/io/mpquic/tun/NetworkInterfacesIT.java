package io.mpquic.tun;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class NetworkInterfacesIT {
    private NetworkNamespace here;
    private NetworkNamespace there;

    @BeforeAll
    static void whereItIsAllowed() {
        NetworkNamespace.assumeAllowed();
    }

    @BeforeEach
    void connectTwoNamespaces() throws Exception {
        here = NetworkNamespace.create("net");
        there = NetworkNamespace.create("net");
        here.connect("wan1", there, "wan2");
    }

    @AfterEach
    void deleteNamespaces() throws Exception {
        here.close();
        there.close();
    }

    @Test
    void anInterfaceIsSeenInItsOwnNamespaceOnly() throws Exception {
        assertTrue(here.call(() -> NetworkInterfaces.exists("wan1")));
        assertFalse(there.call(() -> NetworkInterfaces.exists("wan1")));
        assertFalse(NetworkInterfaces.exists("wan1"));
    }

    @Test
    void addressesAndMtuAreThoseOfTheMoment() throws Exception {
        here.run("ip", "address", "add", "10.1.1.1/24", "dev", "wan1");
        here.run("ip", "address", "add", "10.1.2.1/30", "dev", "wan1");
        here.run("ip", "link", "set", "wan1", "mtu", "1400");

        InterfaceState state = find();
        assertEquals("wan1", state.name());
        assertEquals(1400, state.mtuBytes());
        assertEquals(
                List.of("10.1.1.1/24", "10.1.2.1/30"),
                state.addresses().stream().map(Cidr::toString).sorted().toList());
    }

    @Test
    void switchedOnAndConnectedAreTwoThings() throws Exception {
        awaitCarrier(true);
        assertTrue(find().up());

        there.run("ip", "link", "set", "wan2", "down");
        awaitCarrier(false);
        assertTrue(find().up());

        here.run("ip", "link", "set", "wan1", "down");
        assertFalse(find().up());
    }

    /** The kernel notices a link that comes or goes by and by, within a second or so. */
    private void awaitCarrier(boolean wanted) throws Exception {
        while (find().carrier() != wanted) {
            LockSupport.parkNanos(1_000_000);
        }
    }

    private InterfaceState find() throws Exception {
        return here.call(() -> NetworkInterfaces.find("wan1")).orElseThrow();
    }
}
