package io.mpquic.tun;

import io.mpquic.tun.ffi.Errno;
import io.mpquic.tun.ffi.Sockets;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.nio.channels.DatagramChannel;

/**
 * Options of Linux for a {@link DatagramChannel} that the JDK does not offer. The channel must be bound and not yet
 * shared with another thread. Nothing is kept: closing the channel is all that is ever needed.
 */
public final class SocketOptions {

    /**
     * Sizes of the buffers of a socket, in bytes as SO_RCVBUF and SO_SNDBUF take them. The kernel allots twice as much,
     * for its own bookkeeping.
     *
     * @param receiveBytes of the packets that wait for the program
     * @param sendBytes of the packets that wait for the network
     */
    public record BufferSizes(int receiveBytes, int sendBytes) {}

    private SocketOptions() {}

    /**
     * Makes the channel send and receive through one interface only, whatever the routing table says (SO_BINDTODEVICE).
     * Binding to the address of an interface does not do that.
     *
     * @param channel bound
     * @param device the name of an interface in the channel's network namespace
     * @throws IllegalArgumentException when {@code device} is no name of an interface
     * @throws IllegalStateException when the channel is not bound
     * @throws ErrnoException when the interface is absent, or the process lacks CAP_NET_RAW and the kernel asks for it
     */
    public static void bindToDevice(DatagramChannel channel, String device) throws IOException {
        bindToDevice(ChannelDescriptor.of(channel), device);
    }

    static void bindToDevice(int fd, String device) throws IOException {
        String name = new InterfaceName(device).value();
        int result = Sockets.option(fd, Sockets.SOL_SOCKET, Sockets.SO_BINDTODEVICE, name);
        if (result < 0) {
            throw new ErrnoException("setsockopt SO_BINDTODEVICE", name, -result, Remedy.bindToDevice(-result));
        }
    }

    /**
     * Asks for buffer sizes. With CAP_NET_ADMIN the kernel gives what is asked for; without, at most its limits
     * ({@code net.core.rmem_max}, {@code net.core.wmem_max}).
     *
     * @param channel bound
     * @param receiveBytes above 0
     * @param sendBytes above 0
     * @return the sizes in force, to be compared with what was asked for
     * @throws IllegalStateException when the channel is not bound
     */
    public static BufferSizes bufferSizes(DatagramChannel channel, int receiveBytes, int sendBytes) throws IOException {
        return bufferSizes(ChannelDescriptor.of(channel), receiveBytes, sendBytes);
    }

    static BufferSizes bufferSizes(int fd, int receiveBytes, int sendBytes) throws IOException {
        if (receiveBytes <= 0 || sendBytes <= 0) {
            throw new IllegalArgumentException(
                    "buffer sizes " + receiveBytes + " and " + sendBytes + " must be above 0");
        }
        return new BufferSizes(
                bufferSize(fd, Sockets.SO_RCVBUFFORCE, Sockets.SO_RCVBUF, "SO_RCVBUF", receiveBytes),
                bufferSize(fd, Sockets.SO_SNDBUFFORCE, Sockets.SO_SNDBUF, "SO_SNDBUF", sendBytes));
    }

    /**
     * Makes every packet carry Don't Fragment, and lets packets be sent that are larger than the path MTU which the
     * kernel has cached: the program itself discovers the path MTU (RFC 9000 §14.3).
     *
     * @param channel bound
     * @throws IllegalStateException when the channel is not bound
     */
    public static void probePathMtu(DatagramChannel channel) throws IOException {
        probePathMtu(ChannelDescriptor.of(channel));
    }

    static void probePathMtu(int fd) throws IOException {
        InetSocketAddress local = Sockets.localAddress(fd);
        int ipv6 = Sockets.option(fd, Sockets.IPPROTO_IPV6, Sockets.IPV6_MTU_DISCOVER, Sockets.PMTUDISC_PROBE);
        // A channel is dual-stack unless it was opened for one family: an IPv4 socket does not know the IPv6 option.
        if (ipv6 < 0 && local != null && local.getAddress() instanceof Inet6Address) {
            throw new ErrnoException("setsockopt IPV6_MTU_DISCOVER", local.toString(), -ipv6, "");
        }
        int ipv4 = Sockets.option(fd, Sockets.IPPROTO_IP, Sockets.IP_MTU_DISCOVER, Sockets.PMTUDISC_PROBE);
        if (ipv4 < 0) {
            throw new ErrnoException("setsockopt IP_MTU_DISCOVER", String.valueOf(local), -ipv4, "");
        }
    }

    private static int bufferSize(int fd, int forced, int limited, String name, int bytes) throws IOException {
        int result = Sockets.option(fd, Sockets.SOL_SOCKET, forced, bytes);
        if (result == -Errno.EPERM) {
            result = Sockets.option(fd, Sockets.SOL_SOCKET, limited, bytes);
        }
        int inForce = result < 0 ? result : Sockets.option(fd, Sockets.SOL_SOCKET, limited);
        if (inForce < 0) {
            throw new ErrnoException("setsockopt " + name, "socket", -inForce, "");
        }
        // The kernel doubles what it is asked for, to make room for its bookkeeping, and reports the double.
        return inForce / 2;
    }
}
