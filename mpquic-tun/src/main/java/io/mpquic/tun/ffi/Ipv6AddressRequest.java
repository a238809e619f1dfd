package io.mpquic.tun.ffi;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.net.Inet6Address;

/**
 * {@code struct in6_ifreq}: adds an IPv6 address, with {@link InterfaceRequest#SIOCSIFADDR} on an IPv6 socket.
 *
 * <pre>
 *  0                16              20                24
 *  | IPv6 address   | prefix length | interface index |
 * </pre>
 */
public final class Ipv6AddressRequest {
    private static final int SIZE_BYTES = 24;
    private static final int PREFIX_OFFSET = 16;
    private static final int INDEX_OFFSET = 20;

    private final MemorySegment segment;

    public Ipv6AddressRequest(SegmentAllocator allocator, Inet6Address address, int prefixLength, int interfaceIndex) {
        byte[] bytes = address.getAddress();
        segment = allocator.allocate(SIZE_BYTES, Integer.BYTES);
        MemorySegment.copy(bytes, 0, segment, JAVA_BYTE, 0, bytes.length);
        segment.set(JAVA_INT, PREFIX_OFFSET, prefixLength);
        segment.set(JAVA_INT, INDEX_OFFSET, interfaceIndex);
    }

    /** The structure, as ioctl(2) takes it. */
    public MemorySegment segment() {
        return segment;
    }
}
