package io.mpquic.tun.ffi;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A fixed number of descriptors that one thread waits on, for reading and sometimes for writing.
 *
 * <pre>
 * struct pollfd     0      4        6         8
 *                   | fd   | events | revents |     one an entry
 * struct timespec   0             8             16
 *                   | seconds     | nanoseconds |   on 64-bit machines
 * </pre>
 */
public final class PollSet {
    /** A descriptor that is none: ppoll(2) passes over it. */
    public static final int NOBODY = -1;

    private static final int ENTRY_BYTES = 8;
    private static final int EVENTS_OFFSET = 4;
    private static final int RESULT_OFFSET = 6;
    private static final int TIMESPEC_BYTES = 16;
    private static final int NANOSECONDS_OFFSET = 8;
    private static final long NS_PER_SECOND = 1_000_000_000L;

    private static final short POLLIN = 0x01;
    private static final short POLLOUT = 0x04;
    private static final int POLLERR = 0x08;
    private static final int POLLHUP = 0x10;
    private static final int POLLNVAL = 0x20;

    private final int count;
    private final MemorySegment entries;
    private final MemorySegment timeout;

    /** A set of {@code count} entries, each of which must be given to {@link #watch} before the first wait. */
    public PollSet(int count) {
        this.count = count;
        // Automatic: the memory must outlive a wait that is under way while another thread closes the device.
        Arena arena = Arena.ofAuto();
        entries = arena.allocate((long) count * ENTRY_BYTES, ENTRY_BYTES);
        timeout = arena.allocate(TIMESPEC_BYTES, Long.BYTES);
    }

    /** Makes {@code fd} the descriptor of entry {@code index}. */
    public void watch(int index, int fd) {
        long entry = (long) index * ENTRY_BYTES;
        entries.set(JAVA_INT, entry, fd);
        entries.set(JAVA_SHORT, entry + EVENTS_OFFSET, POLLIN);
    }

    /** Whether the next waits end too when something can be written to entry {@code index}. */
    public void watchWriting(int index, boolean writing) {
        entries.set(
                JAVA_SHORT, (long) index * ENTRY_BYTES + EVENTS_OFFSET, writing ? (short) (POLLIN | POLLOUT) : POLLIN);
    }

    /**
     * Waits until an entry is ready or the time is over.
     *
     * @param timeoutNs nanoseconds; negative: without end
     * @return how many entries are ready, 0 when the time is over, or the negated errno
     */
    public int poll(long timeoutNs) {
        if (timeoutNs < 0) {
            return Syscalls.ppoll(entries, count, MemorySegment.NULL);
        }
        timeout.set(JAVA_LONG, 0, timeoutNs / NS_PER_SECOND);
        timeout.set(JAVA_LONG, NANOSECONDS_OFFSET, timeoutNs % NS_PER_SECOND);
        return Syscalls.ppoll(entries, count, timeout);
    }

    /** Whether the last wait found something to read at entry {@code index}. */
    public boolean isReadable(int index) {
        return (result(index) & POLLIN) != 0;
    }

    /** Whether the last wait found entry {@code index} broken: what is behind it is gone. */
    public boolean isBroken(int index) {
        return (result(index) & (POLLERR | POLLHUP | POLLNVAL)) != 0;
    }

    private int result(int index) {
        return entries.get(JAVA_SHORT, (long) index * ENTRY_BYTES + RESULT_OFFSET);
    }
}
