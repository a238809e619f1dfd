package io.mpquic.tun.ffi;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * What sendmsg(2) and recvmsg(2) take, made once and used for every call: one buffer, the address of the peer, and room
 * for control messages. A call allocates nothing. One thread.
 *
 * <pre>
 * struct msghdr     0      8             16    24           32        40              48
 *                   | name | name length | iov | iov length | control | control length | flags |
 * struct iovec      0           8
 *                   | address   | length |
 * struct cmsghdr    0        8       12     16
 *                   | length | level | type | data, up to the next multiple of 8 |
 * </pre>
 */
public final class DatagramMessage {
    private static final MemorySegment SENDMSG = Downcall.function("sendmsg");
    private static final MemorySegment RECVMSG = Downcall.function("recvmsg");

    private static final long NAME_LENGTH = 8;
    private static final long IOV = 16;
    private static final long IOV_COUNT = 24;
    private static final long CONTROL = 32;
    private static final long CONTROL_LENGTH = 40;
    private static final int HEADER_BYTES = 56;
    private static final int IOV_BYTES = 16;
    private static final int CMSG_LEVEL = 8;
    private static final int CMSG_TYPE = 12;
    private static final int CMSG_DATA = 16;
    private static final int CONTROL_BYTES = 128;

    private static final int SEGMENT_SIZE_BYTES = CMSG_DATA + Short.BYTES;

    // Automatic: the memory must outlive a call that is under way.
    private final MemorySegment header;
    private final MemorySegment iov;
    private final MemorySegment name;
    private final MemorySegment control;
    private long heldHigh;
    private long heldMiddle;
    private long heldLow;
    private int heldEnd;
    private @Nullable InetSocketAddress peer;

    /** A message without a buffer and an address. */
    public DatagramMessage() {
        Arena arena = Arena.ofAuto();
        header = arena.allocate(HEADER_BYTES, Long.BYTES);
        iov = arena.allocate(IOV_BYTES, Long.BYTES);
        name = arena.allocate(SocketAddress.IPV6_BYTES + Integer.BYTES, Long.BYTES);
        control = arena.allocate(CONTROL_BYTES, Long.BYTES);
        header.set(ADDRESS, 0, name);
        header.set(ADDRESS, IOV, iov);
        header.set(JAVA_LONG, IOV_COUNT, 1);
        header.set(ADDRESS, CONTROL, control);
    }

    /**
     * Sends without waiting.
     *
     * @param ipv6 whether the socket is one of IPv6; an IPv4 address is then mapped
     * @param segmentBytes into datagrams of how many bytes the kernel cuts the buffer; 0: it is one datagram
     * @return how many bytes were taken, or the negated errno
     */
    public int send(
            int fd,
            boolean ipv6,
            MemorySegment buffer,
            long offset,
            int lengthBytes,
            InetSocketAddress to,
            int segmentBytes) {
        if (!isSame(to, peer)) {
            header.set(JAVA_INT, NAME_LENGTH, SocketAddress.write(name, to, ipv6));
            peer = to;
        }
        aim(buffer, offset, lengthBytes);
        if (segmentBytes > 0) {
            control.set(JAVA_LONG, 0, SEGMENT_SIZE_BYTES);
            control.set(JAVA_INT, CMSG_LEVEL, Sockets.SOL_UDP);
            control.set(JAVA_INT, CMSG_TYPE, Sockets.UDP_SEGMENT);
            control.set(JAVA_SHORT, CMSG_DATA, (short) segmentBytes);
            header.set(JAVA_LONG, CONTROL_LENGTH, padded(SEGMENT_SIZE_BYTES));
        } else {
            header.set(JAVA_LONG, CONTROL_LENGTH, 0);
        }
        try {
            return Downcall.call(SENDMSG, fd, header.address(), Sockets.MSG_DONTWAIT | Sockets.MSG_NOSIGNAL);
        } finally {
            Reference.reachabilityFence(buffer);
            Reference.reachabilityFence(this);
        }
    }

