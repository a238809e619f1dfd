package io.mpquic.quic.crypto;

import java.lang.foreign.MemorySegment;

/**
 * Seals and opens packets with one key (RFC 9001 §5.3). A key serves one direction. Not thread-safe.
 *
 * <p>The header is authenticated, the payload behind it is encrypted in place, and the tag goes behind the payload:
 *
 * <pre>
 *   headerOffset       + headerLength        + payloadLength       + TAG_BYTES
 *   | header (clear)   | payload             | tag                 |
 *   | authenticated    | encrypted           |                     |
 * </pre>
 *
 * <p>The header is the one without header protection, packet number included.
 */
public interface PacketAead {
    /** Length of the authentication tag of every suite, in bytes (RFC 9001 §5.3). */
    int TAG_BYTES = 16;

    /**
     * Encrypts a payload in place and writes the tag behind it: {@link #sealFrom} where the payload lies behind the header.
     *
     * @throws IllegalStateException if the packet number is not above the last one
     * @throws IndexOutOfBoundsException if header, payload and tag do not fit into the segment
     */
    default void seal(long packetNumber, MemorySegment packet, long headerOffset, int headerLength, int payloadLength) {
        sealFrom(packet, headerOffset + headerLength, payloadLength, packetNumber, packet, headerOffset, headerLength);
    }

    /**
     * Encrypts a payload to its place behind a header, and writes the tag behind it. The payload may lie there already;
     * otherwise the two do not overlap.
     *
     * <p>Packet numbers must rise from call to call: a nonce that is used twice gives away the key of AES-GCM.
     *
     * @param payload native or heap memory that holds the plaintext
     * @param payloadOffset where the plaintext starts
     * @param payloadLength length of the plaintext in bytes
     * @param packetNumber the full packet number, 0 to 2^62 - 1
     * @param packet native or heap memory that holds the header and has room for the rest
     * @param headerOffset where the header starts
     * @param headerLength length of the header in bytes
     * @throws IllegalStateException if the packet number is not above the last one
     * @throws IndexOutOfBoundsException if header, payload and tag do not fit into the segments
     */
    void sealFrom(
            MemorySegment payload,
            long payloadOffset,
            int payloadLength,
            long packetNumber,
            MemorySegment packet,
            long headerOffset,
            int headerLength);

    /**
     * Checks the tag and decrypts a payload in place. The plaintext is {@link #TAG_BYTES} shorter than the ciphertext.
     *
     * @param packetNumber the full packet number, 0 to 2^62 - 1, in any order
     * @param packet native or heap memory that holds the packet
     * @param headerOffset where the header starts
     * @param headerLength length of the header in bytes
     * @param ciphertextLength length of the ciphertext in bytes, tag included
     * @return false when authentication failed; the payload bytes are then undefined
     * @throws IndexOutOfBoundsException if header and ciphertext do not lie within the segment
     */
    boolean open(long packetNumber, MemorySegment packet, long headerOffset, int headerLength, int ciphertextLength);
}
