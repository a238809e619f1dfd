package io.mpquic.tun.ffi;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.ref.Reference;
import java.util.Objects;

/**
 * System calls on plain file descriptors. Each returns what the call returns, or the negated errno. Safe for any thread.
 *
 * <p>Memory handed in must be native, and must not be freed during a call. Reading and writing allocate nothing once compiled.
 */
public final class Syscalls {
    public static final int O_RDONLY = 0;
    public static final int O_RDWR = 2;
    public static final int O_NONBLOCK = 0x800;
    public static final int O_CLOEXEC = 0x80000;

    private static final int F_DUPFD_CLOEXEC = 1030;
    private static final int EFD_NONBLOCK = O_NONBLOCK;
    private static final int EFD_CLOEXEC = O_CLOEXEC;
    private static final int CLONE_NEWNET = 0x40000000;

    // Variadic functions in C. The x86-64 convention wants to know where the variable part begins.
    private static final Linker.Option VARIADIC_FROM_2 = Linker.Option.firstVariadicArg(2);

    private static final MethodHandle OPEN =
            Downcall.link("open", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT), VARIADIC_FROM_2);
    private static final MethodHandle CLOSE = Downcall.link("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    private static final MethodHandle FCNTL =
            Downcall.link("fcntl", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT), VARIADIC_FROM_2);
    private static final MethodHandle IOCTL_POINTER =
            Downcall.link("ioctl", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS), VARIADIC_FROM_2);
    private static final MethodHandle IOCTL_VALUE =
            Downcall.link("ioctl", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG), VARIADIC_FROM_2);
    // The pointers are numbers: a slice would be an object, which the compiler removes on good days only.
    private static final MethodHandle READ =
            Downcall.link("read", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG));
    private static final MethodHandle WRITE =
            Downcall.link("write", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG));
    private static final MethodHandle READV =
            Downcall.link("readv", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle WRITEV =
            Downcall.link("writev", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle PPOLL =
            Downcall.link("ppoll", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, ADDRESS, ADDRESS));
    private static final MethodHandle EVENTFD =
            Downcall.link("eventfd", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle SETNS =
            Downcall.link("setns", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));

    private Syscalls() {}

    /** open(2) without creation; O_CLOEXEC is added. */
    public static int open(String path, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = Downcall.state();
            return Downcall.result(state, (int) OPEN.invokeExact(state, arena.allocateFrom(path), flags | O_CLOEXEC));
        } catch (Throwable e) {
            throw Downcall.thrown(e);
        }
    }

    /** close(2). Linux frees the descriptor even when the call reports an error, so it is never repeated. */
    public static int close(int fd) {
        MemorySegment state = Downcall.state();
        try {
            return Downcall.result(state, (int) CLOSE.invokeExact(state, fd));
        } catch (Throwable e) {
            throw Downcall.thrown(e);
        }
    }

    /** A second descriptor of the same open file (fcntl(2), F_DUPFD_CLOEXEC). */
    public static int duplicate(int fd) {
        MemorySegment state = Downcall.state();
        try {
            return Downcall.result(state, (int) FCNTL.invokeExact(state, fd, F_DUPFD_CLOEXEC, 0));
        } catch (Throwable e) {
            throw Downcall.thrown(e);
        }
    }

    /** ioctl(2) whose argument is a structure. */
    public static int ioctl(int fd, long request, MemorySegment argument) {
        MemorySegment state = Downcall.state();
        try {
            return Downcall.result(state, (int) IOCTL_POINTER.invokeExact(state, fd, request, argument));
        } catch (Throwable e) {
            throw Downcall.thrown(e);
        }
    }

    /** ioctl(2) whose argument is a number. */
    public static int ioctl(int fd, long request, long argument) {
        MemorySegment state = Downcall.state();
        try {
            return Downcall.result(state, (int) IOCTL_VALUE.invokeExact(state, fd, request, argument));
        } catch (Throwable e) {
            throw Downcall.thrown(e);
        }
    }

    /** read(2) of at most {@code lengthBytes} into {@code buffer} from {@code offset} on. */
    public static int read(int fd, MemorySegment buffer, long offset, int lengthBytes) {
        long target = pointer(buffer, offset, lengthBytes);
        MemorySegment state = Downcall.state();
        try {
            return Downcall.result(state, (long) READ.invokeExact(state, fd, target, (long) lengthBytes));
        } catch (Throwable e) {
            throw Downcall.thrown(e);
        } finally {
            Reference.reachabilityFence(buffer);
        }
    }

    /** write(2) of {@code lengthBytes} from {@code offset} on. */
    public static int write(int fd, MemorySegment buffer, long offset, int lengthBytes) {
        long source = pointer(buffer, offset, lengthBytes);
        MemorySegment state = Downcall.state();
        try {
            return Downcall.result(state, (long) WRITE.invokeExact(state, fd, source, (long) lengthBytes));
        } catch (Throwable e) {
            throw Downcall.thrown(e);
        } finally {
            Reference.reachabilityFence(buffer);
        }
    }

    /** The address of a part of native memory that is there, and stays there while the buffer is reachable. */
    private static long pointer(MemorySegment buffer, long offset, int lengthBytes) {
        Objects.checkFromIndexSize(offset, lengthBytes, buffer.byteSize());
        if (!buffer.isNative()) {
            throw new IllegalArgumentException("the kernel needs native memory");
        }
        if (!buffer.scope().isAlive()) {
            throw new IllegalStateException("the memory was freed");
        }
        return buffer.address() + offset;
    }

    /**
     * readv(2) into several pieces of memory.
     *
     * @param entries an array of {@code struct iovec}, whose memory the caller keeps reachable
     */
    public static int readv(int fd, MemorySegment entries, int count) {
        MemorySegment state = Downcall.state();
        try {
            return Downcall.result(state, (long) READV.invokeExact(state, fd, entries, count));
        } catch (Throwable e) {
            throw Downcall.thrown(e);
        }
    }

    /**
     * writev(2) of several pieces of memory, as one packet where the file is a device.
     *
     * @param entries as for {@link #readv}
     */
    public static int writev(int fd, MemorySegment entries, int count) {
        MemorySegment state = Downcall.state();
        try {
            return Downcall.result(state, (long) WRITEV.invokeExact(state, fd, entries, count));
        } catch (Throwable e) {
            throw Downcall.thrown(e);
        }
    }

    /**
     * ppoll(2) without a signal mask.
     *
     * @param entries an array of {@code struct pollfd}
     * @param timeout a {@code struct timespec}, or NULL to wait without end
     */
    static int ppoll(MemorySegment entries, int count, MemorySegment timeout) {
        MemorySegment state = Downcall.state();
        try {
            return Downcall.result(
                    state, (int) PPOLL.invokeExact(state, entries, (long) count, timeout, MemorySegment.NULL));
        } catch (Throwable e) {
            throw Downcall.thrown(e);
        }
    }

    /** eventfd(2), counting from 0, non-blocking. */
    static int eventfd() {
        MemorySegment state = Downcall.state();
        try {
            return Downcall.result(state, (int) EVENTFD.invokeExact(state, 0, EFD_NONBLOCK | EFD_CLOEXEC));
        } catch (Throwable e) {
            throw Downcall.thrown(e);
        }
    }

    /** Moves the calling thread, which must be a platform thread, into the network namespace that {@code fd} names. */
    public static int enterNetworkNamespace(int fd) {
        MemorySegment state = Downcall.state();
        try {
            return Downcall.result(state, (int) SETNS.invokeExact(state, fd, CLONE_NEWNET));
        } catch (Throwable e) {
            throw Downcall.thrown(e);
        }
    }
}
