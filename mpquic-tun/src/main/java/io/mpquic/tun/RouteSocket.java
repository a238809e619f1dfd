package io.mpquic.tun;

import io.mpquic.tun.ffi.Descriptor;
import io.mpquic.tun.ffi.Errno;
import io.mpquic.tun.ffi.NetlinkAddress;
import io.mpquic.tun.ffi.Sockets;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A netlink socket that hears what happens to links and addresses. It stays in the network namespace of the thread that
 * opened it. One thread uses it; any thread may close it.
 */
final class RouteSocket implements AutoCloseable {
    private static final int NETLINK_ROUTE = 0;
    private static final int GROUPS =
            NetlinkAddress.RTMGRP_LINK | NetlinkAddress.RTMGRP_IPV4_IFADDR | NetlinkAddress.RTMGRP_IPV6_IFADDR;

    private static final short NLM_F_REQUEST = 0x1;
    private static final short NLM_F_DUMP = 0x300;

    /** The kernel makes no datagrams of lists that are longer than 32 KiB; one link with many features can be. */
    private static final int BUFFER_BYTES = 64 << 10;

    private final Descriptor socket;
    private final MemorySegment buffer;
    private final MemorySegment sender;
    private int sequence;

    private RouteSocket(Descriptor socket) {
        this.socket = socket;
        // Automatic: the memory must outlive a call that is under way while another thread closes the socket.
        Arena arena = Arena.ofAuto();
        buffer = arena.allocate(BUFFER_BYTES, Long.BYTES);
        sender = NetlinkAddress.of(arena, 0);
    }

    /** Opens a socket that hears everything from now on. */
    static RouteSocket open() throws IOException {
        int fd = Sockets.socket(Sockets.AF_NETLINK, Sockets.SOCK_RAW, NETLINK_ROUTE);
        if (fd < 0) {
            throw new ErrnoException("socket", "netlink", -fd, Remedy.openNetlink(-fd));
        }
        Descriptor socket = new Descriptor(fd);
        try (Arena arena = Arena.ofConfined()) {
            int result = Sockets.bind(fd, NetlinkAddress.of(arena, GROUPS));
            if (result < 0) {
                socket.close();
                throw new ErrnoException("bind", "netlink", -result, Remedy.openNetlink(-result));
            }
        }
        return new RouteSocket(socket);
    }

    /** What a waiting thread acquires and polls. */
    Descriptor descriptor() {
        return socket;
    }

    /**
     * Asks the kernel for all links, or all addresses. It takes the next such question only after the
     * {@link RouteMessage.End} of this one.
     *
     * @param type RTM_GETLINK or RTM_GETADDR
     * @return the number of the question
     */
    int askForAll(short type) throws IOException {
        sequence++;
        int bodyBytes = type == RouteMessageParser.RTM_GETLINK
                ? RouteMessageParser.LINK_BODY_BYTES
                : RouteMessageParser.ADDRESS_BODY_BYTES;
        int length = RouteMessageParser.HEADER_BYTES + bodyBytes;
        // All zero in the body: of every family, and every link.
        ByteBuffer request = ByteBuffer.allocate(length).order(ByteOrder.nativeOrder());
        request.putInt(length).putShort(type).putShort((short) (NLM_F_REQUEST | NLM_F_DUMP));
        request.putInt(sequence);
        int fd = socket.acquire();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment message = arena.allocateFrom(ValueLayout.JAVA_BYTE, request.array());
            int result = Sockets.send(fd, message, NetlinkAddress.of(arena, 0));
            if (result < 0) {
                throw new ErrnoException("sendto", "netlink", -result, Remedy.openNetlink(-result));
            }
        } finally {
            socket.release();
        }
        return sequence;
    }

    /**
     * Takes the next datagram without waiting.
     *
     * @return its messages, an {@link RouteMessage.Overrun} where something was lost; null when no datagram waits
     */
    @Nullable List<RouteMessage> receive() throws IOException {
        int fd = socket.acquire();
        try {
            int length = Sockets.receive(fd, buffer, sender);
            if (length == -Errno.EAGAIN) {
                return null;
            }
            // More happened than the socket could keep, or a datagram was longer than any that is known.
            if (length == -Errno.ENOBUFS || length > BUFFER_BYTES) {
                return List.of(new RouteMessage.Overrun());
            }
            if (length == -Errno.EINTR || (length >= 0 && !NetlinkAddress.isKernel(sender))) {
                return List.of();
            }
            if (length < 0) {
                throw new ErrnoException("recvfrom", "netlink", -length, "");
            }
            return RouteMessageParser.parse(buffer.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE));
        } finally {
            socket.release();
        }
    }

    @Override
    public void close() {
        socket.close();
    }
}
