package io.mpquic.tun.ffi;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
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

    private static final MemorySegment SOCKET = Downcall.function("socket");
    private static final MemorySegment BIND = Downcall.function("bind");
    private static final MemorySegment SENDTO = Downcall.function("sendto");
    private static final MemorySegment RECVFROM = Downcall.function("recvfrom");
    private static final MemorySegment GETSOCKNAME = Downcall.function("getsockname");
    private static final MemorySegment SETSOCKOPT = Downcall.function("setsockopt");
    private static final MemorySegment GETSOCKOPT = Downcall.function("getsockopt");

    private Sockets() {}

    /** A datagram socket of the given family in the network namespace of the calling thread. */
    public static int datagramSocket(int family) {
        return socket(family, SOCK_DGRAM, 0);
    }

    /** A socket in the network namespace of the calling thread. */
    public static int socket(int family, int type, int protocol) {
        return Downcall.call(SOCKET, family, type | SOCK_CLOEXEC, protocol);
    }

    /** Gives the socket the address that fills {@code address}. */
    public static int bind(int fd, MemorySegment address) {
        try {
            return Downcall.call(BIND, fd, Downcall.pointer(address), address.byteSize());
        } finally {
            Reference.reachabilityFence(address);
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
        try {
            return Downcall.call(
                    SENDTO,
                    fd,
                    Downcall.pointer(message),
                    message.byteSize(),
                    MSG_DONTWAIT | MSG_NOSIGNAL,
                    Downcall.pointer(to),
                    to.byteSize());
        } finally {
            Reference.reachabilityFence(message);
            Reference.reachabilityFence(to);
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
            return Downcall.call(
                    RECVFROM,
                    fd,
                    Downcall.pointer(buffer),
                    buffer.byteSize(),
                    MSG_DONTWAIT | MSG_TRUNC,
                    Downcall.pointer(from),
                    arena.allocateFrom(JAVA_INT, (int) from.byteSize()).address());
        } finally {
            Reference.reachabilityFence(buffer);
            Reference.reachabilityFence(from);
        }
    }

    /** The local address of {@code fd}; null when it is no socket, or none of IPv4 or IPv6. */
    public static @Nullable InetSocketAddress localAddress(int fd) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = arena.allocate(SocketAddress.STORAGE_BYTES, Long.BYTES);
            MemorySegment length = arena.allocateFrom(JAVA_INT, (int) address.byteSize());
            int result = Downcall.call(GETSOCKNAME, fd, address.address(), length.address());
            return result < 0 ? null : SocketAddress.read(address);
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
            int result = Downcall.call(GETSOCKOPT, fd, level, option, value.address(), length.address(), 0);
            return result < 0 ? result : value.get(JAVA_INT, 0);
        }
    }

    /** The value lies in an arena that the caller closes. */
    private static int setsockopt(int fd, int level, int option, MemorySegment value) {
        return Downcall.call(SETSOCKOPT, fd, level, option, value.address(), value.byteSize(), 0);
    }
}
