package io.mpquic.quic.wire;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/**
 * Where a server would rather be reached after the handshake (RFC 9000 §9.6, §18.2).
 *
 * <pre>
 *   IPv4 Address (32), IPv4 Port (16)         all zero: none
 *   IPv6 Address (128), IPv6 Port (16)        all zero: none
 *   Connection ID Length (8), Connection ID   1 to 20 bytes
 *   Stateless Reset Token (128)
 * </pre>
 *
 * @param ipv4 the IPv4 address and port, or null for none
 * @param ipv6 the IPv6 address and port, or null for none
 * @param id a connection ID to use with the address; its sequence number is 1
 * @param token what a stateless reset for this connection ID ends with
 */
public record PreferredAddress(
        @Nullable InetSocketAddress ipv4,
        @Nullable InetSocketAddress ipv6,
        ConnectionId id,
        StatelessResetToken token) {
    private static final int IPV4_BYTES = 4;
    private static final int IPV6_BYTES = 16;

    /** Checks the families of the addresses and the length of the connection ID. */
    public PreferredAddress {
        if (ipv4 != null && !(ipv4.getAddress() instanceof Inet4Address)) {
            throw new IllegalArgumentException("not an IPv4 address: " + ipv4);
        }
        if (ipv6 != null && !(ipv6.getAddress() instanceof Inet6Address)) {
            throw new IllegalArgumentException("not an IPv6 address: " + ipv6);
        }
        if (id.isEmpty()) {
            throw new IllegalArgumentException("an empty connection ID");
        }
    }

    static PreferredAddress read(WireReader reader) throws TransportException {
        InetSocketAddress ipv4 = readAddress(reader, IPV4_BYTES);
        InetSocketAddress ipv6 = readAddress(reader, IPV6_BYTES);
        int lengthBytes = reader.readByte();
        // RFC 9000 §18.2: the connection ID follows the rules of NEW_CONNECTION_ID, so it has 1 to 20 bytes.
        if (lengthBytes < 1 || lengthBytes > ConnectionId.MAX_LENGTH_BYTES) {
            throw reader.failure("a preferred address with a connection ID of " + lengthBytes + " bytes");
        }
        ConnectionId id = new ConnectionId(reader.readBytes(lengthBytes));
        return new PreferredAddress(ipv4, ipv6, id, StatelessResetToken.read(reader));
    }

    private static @Nullable InetSocketAddress readAddress(WireReader reader, int addressBytes)
            throws TransportException {
        byte[] bytes = reader.readBytes(addressBytes);
        int port = reader.readUnsignedShort();
        InetAddress address = addressOf(bytes);
        return port == 0 && address.isAnyLocalAddress() ? null : new InetSocketAddress(address, port);
    }

    private static InetAddress addressOf(byte[] bytes) {
        try {
            // The general factory would turn an IPv4-mapped IPv6 address into an IPv4 one.
            return bytes.length == IPV6_BYTES
                    ? Inet6Address.getByAddress(null, bytes, -1)
                    : InetAddress.getByAddress(bytes);
        } catch (UnknownHostException impossible) {
            throw new IllegalStateException("an address of " + bytes.length + " bytes", impossible);
        }
    }

    int lengthBytes() {
        return IPV4_BYTES
                + Short.BYTES
                + IPV6_BYTES
                + Short.BYTES
                + 1
                + id.lengthBytes()
                + StatelessResetToken.LENGTH_BYTES;
    }

    void writeTo(WireWriter writer) {
        writeAddress(writer, ipv4, IPV4_BYTES);
        writeAddress(writer, ipv6, IPV6_BYTES);
        writer.writeByte(id.lengthBytes());
        id.writeTo(writer);
        token.writeTo(writer);
    }

    private static void writeAddress(WireWriter writer, @Nullable InetSocketAddress address, int addressBytes) {
        if (address == null) {
            writer.zeros(addressBytes + Short.BYTES);
        } else {
            writer.writeBytes(address.getAddress().getAddress()).writeShort(address.getPort());
        }
    }
}
