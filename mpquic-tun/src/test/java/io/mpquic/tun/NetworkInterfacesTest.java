package io.mpquic.tun;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.NetworkInterface;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
class NetworkInterfacesTest {

    @Test
    void theLoopbackInterfaceIsFoundAsTheJdkSeesIt() throws Exception {
        NetworkInterface expected = NetworkInterface.getByName("lo");
        InterfaceState loopback = NetworkInterfaces.find("lo").orElseThrow();

        assertTrue(NetworkInterfaces.exists("lo"));
        assertEquals(expected.getIndex(), loopback.index());
        assertEquals(expected.getMTU(), loopback.mtuBytes());
        assertEquals(expected.isUp(), loopback.up() && loopback.carrier());
        assertEquals(
                expected.getInterfaceAddresses().size(), loopback.addresses().size());
    }

    @Test
    void anInterfaceThatIsNotThereIsNotFound() throws Exception {
        assertFalse(NetworkInterfaces.exists("no-such-dev"));
        assertEquals(Optional.empty(), NetworkInterfaces.find("no-such-dev"));
    }

    @Test
    void whatIsNoNameIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> NetworkInterfaces.exists("a/b"));
        assertThrows(IllegalArgumentException.class, () -> NetworkInterfaces.find(""));
    }
}
