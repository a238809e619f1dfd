package io.mpquic.quic.io;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;

/**
 * A bound UDP socket that does not block. One thread owns it; only {@link #wakeup} is for others.
 *
 * <p>What the network does to a single datagram is a result, not an exception: an {@link IOException} means that the
 * socket itself is of no more use.
 */
public interface UdpTransport extends AutoCloseable {
    /** What became of a datagram that was to be sent. */
    enum SendStatus {
        /** The system has taken it. */
        SENT,
        /** The send buffer is full: try again after the next {@link UdpTransport#await}. */
        WOULD_BLOCK,
        /** It does not fit the path as far as the system knows it, and must not be fragmented (RFC 9000 §14). */
        TOO_LARGE,
        /** There is no way to this address at the moment. To the sender it is a lost datagram. */
        UNREACHABLE
    }

    /**
     * Receives one datagram, or several of one sender and one size at once, one behind the other. What is longer than {@code
     * capacity} is cut.
     *
     * @param buffer native memory
     * @return the length of all in bytes, 0 included, or -1 when none waits
     * @throws IOException if the socket is closed or broken
     */
    int receive(MemorySegment buffer, long offset, int capacity) throws IOException;

    /** How long each datagram is of those that were received last, in bytes; the last one may be shorter. */
    int lastDatagramBytes();

    /** How much room {@link #receive} needs, in bytes, so that nothing is cut that the path carries. */
    int receiveCapacityBytes();

    /**
     * Who sent the datagram that was received last.
     *
     * @throws IllegalStateException if none was received yet
     */
    InetSocketAddress lastSender();

    /**
     * Sends one datagram without an ECN mark.
     *
     * @throws IOException if the socket is closed or broken
     */
    default SendStatus send(MemorySegment buffer, long offset, int lengthBytes, InetSocketAddress to)
            throws IOException {
        return send(buffer, offset, lengthBytes, lengthBytes, to, 0);
    }

    /**
     * Sends one datagram, or a batch of them that lie one behind the other, all or none, with an ECN codepoint in their IP
     * headers (RFC 3168 §5) if the system can do that.
     *
     * @param buffer native memory
     * @param lengthBytes of all, at most 65,000 when they are several
     * @param datagramBytes the length of each but the last, which may be shorter; at most {@link #maxBatchDatagrams} of them
     * @param codepoint 0 to 3
     * @throws IOException if the socket is closed or broken
     */
    SendStatus send(
            MemorySegment buffer, long offset, int lengthBytes, int datagramBytes, InetSocketAddress to, int codepoint)
            throws IOException;

    /** How many datagrams {@link #send} takes in one call: 1 where the system has no call for several. */
    int maxBatchDatagrams();

    /** The ECN codepoint of the datagram that was received last; 0 where the system does not tell. */
    default int lastCodepoint() {
        return 0;
    }

    /**
     * Waits until a datagram can be received, or, when the last {@link #send} would have blocked, sent; until
     * {@link #wakeup}, an interrupt or the end of the time. It may return early without a reason.
     *
     * @param timeoutNs 0 or less: does not wait; {@link Long#MAX_VALUE}: without limit
     * @throws IOException if the socket is broken
     */
    void await(long timeoutNs) throws IOException;

    /** Ends the wait in {@link #await}, or the next one when there is none. For any thread. */
    void wakeup();

    /** The address that the socket is bound to. Its host can be the wildcard. */
    InetSocketAddress localAddress();

    /** The receive buffer of the system in bytes, which can be less than was asked for. */
    int receiveBufferBytes();

    /** The send buffer of the system in bytes, which can be less than was asked for. */
    int sendBufferBytes();

    @Override
    void close() throws IOException;
}
