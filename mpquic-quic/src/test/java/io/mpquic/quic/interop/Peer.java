package io.mpquic.quic.interop;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A QUIC endpoint of some make, as the tests drive it: a server that sends datagrams back, or a client that has them
 * sent back. Addresses are on loopback.
 */
interface Peer {
    String ALPN = "mpquic-ip";

    /** More than any exchange here takes, on a machine that does something else as well. */
    Duration PATIENCE = Duration.ofSeconds(60);

    /**
     * Starts a server that sends each datagram back.
     *
     * @param retry whether clients must prove their address first (RFC 9000 §8.1.2)
     * @param clientAuthority whose certificates clients must show; null: none is asked for
     */
    Server serve(TestCertificate own, boolean retry, @Nullable TestCertificate clientAuthority) throws IOException;

    /**
     * Connects, sends {@code count} datagrams of many sizes, waits for their echoes and closes with application error 0.
     *
     * @param own certificate to show to a server that asks; null: none
     */
    Report connect(InetSocketAddress server, TestCertificate trusted, @Nullable TestCertificate own, int count)
            throws IOException;

    /** A server at work. */
    interface Server extends AutoCloseable {
        InetSocketAddress address();

        /** What the first client did, once it has gone. */
        Report awaitClientGone();

        /** Ends the server and its connections. */
        @Override
        void close();
    }

    /**
     * How a connection went, as one side saw it.
     *
     * @param alpn the protocol that both agreed on
     * @param received different datagrams that came intact
     * @param corrupt datagrams that came with a wrong checksum
     * @param close how it ended
     */
    record Report(String alpn, int received, int corrupt, Close close) {}

    /** How a connection ended. */
    record Close(boolean byPeer, boolean application, long errorCode) {
        /** With what a client closes when it has all its echoes. */
        static final String REASON = "done";

        static final Close DONE_BY_PEER = new Close(true, true, 0);
        static final Close DONE_HERE = new Close(false, true, 0);
    }
}
