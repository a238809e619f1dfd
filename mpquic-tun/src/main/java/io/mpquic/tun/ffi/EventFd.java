package io.mpquic.tun.ffi;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** An eventfd(2): a counter that a waiting thread polls and any thread raises. */
public final class EventFd implements AutoCloseable {
    // Only ever read, so that all threads can share it.
    private static final MemorySegment ONE = Arena.global().allocateFrom(JAVA_LONG, 1);

    private final Descriptor descriptor;
    private final MemorySegment drained = Arena.ofAuto().allocate(JAVA_LONG);

    private EventFd(Descriptor descriptor) {
        this.descriptor = descriptor;
    }

    /** Takes over {@code fd}, which {@link #create} made. */
    public static EventFd of(int fd) {
        return new EventFd(new Descriptor(fd));
    }

    /** A new descriptor, or the negated errno. */
    public static int create() {
        return Syscalls.eventfd();
    }

    /** What a waiting thread acquires and polls. */
    public Descriptor descriptor() {
        return descriptor;
    }

    /** Makes the descriptor readable until the next {@link #drain}. Any thread; nothing happens once it is closed. */
    public void signal() {
        if (descriptor.tryAcquire()) {
            try {
                // The one failure is EAGAIN, when the counter is full: then it is readable, as wanted.
                Syscalls.write(descriptor.number(), ONE, 0, Long.BYTES);
            } finally {
                descriptor.release();
            }
        }
    }

    /** Takes the signals back; the waiting thread only, between an acquire and its release. */
    public void drain() {
        Syscalls.read(descriptor.number(), drained, 0, Long.BYTES);
    }

    @Override
    public void close() {
        descriptor.close();
    }
}
