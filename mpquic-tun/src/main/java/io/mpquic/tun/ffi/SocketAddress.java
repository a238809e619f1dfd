package io.mpquic.tun.ffi;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Inet4Address;
import java.net.Inet6Address;
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

    /** Size of {@code struct sockaddr_in}. */
    static final int IPV4_BYTES = 16;

    /** Size of {@code struct sockaddr_in6}. */
    static final int IPV6_BYTES = 28;

    private static final ValueLayout.OfShort PORT = JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final int PORT_OFFSET = 2;
    private static final int IPV4_OFFSET = 4;
    private static final int FLOW_LABEL_OFFSET = 4;
    private static final int IPV6_OFFSET = 8;
    private static final int SCOPE_OFFSET = 24;
    /** RFC 4291 §2.5.5.2: ::ffff:0:0/96 holds the IPv4 addresses. */
    private static final int MAPPED_PREFIX_BYTES = 12;

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
            return new InetSocketAddress(inetAddress(segment, address), port);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("4 and 16 bytes are addresses", e);
        }
    }

    private static InetAddress inetAddress(MemorySegment segment, byte[] address) throws UnknownHostException {
        int scope = address.length == Integer.BYTES ? 0 : segment.get(JAVA_INT, SCOPE_OFFSET);
        // A link-local address is worth nothing without its interface.
        return scope == 0 ? InetAddress.getByAddress(address) : Inet6Address.getByAddress(null, address, scope);
    }

    /**
     * Writes the address at the start of {@code segment}.
     *
     * @param ipv6 whether the socket that it is for is one of IPv6; an IPv4 address is then mapped
     * @return its length in bytes
     */
    static int write(MemorySegment segment, InetSocketAddress address, boolean ipv6) {
        byte[] bytes = address.getAddress().getAddress();
        segment.set(PORT, PORT_OFFSET, (short) address.getPort());
        if (!ipv6) {
            if (bytes.length != Integer.BYTES) {
                return 0;
            }
            segment.set(JAVA_SHORT, 0, (short) Sockets.AF_INET);
            MemorySegment.copy(bytes, 0, segment, JAVA_BYTE, IPV4_OFFSET, bytes.length);
            return IPV4_BYTES;
        }
        segment.set(JAVA_SHORT, 0, (short) Sockets.AF_INET6);
        segment.set(JAVA_INT, FLOW_LABEL_OFFSET, 0);
        int scope = 0;
        int prefix = 0;
        if (address.getAddress() instanceof Inet6Address inet6) {
            scope = inet6.getScopeId();
        } else {
            prefix = MAPPED_PREFIX_BYTES;
            segment.asSlice(IPV6_OFFSET, prefix).fill((byte) 0);
            segment.set(JAVA_SHORT, IPV6_OFFSET + prefix - 2, (short) -1);
        }
        MemorySegment.copy(bytes, 0, segment, JAVA_BYTE, IPV6_OFFSET + prefix, bytes.length);
        segment.set(JAVA_INT, SCOPE_OFFSET, scope);
        return IPV6_BYTES;
    }

    /** Writes a {@code sockaddr_in} with port 0 at {@code offset}. */
    static void writeIpv4(MemorySegment segment, long offset, Inet4Address address) {
        byte[] bytes = address.getAddress();
        segment.set(JAVA_SHORT, offset, (short) Sockets.AF_INET);
        segment.set(PORT, offset + PORT_OFFSET, (short) 0);
        MemorySegment.copy(bytes, 0, segment, JAVA_BYTE, offset + IPV4_OFFSET, bytes.length);
    }
}
