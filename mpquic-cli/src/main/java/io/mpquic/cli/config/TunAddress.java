package io.mpquic.cli.config;

import io.mpquic.tun.Cidr;
import java.net.InetAddress;

/**
 * The address of the tunnel's interface and the length of its network's prefix: the key {@code tun_cidr}.
 *
 * @param cidr a unicast address with a prefix of at least one bit
 */
public record TunAddress(Cidr cidr) {

    /** Refuses addresses that no interface of a tunnel can have. */
    public TunAddress {
        InetAddress address = cidr.address();
        if (cidr.prefixLength() == 0) {
            throw new IllegalArgumentException("a prefix of 0 bits would put every address into the tunnel");
        }
        if (address.isAnyLocalAddress() || address.isMulticastAddress() || address.isLoopbackAddress()) {
            throw new IllegalArgumentException(
                    Problems.quote(address.getHostAddress()) + " cannot be the address of a tunnel");
        }
    }

    static TunAddress parse(String text) {
        return new TunAddress(Cidr.parse(text));
    }

    /** Whether every host bit is 0, or (IPv4) every one is 1: the network's own or its broadcast address. */
    boolean isReserved() {
        byte[] bytes = cidr.address().getAddress();
        int width = bytes.length * Byte.SIZE;
        // RFC 3021: a 31-bit prefix has two hosts and no reserved addresses; a 32-bit one has no host bits.
        if (width - cidr.prefixLength() < 2) {
            return false;
        }
        boolean zeros = true;
        boolean ones = !cidr.isIpv6();
        for (int bit = cidr.prefixLength(); bit < width; bit++) {
            boolean set = (bytes[bit >> 3] >> (7 - (bit & 7)) & 1) == 1;
            zeros &= !set;
            ones &= set;
        }
        return zeros || ones;
    }

    @Override
    public String toString() {
        return cidr.toString();
    }
}
