package io.mpquic.quic.connection;

import io.mpquic.quic.wire.ConnectionId;
import io.mpquic.quic.wire.PreferredAddress;
import io.mpquic.quic.wire.StatelessResetToken;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Where a server would rather be reached after the handshake (RFC 9000 §9.6), at most one address of each family.
 *
 * @param ipv4 the IPv4 address and port; null for none
 * @param ipv6 the IPv6 address and port; null for none
 */
public record PreferredAddresses(
        @Nullable InetSocketAddress ipv4, @Nullable InetSocketAddress ipv6) {
    /** The server has none. */
    public static final PreferredAddresses NONE = new PreferredAddresses(null, null);

    /**
     * These, and this one in place of the one of its family.
     *
     * @throws IllegalArgumentException for a wildcard address, port 0, or a name that was not resolved
     */
    public PreferredAddresses with(InetSocketAddress address) {
        if (address.isUnresolved()
                || address.getPort() == 0
                || address.getAddress().isAnyLocalAddress()) {
            throw new IllegalArgumentException("nobody can be reached at " + address);
        }
        return isIpv4(address) ? new PreferredAddresses(address, ipv6) : new PreferredAddresses(ipv4, address);
    }

    boolean isEmpty() {
        return ipv4 == null && ipv6 == null;
    }

    /** As transport parameter, with the connection ID that belongs to it. */
    PreferredAddress parameter(ConnectionId id, StatelessResetToken token) {
        return new PreferredAddress(ipv4, ipv6, id, token);
    }

    /** RFC 9000 §9.6.1: of the two, the one that this end's network can reach as it reaches the server now. */
    static @Nullable InetSocketAddress ofSameFamily(PreferredAddress offered, InetSocketAddress remote) {
        return isIpv4(remote) ? offered.ipv4() : offered.ipv6();
    }

    private static boolean isIpv4(InetSocketAddress address) {
        return address.getAddress() instanceof Inet4Address;
    }
}
