package io.mpquic.dataplane;

import java.net.InetAddress;

/** Through which part of the network a tunnel's UDP packets go. */
public sealed interface Bind {

    /** Wherever the routing table says. */
    static Bind any() {
        return new Any();
    }

    /**
     * From one of this host's addresses. The routing table still chooses the interface: use {@link #device} where packets
     * must not leave through another one.
     */
    static Bind address(InetAddress address) {
        return new Address(address);
    }

    /** Through one interface and no other (SO_BINDTODEVICE), whatever the routing table says. */
    static Bind device(String interfaceName) {
        return new Device(interfaceName);
    }

    /** See {@link Bind#any}. */
    record Any() implements Bind {
        @Override
        public String toString() {
            return "any";
        }
    }

    /** See {@link Bind#address(InetAddress)}. */
    record Address(InetAddress address) implements Bind {
        @Override
        public String toString() {
            return address.getHostAddress();
        }
    }

    /** See {@link Bind#device(String)}. */
    record Device(String interfaceName) implements Bind {
        @Override
        public String toString() {
            return "if:" + interfaceName;
        }
    }
}
