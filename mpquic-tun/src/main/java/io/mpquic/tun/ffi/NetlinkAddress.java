package io.mpquic.tun.ffi;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;

/**
 * {@code struct sockaddr_nl}: one end of a netlink conversation, and which announcements it hears.
 *
 * <pre>
 *   0        2      4      8        12
 *   | family | zero | port | groups |     port 0: the kernel, or let the kernel choose
 * </pre>
 */
public final class NetlinkAddress {
    /** Announcements of links. */
    public static final int RTMGRP_LINK = 0x1;
    /** Announcements of IPv4 addresses. */
    public static final int RTMGRP_IPV4_IFADDR = 0x10;
    /** Announcements of IPv6 addresses. */
    public static final int RTMGRP_IPV6_IFADDR = 0x100;

    private static final int SIZE_BYTES = 12;
    private static final int PORT_OFFSET = 4;
    private static final int GROUPS_OFFSET = 8;
    private static final int KERNEL = 0;

    private NetlinkAddress() {}

    /** The kernel's address, or, to bind to, one with any port that hears the given groups. */
    public static MemorySegment of(SegmentAllocator allocator, int groups) {
        MemorySegment address = allocator.allocate(SIZE_BYTES, Integer.BYTES).fill((byte) 0);
        address.set(JAVA_SHORT, 0, (short) Sockets.AF_NETLINK);
        address.set(JAVA_INT, GROUPS_OFFSET, groups);
        return address;
    }

    /** Whether it is the kernel's. */
    public static boolean isKernel(MemorySegment address) {
        return address.get(JAVA_SHORT, 0) == Sockets.AF_NETLINK && address.get(JAVA_INT, PORT_OFFSET) == KERNEL;
    }
}
