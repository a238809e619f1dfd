package io.mpquic.dataplane.agent;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;

/** From what kind of address a server can be reached. */
enum Reach {
    IPV4,
    IPV6,
    /** The server has a name, which may have addresses of both families. */
    ANY,
    /** The server is on the link itself, where every interface has an address by itself. */
    LINK;

    /** What it takes to reach a host, given by name or by address. */
    static Reach of(String host) {
        try {
            InetAddress literal = InetAddress.ofLiteral(host);
            if (literal.isLinkLocalAddress()) {
                return LINK;
            }
            return literal instanceof Inet4Address ? IPV4 : IPV6;
        } catch (IllegalArgumentException name) {
            return ANY;
        }
    }

    boolean needsAddress() {
        return this != LINK;
    }

    /** Whether packets to the server may carry this address as their source. */
    boolean isServedBy(InetAddress address) {
        return switch (this) {
            case IPV4 -> address instanceof Inet4Address;
            case IPV6 -> address instanceof Inet6Address;
            case ANY, LINK -> true;
        };
    }
}
