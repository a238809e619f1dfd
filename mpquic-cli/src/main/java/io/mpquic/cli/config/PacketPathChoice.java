package io.mpquic.cli.config;

/**
 * What the packets may pass through. What a host does not have is left out by itself: each choice is only for who wants to
 * go without it.
 *
 * @param crypto which library protects packets
 * @param linuxSocket a UDP socket of our own, not the one of the JDK
 * @param udpSegmentation whether the kernel cuts batches into datagrams (GSO)
 * @param udpCoalescing whether the kernel joins datagrams that come (GRO)
 * @param tunOffload whether the TUN device takes and gives several packets at once
 */
public record PacketPathChoice(
        Crypto crypto, boolean linuxSocket, boolean udpSegmentation, boolean udpCoalescing, boolean tunOffload) {}
