package io.mpquic.tun.ffi;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;

/**
 * {@code struct sockaddr_un}: where a socket of this machine is found. Its length tells the two kinds of names apart.
 *
 * <pre>
 *   0        2
 *   | family | path, with a zero behind it              |   a file
 *   | family | zero | name, which may hold any bytes    |   an abstract name: it is in no file system
 * </pre>
 */
public final class UnixAddress {
    /** The most that follows the family. */
    public static final int MAX_BYTES = 108;

    private static final int NAME_OFFSET = 2;

    private UnixAddress() {}

    /**
     * The address of a name.
     *
     * @param name a path with a zero behind it, or a zero and an abstract name; at most {@link #MAX_BYTES}
     */
    public static MemorySegment of(SegmentAllocator allocator, byte[] name) {
        if (name.length > MAX_BYTES) {
            throw new IllegalArgumentException("longer than " + MAX_BYTES + " bytes");
        }
        MemorySegment address = allocator.allocate(NAME_OFFSET + (long) name.length, Short.BYTES);
        address.set(JAVA_SHORT, 0, (short) Sockets.AF_UNIX);
        MemorySegment.copy(name, 0, address, JAVA_BYTE, NAME_OFFSET, name.length);
        return address;
    }
}
