package io.mpquic.tun;

import io.mpquic.tun.ffi.Descriptor;
import io.mpquic.tun.ffi.Errno;
import io.mpquic.tun.ffi.InterfaceRequest;
import io.mpquic.tun.ffi.Ipv6AddressRequest;
import io.mpquic.tun.ffi.Sockets;
import io.mpquic.tun.ffi.Syscalls;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;

/**
 * Questions and changes to network interfaces, through a socket that stays in the network namespace of the thread that
 * opened it. Safe for any thread.
 */
final class InterfaceControl implements AutoCloseable {
    /** The index of an interface that does not exist. */
    static final int NO_INDEX = 0;

    private final Descriptor socket;

    private InterfaceControl(Descriptor socket) {
        this.socket = socket;
    }

    static InterfaceControl open() throws IOException {
        int fd = Sockets.datagramSocket(Sockets.AF_INET);
        check(fd, "socket", "IPv4", Remedy.openDescriptor(-fd));
        return new InterfaceControl(new Descriptor(fd));
    }

    private static InterfaceControl openIpv6() throws IOException {
        int fd = Sockets.datagramSocket(Sockets.AF_INET6);
        check(fd, "socket", "IPv6", Remedy.configure(-fd));
        return new InterfaceControl(new Descriptor(fd));
    }

    /** The index of the interface, {@link #NO_INDEX} when there is none of this name. */
    int index(String name) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            InterfaceRequest request = new InterfaceRequest(arena, name);
            int result = ioctl(InterfaceRequest.SIOCGIFINDEX, request.segment());
            if (result == -Errno.ENODEV) {
                return NO_INDEX;
            }
            check(result, "ioctl SIOCGIFINDEX", name, Remedy.find(-result));
            return request.value();
        }
    }

    /** The MTU of the interface in bytes. */
    int mtuBytes(String name) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            InterfaceRequest request = new InterfaceRequest(arena, name);
            int result = ioctl(InterfaceRequest.SIOCGIFMTU, request.segment());
            check(result, "ioctl SIOCGIFMTU", name, Remedy.find(-result));
            return request.value();
        }
    }

    /** The IFF flags of the interface. */
    int flags(String name) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            InterfaceRequest request = new InterfaceRequest(arena, name);
            int result = ioctl(InterfaceRequest.SIOCGIFFLAGS, request.segment());
            check(result, "ioctl SIOCGIFFLAGS", name, Remedy.find(-result));
            return request.flags();
        }
    }

    void setMtuBytes(String name, int bytes) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            change("SIOCSIFMTU", InterfaceRequest.SIOCSIFMTU, name, new InterfaceRequest(arena, name).value(bytes));
        }
    }

    void bringUp(String name) throws IOException {
        int flags = flags(name) | InterfaceRequest.IFF_UP;
        try (Arena arena = Arena.ofConfined()) {
            change("SIOCSIFFLAGS", InterfaceRequest.SIOCSIFFLAGS, name, new InterfaceRequest(arena, name).flags(flags));
        }
    }

    /** Sets the IPv4 address, or adds an IPv6 address. */
    void addAddress(String name, Cidr cidr) throws IOException {
        switch (cidr.address()) {
            case Inet4Address ipv4 -> setIpv4Address(name, ipv4, (Inet4Address) cidr.netmask());
            case Inet6Address ipv6 -> addIpv6Address(name, ipv6, cidr.prefixLength());
            case InetAddress other -> throw new IllegalStateException("neither IPv4 nor IPv6: " + other);
        }
    }

    private void setIpv4Address(String name, Inet4Address address, Inet4Address netmask) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            InterfaceRequest request = new InterfaceRequest(arena, name);
            change("SIOCSIFADDR", InterfaceRequest.SIOCSIFADDR, name, request.address(address));
            change("SIOCSIFNETMASK", InterfaceRequest.SIOCSIFNETMASK, name, request.address(netmask));
        }
    }

    private void addIpv6Address(String name, Inet6Address address, int prefixLength) throws IOException {
        // IPv6 addresses are set through an IPv6 socket only.
        try (InterfaceControl ipv6 = openIpv6();
                Arena arena = Arena.ofConfined()) {
            Ipv6AddressRequest request = new Ipv6AddressRequest(arena, address, prefixLength, index(name));
            int result = ipv6.ioctl(InterfaceRequest.SIOCSIFADDR, request.segment());
            check(result, "ioctl SIOCSIFADDR", name, Remedy.configure(-result));
        }
    }

    private void change(String requestName, long request, String name, InterfaceRequest argument) throws IOException {
        int result = ioctl(request, argument.segment());
        check(result, "ioctl " + requestName, name, Remedy.configure(-result));
    }

    private int ioctl(long request, MemorySegment argument) throws IOException {
        int fd = socket.acquire();
        try {
            return Syscalls.ioctl(fd, request, argument);
        } finally {
            socket.release();
        }
    }

    private static void check(int result, String call, String name, String remedy) throws ErrnoException {
        if (result < 0) {
            throw new ErrnoException(call, name, -result, remedy);
        }
    }

    @Override
    public void close() {
        socket.close();
    }
}
