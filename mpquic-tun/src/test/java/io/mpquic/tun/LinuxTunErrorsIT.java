package io.mpquic.tun;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.tun.ffi.Errno;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an operator reads when a TUN device cannot be opened. */
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LinuxTunErrorsIT {
    private NetworkNamespace namespace;

    @BeforeAll
    static void whereItIsAllowed() {
        NetworkNamespace.assumeAllowed();
    }

    @BeforeEach
    void makeNamespace() throws Exception {
        namespace = NetworkNamespace.create("err");
    }

    @AfterEach
    void deleteNamespace() throws Exception {
        namespace.close();
    }

    @Test
    void anAbsentInterfaceIsNotMadeUnaskedAndTheMessageSaysHowToMakeIt() throws Exception {
        ErrnoException e = failure("mpq1", OpenOptions.attachOnly());

        assertEquals(Errno.ENODEV, e.errno());
        assertTrue(e.getMessage().contains("ip tuntap add dev mpq1 mode tun"), e.getMessage());
        assertFalse(namespace.call(() -> NetworkInterfaces.exists("mpq1")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"mode tap", "mode tap multi_queue"})
    void aTapDeviceIsNoTunDevice(String mode) throws Exception {
        List<String> command = new ArrayList<>(List.of("ip", "tuntap", "add", "dev", "mpq1"));
        command.addAll(List.of(mode.split(" ")));
        namespace.run(command.toArray(String[]::new));

        assertNoTunDevice(failure("mpq1", OpenOptions.createWhenAbsent()));
    }

    @Test
    void anInterfaceOfAnotherKindIsNoTunDevice() throws Exception {
        namespace.run("ip", "link", "add", "mpq1", "type", "veth", "peer", "name", "wan2");

        assertNoTunDevice(failure("mpq1", OpenOptions.createWhenAbsent()));
    }

    @Test
    void aDeviceThatIsOpenIsBusyAlsoForAnotherProcess() throws Exception {
        namespace.run("ip", "tuntap", "add", "dev", "mpq1", "mode", "tun");
        try (LinuxTun first = open("mpq1", OpenOptions.attachOnly())) {
            assertEquals(
                    Errno.EBUSY, failure(first.name(), OpenOptions.attachOnly()).errno());

            String output = namespace.run(UnprivilegedProgram.command(List.of(), "attach", "mpq1"));
            assertTrue(output.contains("EBUSY") && output.contains("another process has the device open"), output);
        }
        assertOpens(UnprivilegedProgram.command(List.of(), "attach", "mpq1"));
    }

    @Test
    void aMultiQueueDeviceThatIsOpenIsBusyToo() throws Exception {
        namespace.run("ip", "tuntap", "add", "dev", "mpq1", "mode", "tun", "multi_queue");
        try (LinuxTun first = open("mpq1", OpenOptions.attachOnly())) {
            String output = namespace.run(UnprivilegedProgram.command(List.of(), "attach", first.name()));
            assertTrue(output.contains("EBUSY") && output.contains("another process has the device open"), output);
        }
        assertOpens(UnprivilegedProgram.command(List.of(), "attach", "mpq1"));
    }

    @Test
    void theProcessThatHasTheDeviceIsFoundAsTheMessageSays() throws Exception {
        try (LinuxTun tun = open("mpq1", OpenOptions.createWhenAbsent())) {
            String found =
                    namespace.run("sh", "-c", "grep -lw " + tun.name() + " /proc/[0-9]*/fdinfo/* 2>/dev/null || true");

            assertTrue(found.contains("/proc/" + ProcessHandle.current().pid() + "/fdinfo/"), found);
        }
    }

    @Test
    void withoutTheCapabilityADeviceIsNotMadeAndTheMessageNamesIt() throws Exception {
        String output = namespace.run(UnprivilegedProgram.withoutCapabilities("create", "mpq1"));

        assertTrue(output.contains("mpq1: ioctl TUNSETIFF failed: EPERM"), output);
        assertTrue(output.contains("lacks CAP_NET_ADMIN"), output);
    }

    @Test
    void aDeviceOfTheSameUserNeedsNoCapability() throws Exception {
        namespace.run("ip", "tuntap", "add", "dev", "mpq1", "mode", "tun", "user", "root");
        assertOpens(UnprivilegedProgram.withoutCapabilities("attach", "mpq1"));
    }

    /** The last line says so; what is logged stands before it. */
    private void assertOpens(String... command) throws Exception {
        String output = namespace.run(command);
        assertTrue(output.endsWith("opened mpq1\n"), output);
    }

    @Test
    void aDeviceOfAnotherUserDoesNeedIt() throws Exception {
        namespace.run("ip", "tuntap", "add", "dev", "mpq1", "mode", "tun", "user", "nobody");
        String output = namespace.run(UnprivilegedProgram.withoutCapabilities("attach", "mpq1"));

        assertTrue(output.contains("EPERM") && output.contains("lacks CAP_NET_ADMIN"), output);
        assertTrue(output.contains("ip tuntap add dev mpq1 mode tun user USER"), output);
    }

    @Test
    void withoutTheDriverTheMessageSaysHowToGetIt() throws Exception {
        List<String> hidden =
                List.of("unshare", "--mount", "sh", "-c", "mount -t tmpfs none /dev/net && exec \"$@\"", "sh");
        String output = namespace.run(UnprivilegedProgram.command(hidden, "create", "mpq1"));

        assertTrue(output.contains("/dev/net/tun: open failed: ENOENT"), output);
        assertTrue(output.contains("modprobe tun"), output);
    }

    @Test
    void anIpv6AddressWhereIpv6IsSwitchedOffIsNamedAndLeavesNoHalfMadeInterface() throws Exception {
        namespace.run("sh", "-c", "echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6");
        ErrnoException e = failure("mpq1", OpenOptions.createWhenAbsent().address(Cidr.parse("fd00::1/64")));

        assertEquals("ioctl SIOCSIFADDR", e.call());
        assertTrue(e.getMessage().contains("IPv6 is switched off"), e.getMessage());
        assertFalse(namespace.call(() -> NetworkInterfaces.exists("mpq1")));
    }

    @Test
    void whatIsNoNameIsRefusedBeforeTheKernelSeesIt() {
        assertThrows(IllegalArgumentException.class, () -> open("tun%d", OpenOptions.createWhenAbsent()));
        assertThrows(IllegalArgumentException.class, () -> open("sixteen-bytes-16", OpenOptions.attachOnly()));
    }

    private static void assertNoTunDevice(ErrnoException e) {
        assertEquals(Errno.EINVAL, e.errno());
        assertEquals("mpq1", e.device());
        assertTrue(e.getMessage().contains("it is no TUN device"), e.getMessage());
    }

    private ErrnoException failure(String name, OpenOptions options) {
        return assertThrows(ErrnoException.class, () -> open(name, options));
    }

    private LinuxTun open(String name, OpenOptions options) throws Exception {
        return namespace.call(() -> LinuxTun.open(name, options));
    }
}
