package io.mpquic.dataplane;

/**
 * What the packets of a tunnel pass through, as it turned out on this host. {@link UdpOptions} and the device's own options
 * say what was wished for.
 *
 * @param crypto the library that protects packets, for example {@code libcrypto}
 * @param linuxSocket whether the UDP socket is one of our own, and not one of the JDK
 * @param udpSegmentation whether the kernel cuts batches into datagrams (GSO)
 * @param udpCoalescing whether the kernel joins datagrams that come (GRO)
 * @param tunOffload whether the TUN device takes and gives several packets at once
 * @param receiveBufferBytes of the UDP socket, as the kernel has granted it
 * @param sendBufferBytes of the UDP socket, as the kernel has granted it
 */
public record PacketPath(
        String crypto,
        boolean linuxSocket,
        boolean udpSegmentation,
        boolean udpCoalescing,
        boolean tunOffload,
        int receiveBufferBytes,
        int sendBufferBytes) {}
