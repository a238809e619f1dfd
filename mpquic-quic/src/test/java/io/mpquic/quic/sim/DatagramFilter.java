package io.mpquic.quic.sim;

/** A test's own choice of the datagrams that a link drops. */
@FunctionalInterface
public interface DatagramFilter {
    /**
     * Whether to drop this datagram.
     *
     * @param index how many datagrams the link was handed before this one
     * @param datagram the payload; not to be changed
     */
    boolean drops(long index, byte[] datagram, long nowNs);
}
