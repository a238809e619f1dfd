package io.mpquic.quic.sim;

import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;

/** What can be attached to a {@link SimulatedNetwork}: datagrams and time go in, datagrams and a deadline come out. */
public interface SimulatedNode {
    /**
     * A datagram has arrived.
     *
     * @param datagram the payload; its memory is overwritten after the call
     * @param from the sender as the network shows it
     */
    void receive(MemorySegment datagram, InetSocketAddress from, long nowNs);

    /**
     * Writes the next datagram to the start of {@code out}.
     *
     * @return its length in bytes, or 0 when there is none to send now
     */
    int transmit(MemorySegment out, long nowNs);

    /**
     * A datagram has arrived, and this is the ECN codepoint of its IP header. Where it does not matter, {@link
     * #receive(MemorySegment, InetSocketAddress, long)} suffices.
     */
    default void receive(MemorySegment datagram, InetSocketAddress from, int ecn, long nowNs) {
        receive(datagram, from, nowNs);
    }

    /** The ECN codepoint of the datagram of the last {@link #transmit}. */
    default int transmitEcn() {
        return 0;
    }

    /** Where the datagram of the last {@link #transmit} goes. */
    InetSocketAddress transmitTo();

    /** When {@link #onTimeout} is wanted; {@link Long#MAX_VALUE} for never. */
    long nextTimeoutNs();

    /** The deadline has passed. The node must move its deadline beyond {@code nowNs} or send something. */
    void onTimeout(long nowNs);
}
