package io.mpquic.dataplane.forward;

import io.mpquic.dataplane.Packets;
import io.mpquic.tun.IoVector;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** The device, as a test sees it. */
final class CollectingSink implements SuperPacketSink {
    /** What came in one call: one packet alone, or a virtio header and several. */
    record Emitted(byte[] bytes, int packets) {}

    final List<Emitted> emitted = new ArrayList<>();
    private final MemorySegment scratch = Arena.ofAuto().allocate(70_000);

    @Override
    public void packet(MemorySegment buffer, long offset, int lengthBytes) {
        emitted.add(new Emitted(Packets.bytes(buffer, offset, lengthBytes), 1));
    }

    @Override
    public void superPacket(IoVector vector, int packets, int packetBytes) {
        emitted.add(new Emitted(Packets.bytes(scratch, 0, vector.copyTo(scratch, 0)), packets));
    }

    /** How many packets each call had. */
    List<Integer> sizes() {
        return emitted.stream().map(Emitted::packets).toList();
    }

    /** All packets as they would go on, super-packets cut as the kernel does it. */
    List<byte[]> packets() {
        List<byte[]> all = new ArrayList<>();
        for (Emitted one : emitted) {
            all.addAll(one.packets() == 1 ? List.of(one.bytes()) : KernelModel.cut(one.bytes()));
        }
        return all;
    }
}
