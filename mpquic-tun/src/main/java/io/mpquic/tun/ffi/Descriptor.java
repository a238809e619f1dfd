package io.mpquic.tun.ffi;

import java.nio.channels.ClosedChannelException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A file descriptor that one thread may close while another is inside a call on it.
 *
 * <p>The kernel gives the number of a closed descriptor to the next file that is opened. A thread that was about to read
 * would then read from a stranger. So a call is bracketed by {@link #acquire} and {@link #release}, and the descriptor
 * is closed by the last one to leave.
 *
 * <pre>
 *   n users --close()--&gt; n users, closed --last release()--&gt; 0 users, closed: close(2), once
 * </pre>
 */
public final class Descriptor implements AutoCloseable {
    private static final int CLOSED = Integer.MIN_VALUE;

    private final int fd;
    /** How many calls are under way; the sign bit says that it is closed. */
    private final AtomicInteger users = new AtomicInteger();

    /** Takes over the open descriptor {@code fd}. */
    public Descriptor(int fd) {
        if (fd < 0) {
            throw new IllegalArgumentException("not a descriptor: " + fd);
        }
        this.fd = fd;
    }

    /**
     * Enters a call. Every return is followed by one {@link #release}.
     *
     * @return the number of the descriptor, valid until the release
     * @throws ClosedChannelException when it was closed
     */
    public int acquire() throws ClosedChannelException {
        if (!tryAcquire()) {
            throw new ClosedChannelException();
        }
        return fd;
    }

    /** As {@link #acquire}, but says false instead of throwing. The number is then {@link #number}. */
    public boolean tryAcquire() {
        int now;
        do {
            now = users.get();
            if (now < 0) {
                return false;
            }
        } while (!users.compareAndSet(now, now + 1));
        return true;
    }

    /** The number, to be used between an acquire and its release only. */
    public int number() {
        return fd;
    }

    /** Leaves a call. */
    public void release() {
        if (users.decrementAndGet() == CLOSED) {
            Syscalls.close(fd);
        }
    }

    /** Whether {@link #close} was called. */
    public boolean isClosed() {
        return users.get() < 0;
    }

    /** Closes it now, or when the last call under way is over. Idempotent. */
    @Override
    public void close() {
        if (users.getAndUpdate(now -> now | CLOSED) == 0) {
            Syscalls.close(fd);
        }
    }
}
