package io.mpquic.dataplane.forward;

import io.mpquic.tun.IoVector;
import java.lang.foreign.MemorySegment;

/** A device that takes everything at no cost. */
final class CountingSink implements SuperPacketSink {
    long bytes;

    @Override
    public void packet(MemorySegment buffer, long offset, int lengthBytes) {
        bytes += lengthBytes;
    }

    @Override
    public void superPacket(IoVector vector, int packets, int packetBytes) {
        bytes += vector.lengthBytes();
    }
}
