package io.mpquic.tun.ffi;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.net.Inet4Address;
import java.nio.charset.StandardCharsets;

/**
 * {@code struct ifreq}: the argument of the requests that concern one network interface, with the requests themselves.
 *
 * <pre>
 *  0                      16                                40
 *  | name, zero-terminated | flags (16 bits), or              |
 *  |                       | index or MTU (32 bits), or       |
 *  |                       | a sockaddr_in (16 bytes)         |
 * </pre>
 */
public final class InterfaceRequest {
    public static final long SIOCGIFFLAGS = 0x8913;
    public static final long SIOCSIFFLAGS = 0x8914;
    public static final long SIOCSIFADDR = 0x8916;
    public static final long SIOCSIFNETMASK = 0x891c;
    public static final long SIOCGIFMTU = 0x8921;
    public static final long SIOCSIFMTU = 0x8922;
    public static final long SIOCGIFINDEX = 0x8933;

    public static final int IFF_UP = 0x1;
    public static final int IFF_RUNNING = 0x40;

    static final int SIZE_BYTES = 40;
    private static final int NAME_BYTES = 16;
    private static final int VALUE_OFFSET = 16;

    private final MemorySegment segment;

    /** A request about the interface {@code name}, all else zero. */
    public InterfaceRequest(SegmentAllocator allocator, String name) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        if (bytes.length >= NAME_BYTES) {
            throw new IllegalArgumentException("longer than 15 bytes: " + name);
        }
        segment = allocator.allocate(SIZE_BYTES, Long.BYTES).fill((byte) 0);
        MemorySegment.copy(bytes, 0, segment, JAVA_BYTE, 0, bytes.length);
    }

    /** The structure, as ioctl(2) takes it. */
    public MemorySegment segment() {
        return segment;
    }

    /** The name, which some requests fill in. */
    public String name() {
        return segment.getString(0);
    }

    public int flags() {
        return Short.toUnsignedInt(segment.get(JAVA_SHORT, VALUE_OFFSET));
    }

    public InterfaceRequest flags(int flags) {
        segment.set(JAVA_SHORT, VALUE_OFFSET, (short) flags);
        return this;
    }

    /** The 32-bit value: an index or an MTU. */
    public int value() {
        return segment.get(JAVA_INT, VALUE_OFFSET);
    }

    /** Sets the 32-bit value: an index or an MTU. */
    public InterfaceRequest value(int value) {
        segment.set(JAVA_INT, VALUE_OFFSET, value);
        return this;
    }

    /** Sets the address: an interface address or a netmask. */
    public InterfaceRequest address(Inet4Address address) {
        SocketAddress.writeIpv4(segment, VALUE_OFFSET, address);
        return this;
    }
}
