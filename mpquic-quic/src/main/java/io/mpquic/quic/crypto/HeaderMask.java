package io.mpquic.quic.crypto;

import java.lang.foreign.MemorySegment;

/** Computes header protection masks with one header key (RFC 9001 §5.4). Not thread-safe. */
public interface HeaderMask {
    /** Length of the ciphertext sample that a mask is computed from, in bytes (RFC 9001 §5.4.2). */
    int SAMPLE_BYTES = 16;

    /**
     * The mask for a packet.
     *
     * @param packet native or heap memory that holds the packet
     * @param sampleOffset where the sample of {@link #SAMPLE_BYTES} starts
     * @return the five mask bytes, the first in bits 32 to 39 and the last in bits 0 to 7
     * @throws IndexOutOfBoundsException if the sample does not lie within the segment
     */
    long mask(MemorySegment packet, long sampleOffset);
}
