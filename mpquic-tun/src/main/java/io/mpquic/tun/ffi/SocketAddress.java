package io.mpquic.tun.ffi;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * The socket addresses of the kernel. The family is in native byte order, all else in network order.
 *
 * <pre>
 *              0        2        4            8                                24        28
 * sockaddr_in  | family | port   | IPv4       | zero, up to 16 |
 * sockaddr_in6 | family | port   | flow label | IPv6                           | scope id |
 * </pre>
 */
final class SocketAddress {
    /** Size of {@code struct sockaddr_storage}: holds an address of any family. */
    static final int STORAGE_BYTES = 128;

    private static final ValueLayout.OfShort PORT = JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final int PORT_OFFSET = 2;
    private static final int IPV4_OFFSET = 4;
    private static final int IPV6_OFFSET = 8;

    private SocketAddress() {}

    /** The address in {@code segment}, an IPv4-mapped one as IPv4; null for a family that is neither IPv4 nor IPv6. */
    static @Nullable InetSocketAddress read(MemorySegment segment) {
        byte[] address = switch (segment.get(JAVA_SHORT, 0)) {
            case Sockets.AF_INET -> segment.asSlice(IPV4_OFFSET, 4).toArray(JAVA_BYTE);
            case Sockets.AF_INET6 -> segment.asSlice(IPV6_OFFSET, 16).toArray(JAVA_BYTE);
            default -> null;
        };
        if (address == null) {
            return null;
        }
        int port = Short.toUnsignedInt(segment.get(PORT, PORT_OFFSET));
        try {
            return new InetSocketAddress(InetAddress.getByAddress(address), port);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("4 and 16 bytes are addresses", e);
        }
    }

    /** Writes a {@code sockaddr_in} with port 0 at {@code offset}. */
    static void writeIpv4(MemorySegment segment, long offset, Inet4Address address) {
        byte[] bytes = address.getAddress();
        segment.set(JAVA_SHORT, offset, (short) Sockets.AF_INET);
        segment.set(PORT, offset + PORT_OFFSET, (short) 0);
        MemorySegment.copy(bytes, 0, segment, JAVA_BYTE, offset + IPV4_OFFSET, bytes.length);
    }
}
