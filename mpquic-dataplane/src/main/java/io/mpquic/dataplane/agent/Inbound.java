package io.mpquic.dataplane.agent;

import io.mpquic.dataplane.DropCause;
import io.mpquic.dataplane.forward.Coalescer;
import io.mpquic.dataplane.forward.IpPacket;
import io.mpquic.dataplane.forward.MssClamp;
import io.mpquic.dataplane.forward.PacketTooBig;
import io.mpquic.dataplane.forward.SuperPacketSink;
import io.mpquic.tun.IoVector;
import io.mpquic.tun.SegmentOffload;
import io.mpquic.tun.TunDevice;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Hands packets from the peer to the host, from where they were decrypted: each by itself, or joined where the device takes
 * super-packets. The worker's thread.
 */
final class Inbound implements SuperPacketSink {
    private final TunDevice tun;
    private final Tally tally;
    private final boolean clampSegmentSize;
    private final Consumer<IOException> onGone;
    private final PacketTooBig packetTooBig = new PacketTooBig();
    private final @Nullable SegmentOffload offload;
    private final Coalescer coalescer;
    private final MemorySegment answer = Arena.ofAuto().allocate(PacketTooBig.MAX_ANSWER_BYTES);

    /**
     * Joins a device.
     *
     * @param onGone hears that the device is gone: no new session can help that
     */
    Inbound(TunDevice tun, Tally tally, boolean clampSegmentSize, Consumer<IOException> onGone) {
        this.tun = tun;
        this.tally = tally;
        this.clampSegmentSize = clampSegmentSize;
        this.onGone = onGone;
        offload = tun.offload();
        coalescer = new Coalescer(this, offload != null, offload != null && offload.segmentsUdp());
    }

    /** Counts a packet that belongs to no session. */
    void foreign(int lengthBytes) {
        tally.count(Counter.RECEIVED_PACKETS, Counter.RECEIVED_BYTES, lengthBytes);
        tally.drop(DropCause.RECEIVE_NO_SESSION);
    }

    /**
     * Takes a packet from the peer.
     *
     * @param carrier the session that it came with
     */
    void packet(Carrier carrier, MemorySegment buffer, long offset, int availableBytes) {
        tally.count(Counter.RECEIVED_PACKETS, Counter.RECEIVED_BYTES, availableBytes);
        int lengthBytes = IpPacket.lengthBytes(buffer, offset, availableBytes);
        if (lengthBytes == 0) {
            tally.drop(DropCause.RECEIVE_NOT_IP);
            return;
        }
        if (clampSegmentSize
                && carrier.isPathMtuSettled()
                && MssClamp.clamp(buffer, offset, lengthBytes, carrier.maxPacketBytes())) {
            tally.count(Counter.CLAMPED_SEGMENT_SIZES, 1);
        }
        add(buffer, offset, lengthBytes);
    }

    /** Tells a sender on this host that its packet does not fit, when it may be told. */
    void answerTooBig(MemorySegment packet, long offset, int lengthBytes, int maxPacketBytes, long timeNs) {
        int answerBytes = packetTooBig.answer(packet, offset, lengthBytes, maxPacketBytes, answer, 0, timeNs);
        if (answerBytes > 0) {
            tally.count(Counter.ICMP_ANSWERS, 1);
            add(answer, 0, answerBytes);
            flush();
        }
    }

    private void add(MemorySegment buffer, long offset, int lengthBytes) {
        try {
            coalescer.add(buffer, offset, lengthBytes);
        } catch (IOException e) {
            onGone.accept(e);
        }
    }

    /** Hands over what is left: the memory of the packets is about to be used again. */
    void flush() {
        try {
            coalescer.flush();
        } catch (IOException e) {
            onGone.accept(e);
        }
    }

    @Override
    public void packet(MemorySegment buffer, long offset, int lengthBytes) throws IOException {
        boolean taken = false;
        try {
            taken = tun.write(buffer, offset, lengthBytes);
        } finally {
            handed(taken, 1, lengthBytes);
        }
    }

    @Override
    public void superPacket(IoVector vector, int packets, int packetBytes) throws IOException {
        boolean taken = false;
        try {
            taken = Objects.requireNonNull(offload).write(vector);
        } finally {
            handed(taken, packets, packetBytes);
        }
    }

    private void handed(boolean taken, int packets, int bytes) {
        if (taken) {
            tally.count(Counter.TO_HOST_PACKETS, packets);
            tally.count(Counter.TO_HOST_BYTES, bytes);
        } else {
            tally.drop(DropCause.RECEIVE_HOST_REFUSED, packets);
        }
    }
}
