package io.mpquic.dataplane.agent;

import io.mpquic.dataplane.DropCause;
import io.mpquic.dataplane.forward.IpPacket;
import io.mpquic.dataplane.forward.MssClamp;
import io.mpquic.dataplane.forward.PacketTooBig;
import io.mpquic.dataplane.ring.Doorbell;
import io.mpquic.dataplane.ring.PacketRing;
import io.mpquic.quic.io.ReceiveBuffers;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Takes packets from the peer to the ring of the TUN writer, where they lie already: UDP payloads are received into the
 * ring's slots and decrypted there.
 *
 * <p>A UDP payload with one packet in it, which is the usual one, is queued by handing over its slot. One with several
 * packets is copied, each into a slot of its own. Which it is shows only at the payload's end, so the first packet is
 * remembered until then.
 *
 * <p>The worker's thread.
 */
final class Inbound implements ReceiveBuffers {
    private final PacketRing ring;
    private final Doorbell writerBell;
    private final Tally tally;
    private final boolean clampSegmentSize;
    private final PacketTooBig packetTooBig = new PacketTooBig();
    private final MemorySegment answer = Arena.ofAuto().allocate(PacketTooBig.MAX_ANSWER_BYTES);
    private boolean firstWaits;
    private boolean several;
    private long firstOffset;
    private int firstLengthBytes;
    private boolean queued;
    private long nowNs;

    Inbound(PacketRing ring, Doorbell writerBell, Tally tally, boolean clampSegmentSize) {
        this.ring = ring;
        this.writerBell = writerBell;
        this.tally = tally;
        this.clampSegmentSize = clampSegmentSize;
    }

    /** Says what time it is, before packets come. */
    void now(long timeNs) {
        nowNs = timeNs;
    }

    @Override
    public MemorySegment acquire() {
        return ring.claimedView();
    }

    @Override
    public void release() {
        if (firstWaits) {
            committed(ring.commitInView((int) firstOffset, firstLengthBytes, nowNs));
        }
        firstWaits = false;
        several = false;
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
        if (lengthBytes == 0 || lengthBytes > ring.packetCapacityBytes()) {
            tally.drop(DropCause.RECEIVE_NOT_IP);
            return;
        }
        if (clampSegmentSize
                && carrier.isPathMtuSettled()
                && MssClamp.clamp(buffer, offset, lengthBytes, carrier.maxPacketBytes())) {
            tally.count(Counter.CLAMPED_SEGMENT_SIZES, 1);
        }
        MemorySegment claimed = ring.claimedView();
        boolean inPlace = buffer.equals(claimed);
        if (inPlace && !firstWaits && !several) {
            firstWaits = true;
            firstOffset = offset;
            firstLengthBytes = lengthBytes;
            return;
        }
        if (firstWaits) {
            committed(ring.copyAndCommit(claimed, firstOffset, firstLengthBytes, nowNs));
            firstWaits = false;
        }
        several |= inPlace;
        committed(ring.copyAndCommit(buffer, offset, lengthBytes, nowNs));
    }

    /** Tells a sender on this host that its packet does not fit, when it may be told. */
    void answerTooBig(MemorySegment packet, long offset, int lengthBytes, int maxPacketBytes, long timeNs) {
        int answerBytes = packetTooBig.answer(packet, offset, lengthBytes, maxPacketBytes, answer, 0, timeNs);
        if (answerBytes > 0) {
            tally.count(Counter.ICMP_ANSWERS, 1);
            committed(ring.copyAndCommit(answer, 0, answerBytes, timeNs));
        }
    }

    /** Wakes the writer when something was queued since the last call: once a batch, not once a packet. */
    void flush() {
        if (queued) {
            queued = false;
            writerBell.press();
        }
    }

    private void committed(boolean nothingDropped) {
        queued = true;
        if (!nothingDropped) {
            tally.drop(DropCause.RECEIVE_QUEUE_FULL);
        }
    }
}
