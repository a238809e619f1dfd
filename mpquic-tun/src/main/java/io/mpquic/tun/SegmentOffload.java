package io.mpquic.tun;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * Super-packets: the host hands out and takes many packets of one flow as one long one, for one system call.
 *
 * <pre>
 *   0                10
 *   | virtio header  | IP header | TCP or UDP header | payload of all packets |
 * </pre>
 *
 * <p>What is read may be one packet of up to the MTU, or up to 64 KB that are to be cut into packets of
 * {@link VirtioHeader#segmentBytes}; its TCP or UDP checksum may be left to be filled in
 * ({@link VirtioHeader#NEEDS_CHECKSUM}). What is written may be the same, in the other direction.
 *
 * <p>Threads: as for the {@link TunDevice} that it belongs to. Reading and writing allocate nothing.
 */
public interface SegmentOffload {
    /** What {@link #read} can need: the virtio header and the longest IP packet. */
    int MAX_BYTES = VirtioHeader.BYTES + 65_535;

    /** Whether the host deals in super-packets of UDP too, besides those of TCP. */
    boolean segmentsUdp();

    /**
     * Lets the host hand out super-packets from now on. Whole packets may still be written with
     * {@link TunDevice#write}; {@link TunDevice#read} is a bug from now on. For the thread that reads. Idempotent.
     *
     * @throws IOException when the device is gone or closed
     */
    void switchOn() throws IOException;

    /**
     * Takes the next virtio header and packet or super-packet that the host sends, without waiting.
     *
     * @param buffer native memory
     * @param capacity how many bytes may be written; below {@link #MAX_BYTES}, a longer one is cut
     * @return the length of both in bytes, or 0 when none waits
     * @throws IOException when the device is gone or closed
     */
    int read(MemorySegment buffer, long offset, int capacity) throws IOException;

    /**
     * Hands a virtio header and a packet or super-packet to the host.
     *
     * @return as {@link TunDevice#write}
     * @throws IOException when the device is gone or closed
     */
    boolean write(IoVector vector) throws IOException;
}
