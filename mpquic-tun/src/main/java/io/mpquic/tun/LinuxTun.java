package io.mpquic.tun;

import io.mpquic.tun.ffi.Descriptor;
import io.mpquic.tun.ffi.Errno;
import io.mpquic.tun.ffi.EventFd;
import io.mpquic.tun.ffi.InterfaceRequest;
import io.mpquic.tun.ffi.PollSet;
import io.mpquic.tun.ffi.Syscalls;
import io.mpquic.tun.ffi.TunRequests;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * A TUN interface of Linux: one packet a system call, or many with {@link #offload}.
 *
 * <p>Whether there is an offload is settled when the interface is opened, and logged once; without it the interface is
 * opened plain. An interface that stays is left plain when it is closed.
 *
 * <p>Opening an interface that is there changes neither its addresses nor its MTU, its state or its persistence: those
 * belong to whoever made it. It must not be open elsewhere. An interface that is down can be opened: reads find nothing
 * and writes are refused until it is up. The kernel needs up to a second to notice that a program has attached to an
 * interface that was there; until then it drops what the host sends.
 *
 * <p>The interface is looked up in the network namespace of the thread that opens it, and stays there. Reading and
 * writing allocate nothing. When another thread closes the device, calls under way end first; so the interface is free
 * for the next opener once they have returned.
 */
public final class LinuxTun implements TunDevice {
    private static final System.Logger LOG = System.getLogger(LinuxTun.class.getName());

    private static final int TUN = 0;
    private static final int WAKEUP = 1;

    private final String name;
    private final InterfaceControl control;
    // Two descriptors of one queue: the reader and the writer each count their own calls, and never contend.
    private final Descriptor reader;
    private final Descriptor writer;
    private final EventFd wakeup;
    private final @Nullable LinuxSegmentOffload offload;
    private final PollSet poll = new PollSet(2);

    private LinuxTun(
            String name,
            InterfaceControl control,
            Descriptor reader,
            Descriptor writer,
            EventFd wakeup,
            int offloadBits) {
        this.name = name;
        this.control = control;
        this.reader = reader;
        this.writer = writer;
        this.wakeup = wakeup;
        offload = offloadBits == OffloadBits.NONE ? null : new LinuxSegmentOffload(name, reader, writer, offloadBits);
        poll.watch(TUN, reader.number());
        poll.watch(WAKEUP, wakeup.descriptor().number());
    }

    /**
     * Opens the interface {@code name}.
     *
     * @param name see {@link InterfaceName}
     * @param options what to do when it is not there, and whether an offload is wanted
     * @throws IllegalArgumentException when the name is not one
     * @throws ErrnoException when the interface is absent, open elsewhere or no TUN device, or this process may not open
     *     it; the message says what to do
     */
    public static LinuxTun open(String name, OpenOptions options) throws IOException {
        String checkedName = new InterfaceName(name).value();
        try (Rollback rollback = new Rollback()) {
            InterfaceControl control = InterfaceControl.open();
            rollback.undoWith(control::close);
            TunQueue queue = TunQueue.open(checkedName, options, control);
            Descriptor reader = queue.descriptor();
            rollback.undoWith(reader::close);
            Descriptor writer = new Descriptor(opened("fcntl F_DUPFD_CLOEXEC", name, duplicate(reader)));
            rollback.undoWith(writer::close);
            EventFd wakeup = EventFd.of(opened("eventfd", name, EventFd.create()));
            rollback.keep();
            LinuxTun tun = new LinuxTun(checkedName, control, reader, writer, wakeup, queue.offloadBits());
            LOG.log(System.Logger.Level.INFO, "{0}: {1}", checkedName, tun.describeOffload(options));
            return tun;
        }
    }

    private String describeOffload(OpenOptions options) {
        if (offload != null) {
            return offload.segmentsUdp() ? "super-packets of TCP and UDP" : "super-packets of TCP, not of UDP";
        }
        return options.offload() ? "no super-packets, the kernel has no offload" : "no super-packets, as configured";
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int mtu() throws IOException {
        return control.mtuBytes(currentName());
    }

    @Override
    public @Nullable SegmentOffload offload() {
        return offload;
    }

    @Override
    public int read(MemorySegment buffer, long offset, int capacity) throws IOException {
        if (offload != null) {
            return offload.readWhole(buffer, offset, capacity);
        }
        int result;
        int fd = reader.acquire();
        try {
            result = Syscalls.read(fd, buffer, offset, capacity);
        } finally {
            reader.release();
        }
        if (result >= 0) {
            return result;
        }
        if (result == -Errno.EAGAIN) {
            return 0;
        }
        throw new ErrnoException("read", name, -result, Remedy.use(-result));
    }

    @Override
    public void await(long timeoutNs) throws IOException {
        Descriptor awake = wakeup.descriptor();
        reader.acquire();
        try {
            awake.acquire();
            try {
                awaitAcquired(timeoutNs);
            } finally {
                awake.release();
            }
        } finally {
            reader.release();
        }
    }

    /** Lets another wait watch this device, as {@link #await} does: two entries of its set. It ends with {@link #leave}. */
    void enter(PollSet set, int queueEntry, int wakeupEntry) throws IOException {
        set.watch(queueEntry, reader.acquire());
        try {
            set.watch(wakeupEntry, wakeup.descriptor().acquire());
        } catch (IOException e) {
            reader.release();
            throw e;
        }
    }

    void leave(PollSet set, int wakeupEntry) {
        if (set.isReadable(wakeupEntry)) {
            wakeup.drain();
        }
        wakeup.descriptor().release();
        reader.release();
    }

    private void awaitAcquired(long timeoutNs) throws IOException {
        int result = poll.poll(timeoutNs);
        // Interrupted by a signal, which the JVM handled: the wait ends early.
        if (result == 0 || result == -Errno.EINTR) {
            return;
        }
        if (result < 0) {
            throw new ErrnoException("ppoll", name, -result, Remedy.use(-result));
        }
        if (poll.isReadable(WAKEUP)) {
            wakeup.drain();
        }
        // The driver reports a deleted interface as an error at once, again and again: waiting on would spin.
        if (poll.isBroken(TUN)) {
            throw new ErrnoException("ppoll", name, Errno.EBADFD, Remedy.use(Errno.EBADFD));
        }
    }

    @Override
    public boolean write(MemorySegment buffer, long offset, int length) throws IOException {
        if (offload != null) {
            return offload.writeWhole(buffer, offset, length);
        }
        int result;
        int fd = writer.acquire();
        try {
            result = Syscalls.write(fd, buffer, offset, length);
        } finally {
            writer.release();
        }
        return isTaken(result, name);
    }

    /** What the result of a write says. */
    static boolean isTaken(int result, String name) throws ErrnoException {
        if (result >= 0) {
            return true;
        }
        return switch (-result) {
            // Down; no room; not an IP packet.
            case Errno.EIO, Errno.EAGAIN, Errno.ENOBUFS, Errno.ENOMEM, Errno.EINVAL -> false;
            default -> throw new ErrnoException("write", name, -result, Remedy.use(-result));
        };
    }

    @Override
    public void wakeup() {
        wakeup.signal();
    }

    @Override
    public void close() {
        if (offload != null) {
            leavePlain(offload);
        }
        // Marked closed before the signal, so that a woken reader cannot begin another wait.
        reader.close();
        writer.close();
        wakeup.signal();
        wakeup.close();
        control.close();
    }

    private void leavePlain(LinuxSegmentOffload switchedOn) {
        try {
            switchedOn.switchOff();
        } catch (IOException e) {
            // Closed before, or the interface is gone: nobody opens it next.
            LOG.log(System.Logger.Level.DEBUG, "{0} is left as it is: {1}", name, e);
        }
    }

    @Override
    public String toString() {
        return "LinuxTun[" + name + "]";
    }

    /** The name now: an interface may be renamed while it is open. */
    private String currentName() throws IOException {
        int fd = reader.acquire();
        try (Arena arena = Arena.ofConfined()) {
            InterfaceRequest request = new InterfaceRequest(arena, "");
            int result = Syscalls.ioctl(fd, TunRequests.TUNGETIFF, request.segment());
            if (result < 0) {
                throw new ErrnoException("ioctl TUNGETIFF", name, -result, Remedy.use(-result));
            }
            return request.name();
        } finally {
            reader.release();
        }
    }

    private static int duplicate(Descriptor descriptor) throws IOException {
        int fd = descriptor.acquire();
        try {
            return Syscalls.duplicate(fd);
        } finally {
            descriptor.release();
        }
    }

    private static int opened(String call, String name, int fd) throws ErrnoException {
        if (fd < 0) {
            throw new ErrnoException(call, name, -fd, Remedy.openDescriptor(-fd));
        }
        return fd;
    }
}
