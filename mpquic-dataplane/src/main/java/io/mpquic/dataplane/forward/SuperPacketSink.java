package io.mpquic.dataplane.forward;

import io.mpquic.tun.IoVector;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** Where a {@link Coalescer} puts what it has. What is given is to be used before the method returns. */
public interface SuperPacketSink {
    /**
     * One IP packet, as it came.
     *
     * @throws IOException when the device is gone
     */
    void packet(MemorySegment buffer, long offset, int lengthBytes) throws IOException;

    /**
     * A virtio header and several IP packets as one.
     *
     * @param packets how many
     * @param packetBytes their length together, each with its own headers
     * @throws IOException when the device is gone
     */
    void superPacket(IoVector vector, int packets, int packetBytes) throws IOException;
}
