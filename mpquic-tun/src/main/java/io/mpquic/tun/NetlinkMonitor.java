package io.mpquic.tun;

import io.mpquic.tun.ffi.Descriptor;
import io.mpquic.tun.ffi.Errno;
import io.mpquic.tun.ffi.EventFd;
import io.mpquic.tun.ffi.PollSet;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Follows an interface through rtnetlink(7), in the network namespace of the thread that opens the monitor. It needs no
 * rights.
 *
 * <pre>
 *   hear announcements --&gt; ask for all links, all addresses --&gt; take announcements as they come
 *                              ^                                          |
 *                              +------- some were lost (ENOBUFS) ---------+
 * </pre>
 */
public final class NetlinkMonitor implements InterfaceMonitor {
    private static final int ROUTE = 0;
    private static final int WAKEUP = 1;

    /** The kernel answers such questions within milliseconds. */
    private static final long ANSWER_PATIENCE_NS = Duration.ofSeconds(5).toNanos();

    /** Each time the host changed meanwhile. So often in a row, something is wrong with it. */
    private static final int MAX_TRIES = 20;

    private final String name;
    private final RouteSocket socket;
    private final EventFd wakeup;
    private final PollSet poll = new PollSet(2);
    private LinkTable table = new LinkTable();
    private volatile Optional<InterfaceState> state = Optional.empty();

    private NetlinkMonitor(String name, RouteSocket socket, EventFd wakeup) {
        this.name = name;
        this.socket = socket;
        this.wakeup = wakeup;
        poll.watch(ROUTE, socket.descriptor().number());
        poll.watch(WAKEUP, wakeup.descriptor().number());
    }

    /**
     * Begins to follow the interface {@code name}, which need not be there. {@link #state} is right from the beginning.
     *
     * @throws IllegalArgumentException when no interface can have such a name
     * @throws ErrnoException when this process may not open netlink sockets
     */
    public static NetlinkMonitor open(String name) throws IOException {
        String checkedName = new InterfaceName(name).value();
        try (Rollback rollback = new Rollback()) {
            RouteSocket socket = RouteSocket.open();
            rollback.undoWith(socket::close);
            int fd = EventFd.create();
            if (fd < 0) {
                throw new ErrnoException("eventfd", checkedName, -fd, Remedy.openDescriptor(-fd));
            }
            EventFd wakeup = EventFd.of(fd);
            rollback.undoWith(wakeup::close);
            NetlinkMonitor monitor = new NetlinkMonitor(checkedName, socket, wakeup);
            monitor.load();
            rollback.keep();
            return monitor;
        }
    }

    @Override
    public Optional<InterfaceState> state() {
        return state;
    }

    @Override
    public void await(long timeoutNs) throws IOException {
        if (pollOnce(timeoutNs)) {
            takeAnnouncements();
        }
    }

    /** Waits for the socket or a wake-up; true: the socket has something. */
    private boolean pollOnce(long timeoutNs) throws IOException {
        Descriptor route = socket.descriptor();
        Descriptor awake = wakeup.descriptor();
        route.acquire();
        try {
            awake.acquire();
            try {
                int result = poll.poll(timeoutNs);
                if (result < 0 && result != -Errno.EINTR) {
                    throw new ErrnoException("ppoll", "netlink", -result, "");
                }
                if (result > 0 && poll.isReadable(WAKEUP)) {
                    wakeup.drain();
                }
                // A loss of announcements shows as an error; reading says which, and takes it back.
                return result > 0 && (poll.isReadable(ROUTE) || poll.isBroken(ROUTE));
            } finally {
                awake.release();
            }
        } finally {
            route.release();
        }
    }

    private void takeAnnouncements() throws IOException {
        for (List<RouteMessage> messages = socket.receive(); messages != null; messages = socket.receive()) {
            if (messages.stream().anyMatch(RouteMessage.Overrun.class::isInstance)) {
                load();
                return;
            }
            messages.forEach(table::apply);
        }
        state = table.find(name);
    }

    /** Reads everything anew. */
    private void load() throws IOException {
        long deadlineNs = System.nanoTime() + ANSWER_PATIENCE_NS;
        for (int i = 0; i < MAX_TRIES; i++) {
            discardOld();
            LinkTable fresh = new LinkTable();
            if (list(RouteMessageParser.RTM_GETLINK, fresh, deadlineNs)
                    && list(RouteMessageParser.RTM_GETADDR, fresh, deadlineNs)) {
                table = fresh;
                state = table.find(name);
                return;
            }
        }
        throw new ErrnoException("netlink dump", name, Errno.ENOBUFS, "the interfaces of this host never hold still");
    }

    /** After a loss, what was announced before it would be taken for new, and what took it back is lost. */
    private void discardOld() throws IOException {
        while (socket.receive() != null) {
            // Nothing in it is of use.
        }
    }

    /** Fills the table from one list, and from what is announced in between; returns whether the list has no holes. */
    private boolean list(short type, LinkTable fresh, long deadlineNs) throws IOException {
        int question = socket.askForAll(type);
        boolean whole = true;
        while (true) {
            List<RouteMessage> messages = socket.receive();
            if (messages == null) {
                long leftNs = deadlineNs - System.nanoTime();
                if (leftNs <= 0) {
                    throw new ErrnoException("netlink dump", name, Errno.ETIMEDOUT, "");
                }
                pollOnce(leftNs);
                continue;
            }
            for (RouteMessage message : messages) {
                fresh.apply(message);
                whole &= !(message instanceof RouteMessage.Overrun || message instanceof RouteMessage.Interrupted);
                if (message instanceof RouteMessage.End(int sequence, int errno) && sequence == question) {
                    if (errno != 0) {
                        throw new ErrnoException("netlink dump", name, errno, "");
                    }
                    return whole;
                }
            }
        }
    }

    @Override
    public void wakeup() {
        wakeup.signal();
    }

    @Override
    public void close() {
        // Marked closed before the signal, so that a woken reader cannot begin another wait.
        socket.close();
        wakeup.signal();
        wakeup.close();
    }

    @Override
    public String toString() {
        return "NetlinkMonitor[" + name + "]";
    }
}
