package io.mpquic.tun;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;

/**
 * An IP address with the length of its network prefix, such as {@code 10.200.1.1/30} or {@code fd00::1/64}. Bits behind
 * the prefix may be set: it is an address on a network, not only a network.
 *
 * @param address an IPv4 address, or an IPv6 address without a scope
 * @param prefixLength in bits: 0 to 32 for IPv4, 0 to 128 for IPv6
 */
public record Cidr(InetAddress address, int prefixLength) {
    private static final String OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";
    // Four decimal numbers. Java also reads "10.1" and octal ones, which nobody means in a configuration.
    private static final Pattern IPV4 = Pattern.compile(OCTET + "(\\." + OCTET + "){3}");
    private static final Pattern IPV6 = Pattern.compile("[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");
    private static final Pattern PREFIX = Pattern.compile("0|[1-9][0-9]{0,2}");

    /**
     * Checks the length, and drops the scope of an IPv6 address.
     *
     * @throws IllegalArgumentException when the length does not fit the address
     */
    public Cidr {
        address = withoutScope(address);
        int addressBits = address.getAddress().length * Byte.SIZE;
        if (prefixLength < 0 || prefixLength > addressBits) {
            throw new IllegalArgumentException(
                    "prefix length " + prefixLength + " is not between 0 and " + addressBits);
        }
    }

    /**
     * Reads {@code ADDRESS/LENGTH}. Host names, scopes, abbreviated or octal IPv4 addresses and IPv4-mapped addresses
     * are refused. Nothing is looked up.
     *
     * @throws IllegalArgumentException with a message for the operator, when the text is anything else
     */
    public static Cidr parse(String text) {
        int slash = text.indexOf('/');
        if (slash < 0) {
            throw refused(text, "the prefix length is missing, as in 10.200.1.1/30");
        }
        InetAddress address = parseAddress(text, text.substring(0, slash));
        String prefix = text.substring(slash + 1);
        if (!PREFIX.matcher(prefix).matches()) {
            throw refused(text, "the prefix length \"" + prefix + "\" is not a decimal number");
        }
        try {
            return new Cidr(address, Integer.parseInt(prefix));
        } catch (IllegalArgumentException e) {
            throw refused(text, String.valueOf(e.getMessage()));
        }
    }

    /** Whether it is an IPv6 address. */
    public boolean isIpv6() {
        return address instanceof Inet6Address;
    }

    /** Whether {@code other} is on the same network. An address of the other family is not. */
    public boolean contains(InetAddress other) {
        byte[] mine = address.getAddress();
        byte[] theirs = other.getAddress();
        if (mine.length != theirs.length) {
            return false;
        }
        for (int i = 0; i < mine.length; i++) {
            if (((mine[i] ^ theirs[i]) & maskByte(i)) != 0) {
                return false;
            }
        }
        return true;
    }

    /** The mask of the prefix as an address, such as 255.255.255.252. */
    public InetAddress netmask() {
        byte[] mask = new byte[address.getAddress().length];
        for (int i = 0; i < mask.length; i++) {
            mask[i] = (byte) maskByte(i);
        }
        return ofBytes(mask);
    }

    @Override
    public String toString() {
        return address.getHostAddress() + "/" + prefixLength;
    }

    private int maskByte(int index) {
        int bits = Math.clamp(prefixLength - (long) index * Byte.SIZE, 0, Byte.SIZE);
        return 0xff << (Byte.SIZE - bits) & 0xff;
    }

    private static InetAddress parseAddress(String text, String address) {
        if (IPV4.matcher(address).matches()) {
            return Inet4Address.ofLiteral(address);
        }
        if (!IPV6.matcher(address).matches()) {
            throw refused(text, "\"" + address + "\" is neither an IPv4 nor an IPv6 address");
        }
        InetAddress parsed;
        try {
            parsed = Inet6Address.ofLiteral(address);
        } catch (IllegalArgumentException e) {
            throw refused(text, "\"" + address + "\" is not an IPv6 address");
        }
        if (parsed instanceof Inet4Address) {
            throw refused(text, "write the IPv4-mapped address as the IPv4 address " + parsed.getHostAddress());
        }
        return parsed;
    }

    private static InetAddress withoutScope(InetAddress address) {
        return address instanceof Inet6Address ? ofBytes(address.getAddress()) : address;
    }

    private static InetAddress ofBytes(byte[] bytes) {
        try {
            // A mask of 96 to 127 bits never looks IPv4-mapped: its first bits are ones.
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address has 4 or 16 bytes", e);
        }
    }

    private static IllegalArgumentException refused(String text, String why) {
        return new IllegalArgumentException("\"" + text + "\": " + why);
    }
}
