package io.mpquic.tun;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class NetlinkMonitorIT {
    private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(20);
    private static final int MORE_THAN_THE_SOCKET_HOLDS = 3_000;

    private NetworkNamespace here;
    private NetworkNamespace there;

    @BeforeAll
    static void whereItIsAllowed() {
        NetworkNamespace.assumeAllowed();
    }

    @BeforeEach
    void connectTwoNamespaces() throws Exception {
        here = NetworkNamespace.create("mon");
        there = NetworkNamespace.create("mon");
        here.connect("wan1", there, "wan2");
    }

    @AfterEach
    void deleteNamespaces() throws Exception {
        here.close();
        there.close();
    }

    private NetlinkMonitor open() throws Exception {
        return here.call(() -> NetlinkMonitor.open("wan1"));
    }

    private static InterfaceState await(InterfaceMonitor monitor, Predicate<InterfaceState> wanted) throws IOException {
        awaitAny(monitor, () -> monitor.state().filter(wanted).isPresent());
        return monitor.state().orElseThrow();
    }

    private static void awaitGone(InterfaceMonitor monitor) throws IOException {
        awaitAny(monitor, () -> monitor.state().isEmpty());
    }

    private static void awaitAny(InterfaceMonitor monitor, BooleanSupplier wanted) throws IOException {
        long deadlineNs = System.nanoTime() + PATIENCE_NS;
        while (!wanted.getAsBoolean()) {
            long leftNs = deadlineNs - System.nanoTime();
            assertTrue(leftNs > 0, () -> "still " + monitor.state());
            monitor.await(leftNs);
        }
    }

    private static List<String> addresses(InterfaceState state) {
        return state.addresses().stream().map(Cidr::toString).sorted().toList();
    }

    @Test
    void theStateIsRightFromTheBeginning() throws Exception {
        here.run("ip", "address", "add", "10.1.1.1/24", "dev", "wan1");
        here.run("ip", "address", "add", "2001:db8::1/64", "dev", "wan1", "nodad");
        here.run("ip", "link", "set", "wan1", "mtu", "1400");
        try (NetlinkMonitor monitor = open()) {
            InterfaceState state = await(monitor, InterfaceState::carrier);
            assertTrue(state.up());
            assertEquals("wan1", state.name());
            assertEquals(1400, state.mtuBytes());
            assertEquals(List.of("10.1.1.1/24", "2001:db8:0:0:0:0:0:1/64"), addresses(state));
        }
    }

    @Test
    void aCarrierThatGoesAndComesIsSeen() throws Exception {
        try (NetlinkMonitor monitor = open()) {
            await(monitor, InterfaceState::carrier);
            there.run("ip", "link", "set", "wan2", "down");
            assertTrue(await(monitor, state -> !state.carrier()).up());
            there.run("ip", "link", "set", "wan2", "up");
            await(monitor, InterfaceState::carrier);
            here.run("ip", "link", "set", "wan1", "down");
            assertFalse(await(monitor, state -> !state.up()).carrier());
            here.run("ip", "link", "set", "wan1", "up");
            await(monitor, InterfaceState::carrier);
        }
    }

    @Test
    void addressesThatComeAndGoAreSeenButForThoseOfTheLinkAlone() throws Exception {
        try (NetlinkMonitor monitor = open()) {
            here.run("ip", "address", "add", "169.254.7.7/16", "dev", "wan1");
            here.run("ip", "address", "add", "10.1.1.1/24", "dev", "wan1");
            assertEquals(
                    List.of("10.1.1.1/24"),
                    addresses(await(monitor, state -> !state.addresses().isEmpty())));
            here.run("ip", "address", "del", "10.1.1.1/24", "dev", "wan1");
            await(monitor, state -> state.addresses().isEmpty());
            here.run("ip", "address", "add", "10.1.2.1/30", "dev", "wan1");
            here.run("ip", "address", "add", "2001:db8::1/64", "dev", "wan1");
            // The kernel looks for a duplicate first, which takes a second or two.
            assertEquals(
                    List.of("10.1.2.1/30", "2001:db8:0:0:0:0:0:1/64"),
                    addresses(await(monitor, state -> state.addresses().size() == 2)));
        }
    }

    @Test
    void anInterfaceThatIsDeletedAndMadeAnewIsFollowedUnderItsNewIndex() throws Exception {
        here.run("ip", "address", "add", "10.1.1.1/24", "dev", "wan1");
        try (NetlinkMonitor monitor = open()) {
            int before = monitor.state().orElseThrow().index();
            here.run("ip", "link", "del", "wan1");
            awaitGone(monitor);
            here.connect("wan1", there, "wan2");
            InterfaceState again = await(monitor, InterfaceState::carrier);
            assertNotEquals(before, again.index());
            assertEquals(List.of(), again.addresses());
        }
    }

    @Test
    void aNameIsFollowedWhenItMovesToAnotherInterface() throws Exception {
        here.run("ip", "tuntap", "add", "usb0", "mode", "tun");
        here.run("ip", "address", "add", "10.7.7.7/24", "dev", "usb0");
        try (NetlinkMonitor monitor = open()) {
            here.run("ip", "link", "set", "wan1", "down");
            here.run("ip", "link", "set", "wan1", "name", "old");
            awaitGone(monitor);
            here.run("ip", "link", "set", "usb0", "name", "wan1");
            assertEquals(
                    List.of("10.7.7.7/24"),
                    addresses(await(monitor, state -> !state.addresses().isEmpty())));
        }
    }

    @Test
    void anInterfaceThatComesLaterIsSeen() throws Exception {
        here.run("ip", "link", "del", "wan1");
        try (NetlinkMonitor monitor = open()) {
            assertTrue(monitor.state().isEmpty());
            here.connect("wan1", there, "wan2");
            await(monitor, InterfaceState::carrier);
        }
    }

    @Test
    void announcementsThatAreLostDoNoHarm() throws Exception {
        try (NetlinkMonitor monitor = open()) {
            // Nobody reads meanwhile: the socket overflows, and what happens last is lost.
            String flood = "for i in $(seq " + MORE_THAN_THE_SOCKET_HOLDS + "); do"
                    + " echo address add 10.9.0.1/24 dev wan1; echo address del 10.9.0.1/24 dev wan1; done"
                    + " | ip -batch - && ip address add 10.1.1.1/24 dev wan1 && ip link set wan1 mtu 1280";
            here.run("sh", "-c", flood);
            InterfaceState state = await(monitor, now -> now.mtuBytes() == 1280);
            assertEquals(List.of("10.1.1.1/24"), addresses(state));
            here.run("ip", "address", "del", "10.1.1.1/24", "dev", "wan1");
            await(monitor, now -> now.addresses().isEmpty());
        }
    }

    @Test
    void anInterfaceIsSeenInTheNamespaceOfTheOpenerOnly() throws Exception {
        try (NetlinkMonitor outside = NetlinkMonitor.open("wan1");
                NetlinkMonitor inside = open()) {
            assertTrue(outside.state().isEmpty());
            assertTrue(inside.state().isPresent());
        }
    }

    @Test
    void aWaitEndsWithAWakeUpAndWithTheEnd() throws Exception {
        NetlinkMonitor monitor = open();
        monitor.wakeup();
        monitor.await(-1);
        monitor.await(1_000);
        CountDownLatch ended = new CountDownLatch(1);
        Thread waiting = Thread.ofPlatform().start(() -> {
            assertThrows(ClosedChannelException.class, () -> {
                while (true) {
                    monitor.await(-1);
                }
            });
            ended.countDown();
        });
        monitor.close();
        monitor.close();
        ended.await();
        waiting.join();
        monitor.wakeup();
        assertThrows(ClosedChannelException.class, () -> monitor.await(0));
    }
}
