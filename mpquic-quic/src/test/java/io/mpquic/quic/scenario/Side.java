package io.mpquic.quic.scenario;

import java.net.InetSocketAddress;

/** One of the two ends of a scenario. */
enum Side {
    CLIENT(new InetSocketAddress("192.0.2.1", 40_000)),
    SERVER(new InetSocketAddress("198.51.100.2", 4433));

    /** The address at which it was attached to the network. */
    final InetSocketAddress home;

    Side(InetSocketAddress home) {
        this.home = home;
    }

    Side other() {
        return this == CLIENT ? SERVER : CLIENT;
    }
}
