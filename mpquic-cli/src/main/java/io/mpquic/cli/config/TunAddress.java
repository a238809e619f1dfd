package io.mpquic.cli.config;

import java.net.InetAddress;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The address of the tunnel's interface and the length of its network's prefix: the key {@code tun_cidr}.
 *
 * @param address a unicast address
 * @param prefixBits 1 to 32 for IPv4, 1 to 128 for IPv6
 */
public record TunAddress(InetAddress address, int prefixBits) {
    private static final Pattern DIGITS = Pattern.compile("[0-9]{1,3}");

    /** Refuses a prefix that does not fit the address, and addresses that no interface can have. */
    public TunAddress {
        if (prefixBits < 1 || prefixBits > widthBits(address)) {
            throw new IllegalArgumentException(
                    "a prefix of " + prefixBits + " bits is not between 1 and " + widthBits(address));
        }
        if (address.isAnyLocalAddress() || address.isMulticastAddress() || address.isLoopbackAddress()) {
            throw new IllegalArgumentException(
                    Problems.quote(address.getHostAddress()) + " cannot be the address of a tunnel");
        }
    }

    static TunAddress parse(String text) {
        int slash = text.indexOf('/');
        @Nullable InetAddress address = IpLiteral.parse(slash < 0 ? text : text.substring(0, slash));
        if (address == null) {
            throw new IllegalArgumentException(Problems.quote(text) + " is not an address and a prefix");
        }
        String prefix = slash < 0 ? "" : text.substring(slash + 1);
        if (!DIGITS.matcher(prefix).matches()) {
            throw new IllegalArgumentException(Problems.quote(text) + " has no prefix length");
        }
        return new TunAddress(address, Integer.parseInt(prefix));
    }

    /** Whether every host bit is 0, or (IPv4) every one is 1: the network's own or its broadcast address. */
    boolean isReserved() {
        int width = widthBits(address);
        // RFC 3021: a 31-bit prefix has two hosts and no reserved addresses; a 32-bit one has no host bits.
        if (width - prefixBits < 2) {
            return false;
        }
        byte[] bytes = address.getAddress();
        boolean zeros = true;
        boolean ones = width == 32;
        for (int bit = prefixBits; bit < width; bit++) {
            boolean set = (bytes[bit >> 3] >> (7 - (bit & 7)) & 1) == 1;
            zeros &= !set;
            ones &= set;
        }
        return zeros || ones;
    }

    private static int widthBits(InetAddress address) {
        return address.getAddress().length * Byte.SIZE;
    }

    @Override
    public String toString() {
        return address.getHostAddress() + "/" + prefixBits;
    }
}
