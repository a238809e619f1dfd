package io.mpquic.dataplane.forward;

import io.mpquic.dataplane.Packets;
import io.mpquic.tun.VirtioHeader;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;

/** A super-packet of TCP, cut into the slots of an arena, and these joined again: what {@link OffloadBench} measures. */
final class OffloadLoop {
    static final int PACKETS = 48;
    static final int PACKET_BYTES = 1300;

    private static final byte[] TIMESTAMPS = {1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2};
    private static final int HEADER_BYTES = 52;
    private static final int PAYLOAD_BYTES = PACKET_BYTES - HEADER_BYTES;

    private static final int SLOT_BYTES = 2048;

    private final MemorySegment slots = Arena.ofAuto().allocate((long) PACKETS * SLOT_BYTES, 64);
    private final Segmenter segmenter = new Segmenter();
    private final Coalescer coalescer;
    private final MemorySegment whole;

    OffloadLoop(SuperPacketSink sink) {
        coalescer = new Coalescer(sink, true, true);
        byte[] tcp = Packets.tcp(false, 0x10, TIMESTAMPS);
        ByteBuffer upper = ByteBuffer.allocate(tcp.length + PACKETS * PAYLOAD_BYTES);
        upper.put(tcp).put(Packets.payload(PACKETS * PAYLOAD_BYTES, 1));
        byte[] pseudo = Packets.pseudo(false, Packets.TCP, new byte[0]);
        ByteBuffer.wrap(pseudo).putShort(10, (short) upper.capacity());
        upper.putShort(16, (short) ~Packets.checksum(pseudo));
        byte[] packet = Packets.ipv4(0x4000, Packets.TCP, new byte[0], upper.array());
        whole = Arena.ofAuto().allocate(VirtioHeader.BYTES + packet.length);
        VirtioHeader.putSuperPacket(whole, 0, VirtioHeader.GSO_TCPV4, HEADER_BYTES, PAYLOAD_BYTES, 20, 16);
        MemorySegment.copy(packet, 0, whole, ValueLayout.JAVA_BYTE, VirtioHeader.BYTES, packet.length);
    }

    void cut() {
        if (!segmenter.begin(whole, 0, (int) whole.byteSize())) {
            throw new IllegalStateException("refused");
        }
        for (int slot = 0; segmenter.hasNext(); slot++) {
            if (segmenter.next(slots, (long) slot * SLOT_BYTES) != PACKET_BYTES) {
                throw new IllegalStateException("of another length");
            }
        }
    }

    /** Joins what {@link #cut} left in the slots. */
    void join() throws IOException {
        for (int slot = 0; slot < PACKETS; slot++) {
            coalescer.add(slots, (long) slot * SLOT_BYTES, PACKET_BYTES);
        }
        coalescer.flush();
    }
}
