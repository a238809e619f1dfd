package io.mpquic.tun.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;

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

    private static final MemorySegment OPEN = Downcall.function("open");
    private static final MemorySegment CLOSE = Downcall.function("close");
    private static final MemorySegment FCNTL = Downcall.function("fcntl");
    private static final MemorySegment IOCTL = Downcall.function("ioctl");
    private static final MemorySegment READ = Downcall.function("read");
    private static final MemorySegment WRITE = Downcall.function("write");
    private static final MemorySegment READV = Downcall.function("readv");
    private static final MemorySegment WRITEV = Downcall.function("writev");
    private static final MemorySegment PPOLL = Downcall.function("ppoll");
    private static final MemorySegment EVENTFD = Downcall.function("eventfd");
    private static final MemorySegment SETNS = Downcall.function("setns");

    private Syscalls() {}

    /** open(2) without creation; O_CLOEXEC is added. */
    public static int open(String path, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            return Downcall.call(OPEN, arena.allocateFrom(path).address(), flags | O_CLOEXEC);
        }
    }

    /** close(2). Linux frees the descriptor even when the call reports an error, so it is never repeated. */
    public static int close(int fd) {
        return Downcall.call(CLOSE, fd);
    }

    /** A second descriptor of the same open file (fcntl(2), F_DUPFD_CLOEXEC). */
    public static int duplicate(int fd) {
        return Downcall.call(FCNTL, fd, F_DUPFD_CLOEXEC, 0);
    }

    /** ioctl(2) whose argument is a structure. */
    public static int ioctl(int fd, long request, MemorySegment argument) {
        try {
            return Downcall.call(IOCTL, fd, request, Downcall.pointer(argument));
        } finally {
            Reference.reachabilityFence(argument);
        }
    }

    /** ioctl(2) whose argument is a number. */
    public static int ioctl(int fd, long request, long argument) {
        return Downcall.call(IOCTL, fd, request, argument);
    }

    /** read(2) of at most {@code lengthBytes} into {@code buffer} from {@code offset} on. */
    public static int read(int fd, MemorySegment buffer, long offset, int lengthBytes) {
        try {
            return Downcall.call(READ, fd, Downcall.pointer(buffer, offset, lengthBytes), lengthBytes);
        } finally {
            Reference.reachabilityFence(buffer);
        }
    }

    /** write(2) of {@code lengthBytes} from {@code offset} on. */
    public static int write(int fd, MemorySegment buffer, long offset, int lengthBytes) {
        try {
            return Downcall.call(WRITE, fd, Downcall.pointer(buffer, offset, lengthBytes), lengthBytes);
        } finally {
            Reference.reachabilityFence(buffer);
        }
    }

    /**
     * readv(2) into several pieces of memory.
     *
     * @param entries an array of {@code struct iovec}, whose memory the caller keeps reachable
     */
    public static int readv(int fd, MemorySegment entries, int count) {
        try {
            return Downcall.call(READV, fd, Downcall.pointer(entries), count);
        } finally {
            Reference.reachabilityFence(entries);
        }
    }

    /**
     * writev(2) of several pieces of memory, as one packet where the file is a device.
     *
     * @param entries as for {@link #readv}
     */
    public static int writev(int fd, MemorySegment entries, int count) {
        try {
            return Downcall.call(WRITEV, fd, Downcall.pointer(entries), count);
        } finally {
            Reference.reachabilityFence(entries);
        }
    }

    /**
     * ppoll(2) without a signal mask.
     *
     * @param entries an array of {@code struct pollfd}
     * @param timeout a {@code struct timespec}, or NULL to wait without end
     */
    static int ppoll(MemorySegment entries, int count, MemorySegment timeout) {
        try {
            return Downcall.call(PPOLL, Downcall.pointer(entries), count, Downcall.pointer(timeout), 0, 0, 0);
        } finally {
            Reference.reachabilityFence(entries);
            Reference.reachabilityFence(timeout);
        }
    }

    /** eventfd(2), counting from 0, non-blocking. */
    static int eventfd() {
        return Downcall.call(EVENTFD, 0, EFD_NONBLOCK | EFD_CLOEXEC);
    }

    /** Moves the calling thread, which must be a platform thread, into the network namespace that {@code fd} names. */
    public static int enterNetworkNamespace(int fd) {
        return Downcall.call(SETNS, fd, CLONE_NEWNET);
    }
}