    /**
     * Receives without waiting. What is longer than {@code capacity} is cut.
     *
     * @return how many bytes came, or the negated errno
     */
    public int receive(int fd, MemorySegment buffer, long offset, int capacity) {
        aim(buffer, offset, capacity);
        header.set(JAVA_INT, NAME_LENGTH, (int) name.byteSize());
        // The kernel sets it to the length that it used, so it is to be set again for every call.
        header.set(JAVA_LONG, CONTROL_LENGTH, CONTROL_BYTES);
        try {
            return Downcall.call(RECVMSG, fd, header.address(), Sockets.MSG_DONTWAIT);
        } finally {
            Reference.reachabilityFence(buffer);
            Reference.reachabilityFence(this);
        }
    }

    /** Link-local addresses of two interfaces are equal to Java, which leaves the interface out. */
    private static boolean isSame(InetSocketAddress one, @Nullable InetSocketAddress other) {
        return other != null && one.equals(other) && scope(one) == scope(other);
    }

    private static int scope(InetSocketAddress address) {
        return address.getAddress() instanceof Inet6Address inet6 ? inet6.getScopeId() : 0;
    }

    private void aim(MemorySegment buffer, long offset, int lengthBytes) {
        iov.set(JAVA_LONG, 0, Downcall.pointer(buffer, offset, lengthBytes));
        iov.set(JAVA_LONG, Long.BYTES, lengthBytes);
    }

    /** Who sent what was received last: the same object as before while it is the same. */
    public @Nullable InetSocketAddress sender() {
        long high = name.get(JAVA_LONG, 0);
        long middle = name.get(JAVA_LONG, Long.BYTES);
        // The second half of sockaddr_in does not matter, and the kernel leaves what follows as it was.
        boolean ipv6 = name.get(JAVA_SHORT, 0) == Sockets.AF_INET6;
        long low = ipv6 ? name.get(JAVA_LONG, 2L * Long.BYTES) : 0;
        int end = ipv6 ? name.get(JAVA_INT, 3L * Long.BYTES) : 0;
        middle = ipv6 ? middle : 0;
        InetSocketAddress known = peer;
        if (known == null || high != heldHigh || middle != heldMiddle || low != heldLow || end != heldEnd) {
            known = SocketAddress.read(name);
            peer = known;
            heldHigh = high;
            heldMiddle = middle;
            heldLow = low;
            heldEnd = end;
        }
        return known;
    }

    /** Of how many bytes each datagram is that was received last, the last one excepted; 0: there is only one (UDP_GRO). */
    public int segmentBytes() {
        long at = find(Sockets.SOL_UDP, Sockets.UDP_GRO);
        return at < 0 ? 0 : control.get(JAVA_INT, at);
    }

    /** The ECN codepoint of what was received last (IP_RECVTOS, IPV6_RECVTCLASS); 0 when the kernel does not tell. */
    public int ecnCodepoint() {
        long ipv4 = find(Sockets.IPPROTO_IP, Sockets.IP_TOS);
        long at = ipv4 >= 0 ? ipv4 : find(Sockets.IPPROTO_IPV6, Sockets.IPV6_TCLASS);
        // IPv4 tells one byte, IPv6 an int: on a little-endian machine, the first byte is what matters in both.
        return at < 0 ? 0 : control.get(JAVA_BYTE, at) & 3;
    }

    private long find(int level, int type) {
        long end = Math.min(header.get(JAVA_LONG, CONTROL_LENGTH), CONTROL_BYTES);
        for (long at = 0; at + CMSG_DATA <= end; ) {
            long length = control.get(JAVA_LONG, at);
            if (length < CMSG_DATA || at + length > end) {
                return -1;
            }
            if (control.get(JAVA_INT, at + CMSG_LEVEL) == level && control.get(JAVA_INT, at + CMSG_TYPE) == type) {
                return at + CMSG_DATA;
            }
            at += padded(length);
        }
        return -1;
    }

    private static long padded(long lengthBytes) {
        return (lengthBytes + 7) & ~7L;
    }
}
