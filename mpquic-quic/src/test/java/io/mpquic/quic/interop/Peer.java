package io.mpquic.quic.interop;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A QUIC endpoint of some make, as the tests drive it: a server that sends datagrams and the bytes of streams back, or a
 * client that has them sent back. Addresses are on loopback.
 */
interface Peer {
    String ALPN = "mpquic-ip";

    /** More than any exchange here takes, on a machine that does something else as well. */
    Duration PATIENCE = Duration.ofSeconds(60);

    /** What a client does in the middle, between two exchanges. */
    enum Action {
        NONE,
        /** Leaves, and comes back with the session of its first connection. */
        RESUME,
        /** Takes new packet protection keys (RFC 9001 §6). */
        UPDATE_KEYS,
        /** Goes on from {@link #NEW_ADDRESS} (RFC 9000 §9). */
        MOVE
    }

    /** Where a client goes to, from 127.0.0.1. */
    String NEW_ADDRESS = "127.0.0.2";

    /**
     * What a client is to do.
     *
     * @param own certificate to show to a server that asks; null: none
     * @param datagrams how many to have sent back
     * @param streamBytes how many to have sent back on a bidirectional stream; 0: no stream
     */
    record Task(
            TestCertificate trusted, @Nullable TestCertificate own, int datagrams, int streamBytes, Action action) {}

    /**
     * Starts a server that sends everything back.
     *
     * @param retry whether clients must prove their address first (RFC 9000 §8.1.2)
     * @param clientAuthority whose certificates clients must show; null: none is asked for
     */
    Server serve(TestCertificate own, boolean retry, @Nullable TestCertificate clientAuthority) throws IOException;

    /**
     * Connects, has everything sent back, and closes with application error 0. Throws when something did not come back,
     * or came back altered.
     */
    Report connect(InetSocketAddress server, Task task) throws IOException;

    /** Connects, sends {@code count} datagrams of many sizes, waits for their echoes and closes. */
    default Report connect(InetSocketAddress server, TestCertificate trusted, @Nullable TestCertificate own, int count)
            throws IOException {
        return connect(server, new Task(trusted, own, count, 0, Action.NONE));
    }

    /** A server at work. */
    interface Server extends AutoCloseable {
        InetSocketAddress address();

        /** What the first client did, once it has gone; with the next call what the second did. */
        Report awaitClientGone() throws IOException;

        /** Ends the server and its connections. */
        @Override
        void close();
    }

    /**
     * How a connection went, as one side saw it.
     *
     * @param alpn the protocol that both agreed on
     * @param resumed whether the handshake continued an earlier session
     * @param received different datagrams that came intact
     * @param corrupt datagrams that came with a wrong checksum
     * @param close how it ended
     */
    record Report(String alpn, boolean resumed, int received, int corrupt, Close close) {
        Report(String alpn, int received, int corrupt, Close close) {
            this(alpn, false, received, corrupt, close);
        }
    }

    /** How a connection ended. */
    record Close(boolean byPeer, boolean application, long errorCode) {
        /** With what a client closes when it has all its echoes. */
        static final String REASON = "done";

        static final Close DONE_BY_PEER = new Close(true, true, 0);
        static final Close DONE_HERE = new Close(false, true, 0);
    }
}
