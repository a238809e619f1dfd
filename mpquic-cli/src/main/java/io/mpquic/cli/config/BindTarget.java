package io.mpquic.cli.config;

import io.mpquic.tun.InterfaceName;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/** What the UDP socket of an instance is tied to: the key {@code bind_ip}. */
public sealed interface BindTarget {

    /**
     * A local address; {@code 0.0.0.0} and {@code ::} leave the choice to the routing table. Only the source address is
     * fixed: the routes decide by which interface packets leave.
     *
     * @param address the local address
     */
    record Address(InetAddress address) implements BindTarget {
        @Override
        public String toString() {
            return address.getHostAddress();
        }
    }

    /**
     * An interface: packets leave and come in through it and no other, whatever the routes say.
     *
     * @param name the interface
     */
    record Device(InterfaceName name) implements BindTarget {
        @Override
        public String toString() {
            return PREFIX + name;
        }
    }

    /** What an interface begins with in a configuration file. */
    String PREFIX = "if:";

    /** Reads an address or {@code if:} and the name of an interface. */
    static BindTarget parse(String text) {
        if (text.startsWith(PREFIX)) {
            return new Device(new InterfaceName(text.substring(PREFIX.length()).strip()));
        }
        @Nullable InetAddress address = IpLiteral.parse(text);
        if (address == null) {
            throw new IllegalArgumentException(Problems.quote(text) + " is neither an address nor if:NAME");
        }
        if (address.isMulticastAddress()) {
            throw new IllegalArgumentException(Problems.quote(text) + " is a multicast address");
        }
        return new Address(address);
    }
}
