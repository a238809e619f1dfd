package io.mpquic.tun;

import io.mpquic.tun.ffi.DatagramMessage;
import io.mpquic.tun.ffi.Descriptor;
import io.mpquic.tun.ffi.Errno;
import io.mpquic.tun.ffi.EventFd;
import io.mpquic.tun.ffi.PollSet;
import io.mpquic.tun.ffi.Sockets;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import org.jspecify.annotations.Nullable;

/**
 * A UDP socket of Linux that hands the kernel many datagrams in one call, takes many in one call, and tells their ECN
 * marks: all that {@link java.nio.channels.DatagramChannel} does not do.
 *
 * <p>Sending: the kernel cuts one buffer into datagrams of equal size (generic segmentation offload, UDP_SEGMENT, Linux
 * 4.18). Receiving: it joins datagrams of one sender and one size (generic receive offload, UDP_GRO, Linux 5.0). Each
 * switches itself off where the kernel or the device refuses it; the caller sees no difference but the speed.
 *
 * <p>Threads: one thread sends, receives and awaits; {@link #wakeup} and {@link #close} may be called from any. Nothing is
 * allocated for a datagram of a peer that the one before came from.
 */
public final class UdpSocket implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(UdpSocket.class.getName());

    /** The most datagrams of one {@link #send}: older kernels take no more. */
    public static final int MAX_SEGMENTS = 64;

    /** The most bytes of one {@link #send} of several datagrams. */
    public static final int MAX_BATCH_BYTES = 65_000;

    /** What became of datagrams that were to be sent. */
    public enum Outcome {
        /** The kernel has taken them. */
        TAKEN,
        /** Its buffer is full: {@link UdpSocket#await} ends when it no longer is. */
        NO_ROOM,
        /** One is larger than the link carries, and must not be fragmented. */
        TOO_LARGE,
        /** There is no way to that address at the moment. */
        UNREACHABLE
    }

    private static final int SOCKET = 0;
    private static final int WAKEUP = 1;
    private static final int TUN = 2;
    private static final int TUN_WAKEUP = 3;

    /**
     * What a socket is bound to, and which help of the kernel it takes.
     *
     * @param address null: any, of IPv4 and IPv6
     * @param port 0 to 65535; 0: any
     * @param device the only interface that packets come and go through, whatever the routes say (SO_BINDTODEVICE); null:
     *     any
     * @param segmentation whether the kernel cuts batches into datagrams
     * @param coalescing whether the kernel joins what comes
     */
    public record Options(
            @Nullable InetAddress address,
            int port,
            @Nullable String device,
            boolean segmentation,
            boolean coalescing) {}

    private final Descriptor socket;
    private final EventFd wakeup;
    private final boolean ipv6;
    private final InetSocketAddress localAddress;
    private final boolean coalescing;
    private final DatagramMessage sent = new DatagramMessage();
    private final DatagramMessage received = new DatagramMessage();
    private final PollSet poll = new PollSet(4);
    private @Nullable LinuxTun tun;
    private boolean segmentation;
    private int markedWith;
    private boolean sendBlocked;

    private UdpSocket(
            Descriptor socket, EventFd wakeup, boolean ipv6, InetSocketAddress localAddress, Options options) {
        this.socket = socket;
        this.wakeup = wakeup;
        this.ipv6 = ipv6;
        this.localAddress = localAddress;
        segmentation = options.segmentation() && knows(Sockets.UDP_SEGMENT, 0);
        coalescing = options.coalescing() && knows(Sockets.UDP_GRO, 1);
        poll.watch(SOCKET, socket.number());
        poll.watch(WAKEUP, wakeup.descriptor().number());
        poll.watch(TUN, PollSet.NOBODY);
        poll.watch(TUN_WAKEUP, PollSet.NOBODY);
    }

    /**
     * Opens and binds a socket in the network namespace of the calling thread.
     *
     * @throws ErrnoException when the address is taken or not of this host, or the device is absent; the message says which
     */
    public static UdpSocket open(Options options) throws IOException {
        try (Rollback rollback = new Rollback()) {
            boolean ipv4Only = options.address() instanceof Inet4Address;
            int made = ipv4Only ? -Errno.EAFNOSUPPORT : Sockets.datagramSocket(Sockets.AF_INET6);
            // Where IPv6 is switched off altogether, any address means any of IPv4.
            boolean ipv6 = made >= 0;
            int fd = checked(
                    ipv6 ? made : Sockets.datagramSocket(Sockets.AF_INET), "socket", "UDP", Remedy::openDescriptor);
            Descriptor socket = new Descriptor(fd);
            rollback.undoWith(socket::close);
            if (ipv6 && options.address() == null) {
                checked(Sockets.option(fd, Sockets.IPPROTO_IPV6, Sockets.IPV6_V6ONLY, 0), "setsockopt", "IPV6_V6ONLY");
            }
            InetAddress any = ipv6 ? InetAddress.getByAddress(new byte[16]) : InetAddress.getByAddress(new byte[4]);
            InetSocketAddress wanted =
                    new InetSocketAddress(options.address() == null ? any : options.address(), options.port());
            String device = options.device();
            // The device first: then sockets of two devices can have one port, and nothing comes in from another.
            if (device != null) {
                SocketOptions.bindToDevice(fd, device);
            }
            checked(Sockets.bind(fd, wanted, ipv6), "bind", wanted.toString());
            EventFd wakeup = EventFd.of(checked(EventFd.create(), "eventfd", "UDP", Remedy::openDescriptor));
            rollback.undoWith(wakeup::close);
            InetSocketAddress local = Sockets.localAddress(fd);
            if (local == null) {
                throw new IOException("a UDP socket without a local address");
            }
            // Marks are read where the kernel can tell them. A socket of IPv6 carries IPv4 as well.
            Sockets.option(fd, Sockets.IPPROTO_IP, Sockets.IP_RECVTOS, 1);
            if (ipv6) {
                Sockets.option(fd, Sockets.IPPROTO_IPV6, Sockets.IPV6_RECVTCLASS, 1);
            }
            rollback.keep();
            return new UdpSocket(socket, wakeup, ipv6, local, options);
        }
    }

    private boolean knows(int option, int value) {
        return Sockets.option(socket.number(), Sockets.SOL_UDP, option, value) >= 0;
    }

    /** The address that the socket is bound to; its host can be the wildcard. */
    public InetSocketAddress localAddress() {
        return localAddress;
    }

    /** Whether the kernel cuts batches into datagrams just now; without it, each goes by itself. */
    public boolean hasSegmentation() {
        return segmentation;
    }

    /** Whether the kernel joins what comes. */
    public boolean hasCoalescing() {
        return coalescing;
    }

    /** As {@link SocketOptions#bufferSizes}. */
    public SocketOptions.BufferSizes bufferSizes(int receiveBytes, int sendBytes) throws IOException {
        int fd = socket.acquire();
        try {
            return SocketOptions.bufferSizes(fd, receiveBytes, sendBytes);
        } finally {
            socket.release();
        }
    }

    /** As {@link SocketOptions#probePathMtu}. */
    public void probePathMtu() throws IOException {
        int fd = socket.acquire();
        try {
            SocketOptions.probePathMtu(fd);
        } finally {
            socket.release();
        }
    }

    /**
     * Sends one datagram, or a batch of them that lie one behind the other.
     *
     * @param buffer native memory
     * @param lengthBytes of all
     * @param datagramBytes the length of each but the last, which may be shorter; at most {@link #MAX_SEGMENTS} of them, and
     *     {@link #MAX_BATCH_BYTES} together when they are several
     * @param ecnCodepoint of their IP headers, 0 to 3 (RFC 3168 §5)
     * @return what became of all of them
     * @throws IOException when the socket is closed
     */
    public Outcome send(
            MemorySegment buffer,
            long offset,
            int lengthBytes,
            int datagramBytes,
            InetSocketAddress to,
            int ecnCodepoint)
            throws IOException {
        int fd = socket.acquire();
        try {
            if (ecnCodepoint != markedWith) {
                mark(fd, ecnCodepoint);
            }
            if (lengthBytes <= datagramBytes || !segmentation) {
                return sendSingly(fd, buffer, offset, lengthBytes, datagramBytes, to);
            }
            int result = sendOnce(fd, buffer, offset, lengthBytes, to, datagramBytes);
            return switch (-result) {
                case Errno.EIO, Errno.EINVAL, Errno.EMSGSIZE ->
                    sendRefused(-result, fd, buffer, offset, lengthBytes, datagramBytes, to);
                default -> outcome(result);
            };
        } finally {
            socket.release();
        }
    }

    /**
     * What the kernel does not take as a batch it may take singly, and each tells by itself what is wrong with it.
     *
     * <p>A device that cannot checksum what it would have to cut says so with EIO, once it is in use, and a socket that is
     * set up so that it cannot, with EINVAL. Of datagrams that are too large, only the shorter one at the end may fit; older
     * kernels say EINVAL in this case too.
     */
    private Outcome sendRefused(
            int errno,
            int fd,
            MemorySegment buffer,
            long offset,
            int lengthBytes,
            int datagramBytes,
            InetSocketAddress to) {
        Outcome outcome = sendSingly(fd, buffer, offset, lengthBytes, datagramBytes, to);
        if (outcome == Outcome.TAKEN && errno != Errno.EMSGSIZE) {
            segmentation = false;
            LOG.log(Level.INFO, "no UDP segmentation on the way to {0}: sending singly from now on", to);
        }
        return outcome;
    }

    private int sendOnce(
            int fd, MemorySegment buffer, long offset, int lengthBytes, InetSocketAddress to, int segmentBytes) {
        int result = sent.send(fd, ipv6, buffer, offset, lengthBytes, to, segmentBytes);
        // An ICMP error for an earlier datagram is reported once, and this one was not tried.
        return result == -Errno.ECONNREFUSED
                ? sent.send(fd, ipv6, buffer, offset, lengthBytes, to, segmentBytes)
                : result;
    }

    private Outcome outcome(int result) {
        if (result >= 0) {
            return Outcome.TAKEN;
        }
        return switch (-result) {
            case Errno.EAGAIN, Errno.ENOBUFS -> {
                sendBlocked = true;
                yield Outcome.NO_ROOM;
            }
            case Errno.EMSGSIZE -> Outcome.TOO_LARGE;
            default -> Outcome.UNREACHABLE;
        };
    }

    /** What the buffer of the kernel has no room for after the first is lost, as it would be in a router. */
    private Outcome sendSingly(
            int fd, MemorySegment buffer, long offset, int lengthBytes, int datagramBytes, InetSocketAddress to) {
        boolean tooLarge = false;
        int at = 0;
        do {
            int one = Math.min(datagramBytes, lengthBytes - at);
            // One that is as long as another that was too large need not be tried.
            Outcome outcome = tooLarge && one == datagramBytes
                    ? Outcome.TOO_LARGE
                    : outcome(sendOnce(fd, buffer, offset + at, one, to, 0));
            switch (outcome) {
                case TAKEN -> {}
                case TOO_LARGE -> tooLarge = true;
                case NO_ROOM, UNREACHABLE -> {
                    if (at == 0) {
                        return outcome;
                    }
                    at = lengthBytes;
                }
            }
            at += datagramBytes;
        } while (at < lengthBytes);
        return tooLarge ? Outcome.TOO_LARGE : Outcome.TAKEN;
    }

    /** IPv4 and IPv6 each have an option of their own; a socket of IPv6 sends both. */
    private void mark(int fd, int codepoint) {
        Sockets.option(fd, Sockets.IPPROTO_IP, Sockets.IP_TOS, codepoint);
        if (ipv6) {
            Sockets.option(fd, Sockets.IPPROTO_IPV6, Sockets.IPV6_TCLASS, codepoint);
        }
        markedWith = codepoint;
    }

    /**
     * Receives what waits: one datagram, or several of one sender, joined.
     *
     * @param buffer native memory
     * @param capacity at least 65535 with {@link #hasCoalescing}, or else datagrams may be cut
     * @return the length of all in bytes, 0 included; -1 when none waits
     * @throws IOException when the socket is closed
     */
    public int receive(MemorySegment buffer, long offset, int capacity) throws IOException {
        int fd = socket.acquire();
        try {
            while (true) {
                int result = received.receive(fd, buffer, offset, capacity);
                if (result >= 0) {
                    return result;
                }
                switch (-result) {
                    case Errno.EAGAIN -> {
                        return -1;
                    }
                    // An answer by ICMP to what was sent earlier. It proves nothing, anyone can send one: read on.
                    case Errno.ECONNREFUSED, Errno.EHOSTUNREACH, Errno.ENETUNREACH, Errno.EINTR -> {}
                    default -> throw new ErrnoException("recvmsg", localAddress.toString(), -result, "");
                }
            }
        } finally {
            socket.release();
        }
    }

    /** The length of each datagram that {@link #receive} joined last, in bytes, the last one excepted; 0: it was only one. */
    public int receivedSegmentBytes() {
        return coalescing ? received.segmentBytes() : 0;
    }

    /** The ECN codepoint of what {@link #receive} gave last; 0 where the kernel does not tell. */
    public int receivedEcnCodepoint() {
        return received.ecnCodepoint();
    }

    /**
     * Who sent what {@link #receive} gave last.
     *
     * @throws IllegalStateException before the first
     */
    public InetSocketAddress sender() {
        InetSocketAddress sender = received.sender();
        if (sender == null) {
            throw new IllegalStateException("nothing was received yet");
        }
        return sender;
    }

    /**
     * From now on, {@link #await} ends as well when a packet can be read from this device, when {@link LinuxTun#wakeup} was
     * called, and when the device was closed, so that one thread can serve both.
     */
    public void watch(LinuxTun device) {
        tun = device;
    }

    /**
     * Waits until something can be received, or sent when {@link #send} found no room; until {@link #wakeup}, a close, or the
     * end of the time. It may end early for another reason.
     *
     * @param timeoutNs nanoseconds; negative: without end
     * @throws IOException when the socket is closed, or the device that is watched
     */
    public void await(long timeoutNs) throws IOException {
        socket.acquire();
        try {
            LinuxTun watched = tun;
            if (watched == null) {
                awaitAcquired(timeoutNs);
            } else {
                watched.enter(poll, TUN, TUN_WAKEUP);
                try {
                    awaitAcquired(timeoutNs);
                } finally {
                    watched.leave(poll, TUN_WAKEUP);
                }
            }
        } finally {
            socket.release();
        }
        if (socket.isClosed()) {
            throw new ClosedChannelException();
        }
    }

    private void awaitAcquired(long timeoutNs) throws IOException {
        wakeup.descriptor().acquire();
        try {
            poll.watchWriting(SOCKET, sendBlocked);
            int result = poll.poll(timeoutNs);
            sendBlocked = false;
            if (result < 0 && result != -Errno.EINTR) {
                throw new ErrnoException("ppoll", localAddress.toString(), -result, "");
            }
            if (result > 0 && poll.isReadable(WAKEUP)) {
                wakeup.drain();
            }
        } finally {
            wakeup.descriptor().release();
        }
    }

    /** Ends a wait that is under way, or else the next one. */
    public void wakeup() {
        wakeup.signal();
    }

    @Override
    public void close() {
        // Marked closed before the signal, so that a woken thread cannot begin another wait.
        socket.close();
        wakeup.signal();
        wakeup.close();
    }

    private static int checked(int result, String call, String what) throws ErrnoException {
        return checked(result, call, what, errno -> "");
    }

    private static int checked(int result, String call, String what, java.util.function.IntFunction<String> remedy)
            throws ErrnoException {
        if (result < 0) {
            throw new ErrnoException(call, what, -result, remedy.apply(-result));
        }
        return result;
    }
}
