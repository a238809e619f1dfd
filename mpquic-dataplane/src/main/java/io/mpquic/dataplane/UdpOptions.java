package io.mpquic.dataplane;

/**
 * How the UDP socket of a tunnel is made. Everything that a system lacks is left out by itself; this is for who wants to go
 * without what is there.
 *
 * @param linuxSocket a socket of our own, which sends and takes batches and tells ECN marks; otherwise the one of the JDK
 * @param segmentation whether the kernel cuts batches into datagrams (UDP_SEGMENT); of a socket of our own
 * @param coalescing whether the kernel joins datagrams that come (UDP_GRO); of a socket of our own
 */
public record UdpOptions(boolean linuxSocket, boolean segmentation, boolean coalescing) {
    /** All that the system has; on any other system than Linux, the socket of the JDK. */
    public static UdpOptions fastest() {
        return new UdpOptions("Linux".equals(System.getProperty("os.name")), true, true);
    }

    /** The socket of the JDK: one system call for each datagram. */
    public static UdpOptions channel() {
        return new UdpOptions(false, false, false);
    }
}
