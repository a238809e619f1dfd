package io.mpquic.dataplane.agent;

import io.mpquic.dataplane.DropCause;
import io.mpquic.dataplane.forward.IpPacket;
import io.mpquic.dataplane.forward.MssClamp;
import io.mpquic.dataplane.forward.PacketTooBig;
import io.mpquic.tun.TunDevice;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;

/** Hands packets from the peer to the host, from where they were decrypted. The worker's thread. */
final class Inbound {
    private final TunDevice tun;
    private final Tally tally;
    private final boolean clampSegmentSize;
    private final Consumer<IOException> onGone;
    private final PacketTooBig packetTooBig = new PacketTooBig();
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
        hand(buffer, offset, lengthBytes);
    }

    /** Tells a sender on this host that its packet does not fit, when it may be told. */
    void answerTooBig(MemorySegment packet, long offset, int lengthBytes, int maxPacketBytes, long timeNs) {
        int answerBytes = packetTooBig.answer(packet, offset, lengthBytes, maxPacketBytes, answer, 0, timeNs);
        if (answerBytes > 0) {
            tally.count(Counter.ICMP_ANSWERS, 1);
            hand(answer, 0, answerBytes);
        }
    }

    private void hand(MemorySegment buffer, long offset, int lengthBytes) {
        try {
            if (tun.write(buffer, offset, lengthBytes)) {
                tally.count(Counter.TO_HOST_PACKETS, Counter.TO_HOST_BYTES, lengthBytes);
            } else {
                tally.drop(DropCause.RECEIVE_HOST_REFUSED);
            }
        } catch (IOException e) {
            tally.drop(DropCause.RECEIVE_HOST_REFUSED);
            onGone.accept(e);
        }
    }
}
