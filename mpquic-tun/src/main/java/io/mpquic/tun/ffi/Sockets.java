package io.mpquic.tun.ffi;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Socket calls, and the options that java.net does not offer. Results as in {@link Syscalls}; safe for any thread. */
public final class Sockets {
    public static final int SOL_SOCKET = 1;
    public static final int SO_BROADCAST = 6;
    public static final int SO_SNDBUF = 7;
    public static final int SO_RCVBUF = 8;
    public static final int SO_BINDTODEVICE = 25;
    public static final int SO_SNDBUFFORCE = 32;
    public static final int SO_RCVBUFFORCE = 33;

    public static final int IPPROTO_IP = 0;
    public static final int IP_TOS = 1;
    public static final int IP_RECVTOS = 13;
    public static final int IP_MTU_DISCOVER = 10;
    public static final int IPPROTO_IPV6 = 41;
    public static final int IPV6_V6ONLY = 26;
    public static final int IPV6_RECVTCLASS = 66;
    public static final int IPV6_TCLASS = 67;
    public static final int IPV6_MTU_DISCOVER = 23;
    /** Value of both options above: set Don't Fragment, and ignore the path MTU that the kernel has cached. */
    public static final int PMTUDISC_PROBE = 3;

    public static final int SOL_UDP = 17;
    /** Cut what is sent into datagrams of so many bytes: as an option for all that is sent, or with one message. */
    public static final int UDP_SEGMENT = 103;
    /** Deliver datagrams of one sender and one length joined, with a message that tells the length. */
    public static final int UDP_GRO = 104;

    public static final int AF_UNIX = 1;
    public static final int AF_INET = 2;
    public static final int AF_INET6 = 10;
    public static final int AF_NETLINK = 16;
    public static final int SOCK_DGRAM = 2;
    public static final int SOCK_RAW = 3;
    private static final int SOCK_CLOEXEC = 0x80000;

    private static final int MSG_TRUNC = 0x20;
    static final int MSG_DONTWAIT = 0x40;
    static final int MSG_NOSIGNAL = 0x4000;

    private static final MethodHandle SOCKET =
            Downcall.link("socket", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle BIND =
            Downcall.link("bind", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle SENDTO = Downcall.link(
            "sendto", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle RECVFROM = Downcall.link(
            "recvfrom", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS, ADDRESS));
    private static final MethodHandle GETSOCKNAME =
            Downcall.link("getsockname", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));
    private static final MethodHandle SETSOCKOPT = Downcall.link(
            "setsockopt", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle GETSOCKOPT = Downcall.link(
            "getsockopt", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));

    private Sockets() {}

    /** A datagram socket of the given family in the network namespace of the calling thread. */
    public static int datagramSocket(int family) {
        return socket(family, SOCK_DGRAM, 0);
    }

    /** A socket in the network namespace of the calling thread. */
    public static int socket(int family, int type, int protocol) {
        MemorySegment state = Downcall.state();
        try {
            return Downcall.result(state, (int) SOCKET.invokeExact(state, family, type | SOCK_CLOEXEC, protocol));
        } catch (Throwable e) {
            throw Downcall.thrown(e);
        }
    }

    /** Gives the socket the address that fills {@code address}. */
    public static int bind(int fd, MemorySegment address) {
        MemorySegment state = Downcall.state();
        try {
            return Downcall.result(state, (int) BIND.invokeExact(state, fd, address, (int) address.byteSize()));
        } catch (Throwable e) {
            throw Downcall.thrown(e);
        }
    }

    /** Gives a socket of IPv4 or IPv6 the address and port. */
    public static int bind(int fd, InetSocketAddress address, boolean ipv6) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment segment = arena.allocate(SocketAddress.STORAGE_BYTES, Long.BYTES);
            int lengthBytes = SocketAddress.write(segment, address, ipv6);
            return bind(fd, segment.asSlice(0, lengthBytes));
        }
    }

    /** Sends one message to the address that fills {@code to}; never waits, and raises no signal. */
    public static int send(int fd, MemorySegment message, MemorySegment to) {
        MemorySegment state = Downcall.state();
        try {
            return Downcall.result(state, (long) SENDTO.invokeExact(
                    state, fd, message, message.byteSize(), MSG_DONTWAIT | MSG_NOSIGNAL, to, (int) to.byteSize()));
        } catch (Throwable e) {
            throw Downcall.thrown(e);
        }
    }

    /**
     * Takes the next message without waiting.
     *
     * @param from where the sender's address goes
     * @return the length of the message in bytes: more than {@code buffer} has room for when it was cut
     */
    public static int receive(int fd, MemorySegment buffer, MemorySegment from) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment length = arena.allocateFrom(JAVA_INT, (int) from.byteSize());
            MemorySegment state = Downcall.state();
            return Downcall.result(state, (long)
                    RECVFROM.invokeExact(state, fd, buffer, buffer.byteSize(), MSG_DONTWAIT | MSG_TRUNC, from, length));
        } catch (Throwable e) {
            throw Downcall.thrown(e);
        }
    }

    /** The local address of {@code fd}; null when it is no socket, or none of IPv4 or IPv6. */
    public static @Nullable InetSocketAddress localAddress(int fd) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = arena.allocate(SocketAddress.STORAGE_BYTES, Long.BYTES);
            MemorySegment length = arena.allocateFrom(JAVA_INT, (int) address.byteSize());
            MemorySegment state = Downcall.state();
            int result = Downcall.result(state, (int) GETSOCKNAME.invokeExact(state, fd, address, length));
            return result < 0 ? null : SocketAddress.read(address);
        } catch (Throwable e) {
            throw Downcall.thrown(e);
        }
    }

    /** Sets an option whose value is an int. */
    public static int option(int fd, int level, int option, int value) {
        try (Arena arena = Arena.ofConfined()) {
            return setsockopt(fd, level, option, arena.allocateFrom(JAVA_INT, value));
        }
    }

    /** Sets an option whose value is text, without a terminating zero. */
    public static int option(int fd, int level, int option, String value) {
        try (Arena arena = Arena.ofConfined()) {
            byte[] text = value.getBytes(StandardCharsets.UTF_8);
            MemorySegment segment = arena.allocate(text.length);
            MemorySegment.copy(text, 0, segment, JAVA_BYTE, 0, text.length);
            return setsockopt(fd, level, option, segment);
        }
    }

    /** The value of an option that is a non-negative int; the negated errno when it cannot be read. */
    public static int option(int fd, int level, int option) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(JAVA_INT);
            MemorySegment length = arena.allocateFrom(JAVA_INT, Integer.BYTES);
            MemorySegment state = Downcall.state();
            int result = Downcall.result(state, (int) GETSOCKOPT.invokeExact(state, fd, level, option, value, length));
            return result < 0 ? result : value.get(JAVA_INT, 0);
        } catch (Throwable e) {
            throw Downcall.thrown(e);
        }
    }

    private static int setsockopt(int fd, int level, int option, MemorySegment value) {
        MemorySegment state = Downcall.state();
        try {
            return Downcall.result(
                    state, (int) SETSOCKOPT.invokeExact(state, fd, level, option, value, (int) value.byteSize()));
        } catch (Throwable e) {
            throw Downcall.thrown(e);
        }
    }
}
