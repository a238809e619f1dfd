package io.mpquic.tun;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.tun.ffi.Errno;
import io.mpquic.tun.ffi.Sockets;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@EnabledOnOs(OS.LINUX)
class SocketOptionsTest {

    @ParameterizedTest
    @CsvSource({"INET, 127.0.0.1", "INET, 0.0.0.0", "INET6, 127.0.0.1", "INET6, 0.0.0.0", "INET6, ::1", "INET6, ::"})
    void theDescriptorOfABoundChannelIsFound(StandardProtocolFamily family, String address) throws Exception {
        try (DatagramChannel channel = bound(family, address)) {
            int fd = ChannelDescriptor.of(channel);

            channel.setOption(StandardSocketOptions.SO_RCVBUF, 12_345);
            assertEquals(2 * 12_345, Sockets.option(fd, Sockets.SOL_SOCKET, Sockets.SO_RCVBUF));
        }
    }

    @Test
    void channelsThatShareOneAddressAreToldApart() throws Exception {
        try (DatagramChannel first = DatagramChannel.open();
                DatagramChannel second = DatagramChannel.open()) {
            first.setOption(StandardSocketOptions.SO_REUSEPORT, true);
            second.setOption(StandardSocketOptions.SO_REUSEPORT, true);
            first.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0));
            second.bind(first.getLocalAddress());
            second.setOption(StandardSocketOptions.SO_BROADCAST, true);

            int firstFd = ChannelDescriptor.of(first);
            int secondFd = ChannelDescriptor.of(second);
            assertNotEquals(firstFd, secondFd);
            first.setOption(StandardSocketOptions.SO_RCVBUF, 11_000);
            second.setOption(StandardSocketOptions.SO_RCVBUF, 22_000);
            assertEquals(22_000, Sockets.option(firstFd, Sockets.SOL_SOCKET, Sockets.SO_RCVBUF));
            assertEquals(44_000, Sockets.option(secondFd, Sockets.SOL_SOCKET, Sockets.SO_RCVBUF));
            assertFalse(first.getOption(StandardSocketOptions.SO_BROADCAST));
            assertTrue(second.getOption(StandardSocketOptions.SO_BROADCAST));
        }
    }

    @Test
    void aChannelThatIsNotBoundIsRefused() throws Exception {
        try (DatagramChannel channel = DatagramChannel.open()) {
            assertThrows(IllegalStateException.class, () -> SocketOptions.bindToDevice(channel, "lo"));
        }
    }

    @Test
    void aClosedChannelSaysSo() throws Exception {
        DatagramChannel channel = bound(StandardProtocolFamily.INET, "127.0.0.1");
        channel.close();

        assertThrows(ClosedChannelException.class, () -> SocketOptions.probePathMtu(channel));
    }

    @Test
    void theBufferSizesInForceAreReported() throws Exception {
        try (DatagramChannel channel = bound(StandardProtocolFamily.INET, "127.0.0.1")) {
            SocketOptions.BufferSizes sizes = SocketOptions.bufferSizes(channel, 100_000, 50_000);

            assertEquals(new SocketOptions.BufferSizes(100_000, 50_000), sizes);
            assertEquals(100_000, channel.getOption(StandardSocketOptions.SO_RCVBUF));
            assertThrows(IllegalArgumentException.class, () -> SocketOptions.bufferSizes(channel, 0, 1));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"INET", "INET6"})
    void pathMtuProbingIsSwitchedOnForEveryFamilyOfTheChannel(StandardProtocolFamily family) throws Exception {
        try (DatagramChannel channel = bound(family, "127.0.0.1")) {
            SocketOptions.probePathMtu(channel);

            int fd = ChannelDescriptor.of(channel);
            assertEquals(Sockets.PMTUDISC_PROBE, Sockets.option(fd, Sockets.IPPROTO_IP, Sockets.IP_MTU_DISCOVER));
            if (family == StandardProtocolFamily.INET6) {
                assertEquals(
                        Sockets.PMTUDISC_PROBE, Sockets.option(fd, Sockets.IPPROTO_IPV6, Sockets.IPV6_MTU_DISCOVER));
            }
        }
    }

    @Test
    void aDeviceThatDoesNotExistIsNamed() throws Exception {
        try (DatagramChannel channel = bound(StandardProtocolFamily.INET, "127.0.0.1")) {
            ErrnoException e =
                    assertThrows(ErrnoException.class, () -> SocketOptions.bindToDevice(channel, "no-such-dev"));

            assertEquals("no-such-dev", e.device());
            assertEquals(Errno.ENODEV, e.errno());
            assertTrue(e.getMessage().contains("no such interface"), e.getMessage());
        }
    }

    private static DatagramChannel bound(ProtocolFamily family, String address) throws IOException {
        return DatagramChannel.open(family).bind(new InetSocketAddress(InetAddress.getByName(address), 0));
    }
}
