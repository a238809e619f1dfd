package io.mpquic.tun.ffi;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

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
    public static final int IP_MTU_DISCOVER = 10;
    public static final int IPPROTO_IPV6 = 41;
    public static final int IPV6_MTU_DISCOVER = 23;
    /** Value of both options above: set Don't Fragment, and ignore the path MTU that the kernel has cached. */
    public static final int PMTUDISC_PROBE = 3;

    public static final int AF_INET = 2;
    public static final int AF_INET6 = 10;
    private static final int SOCK_DGRAM = 2;
    private static final int SOCK_CLOEXEC = 0x80000;

    private static final MethodHandle SOCKET =
            Downcall.link("socket", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle GETSOCKNAME =
            Downcall.link("getsockname", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));
    private static final MethodHandle SETSOCKOPT = Downcall.link(
            "setsockopt", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle GETSOCKOPT = Downcall.link(
            "getsockopt", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));

    private Sockets() {}

    /** A datagram socket of the given family in the network namespace of the calling thread. */
    public static int datagramSocket(int family) {
        MemorySegment state = Downcall.state();
        try {
            return Downcall.result(state, (int) SOCKET.invokeExact(state, family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
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
