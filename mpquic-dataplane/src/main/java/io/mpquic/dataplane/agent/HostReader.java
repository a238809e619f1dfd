package io.mpquic.dataplane.agent;

import io.mpquic.dataplane.DropCause;
import io.mpquic.dataplane.forward.Segmenter;
import io.mpquic.dataplane.ring.PacketRing;
import io.mpquic.tun.SegmentOffload;
import io.mpquic.tun.TunDevice;
import io.mpquic.tun.VirtioHeader;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Takes what the host sends from the TUN device to the ring: packet by packet, or super-packets that are cut on the way,
 * where the device has them. The worker's thread.
 */
final class HostReader {
    private final TunDevice tun;
    private final PacketRing ring;
    private final Tally tally;
    private final Consumer<IOException> onGone;
    private final @Nullable SegmentOffload offload;
    private final Segmenter segmenter = new Segmenter();
    /** Holds what is being cut. */
    private final MemorySegment uncut;

    private boolean switchedOn;

    /**
     * Joins a device and a ring.
     *
     * @param onGone hears that the device is gone: no new session can help that
     */
    HostReader(TunDevice tun, PacketRing ring, Tally tally, Consumer<IOException> onGone) {
        this.tun = tun;
        this.ring = ring;
        this.tally = tally;
        this.onGone = onGone;
        offload = tun.offload();
        uncut = offload == null ? MemorySegment.NULL : Arena.ofAuto().allocate(SegmentOffload.MAX_BYTES, Long.BYTES);
    }

    TunDevice tun() {
        return tun;
    }

    /**
     * Takes what waits. When the ring is full, its oldest packets go: the device is read whatever the path does, or what
     * waits in the kernel would be as old as the whole pause.
     *
     * @param maxPackets after about how many to stop, so that the rest of the worker has its turn
     * @return whether more may wait
     */
    boolean pull(int maxPackets, long nowNs) {
        try {
            int taken = 0;
            while (taken < maxPackets) {
                int packets = offload == null ? pullOne(nowNs) : pullSuper(offload, nowNs);
                if (packets == 0) {
                    return false;
                }
                taken += packets;
            }
            return true;
        } catch (IOException e) {
            onGone.accept(e);
            return false;
        }
    }

    /** Takes one packet; returns how many packets it was, 0 when none waits. */
    private int pullOne(long nowNs) throws IOException {
        int lengthBytes = tun.read(ring.memory(), ring.claimedOffset(), ring.packetCapacityBytes());
        if (lengthBytes > 0) {
            commit(lengthBytes, nowNs);
        }
        return lengthBytes > 0 ? 1 : 0;
    }

    /** Takes one super-packet; returns how many packets it was, 0 when none waits. */
    private int pullSuper(SegmentOffload from, long nowNs) throws IOException {
        if (!switchedOn) {
            from.switchOn();
            switchedOn = true;
        }
        int lengthBytes = from.read(uncut, 0, SegmentOffload.MAX_BYTES);
        if (lengthBytes == 0) {
            return 0;
        }
        if (!segmenter.begin(uncut, 0, lengthBytes)) {
            tally.count(Counter.FROM_HOST_PACKETS, Counter.FROM_HOST_BYTES, lengthBytes - VirtioHeader.BYTES);
            tally.drop(DropCause.SEND_NOT_IP);
            return 1;
        }
        int packets = 0;
        while (segmenter.hasNext()) {
            if (segmenter.nextLengthBytes() > ring.packetCapacityBytes()) {
                pullBeginning(nowNs);
                return packets + 1;
            }
            commit(segmenter.next(ring.memory(), ring.claimedOffset()), nowNs);
            packets++;
        }
        return packets;
    }

    /** The device's MTU was raised since: the beginning of a packet that is too long is enough to tell its sender. */
    private void pullBeginning(long nowNs) {
        segmenter.end();
        int lengthBytes = ring.packetCapacityBytes();
        MemorySegment.copy(uncut, VirtioHeader.BYTES, ring.memory(), ring.claimedOffset(), lengthBytes);
        commit(lengthBytes, nowNs);
    }

    private void commit(int lengthBytes, long nowNs) {
        tally.count(Counter.FROM_HOST_PACKETS, Counter.FROM_HOST_BYTES, lengthBytes);
        if (!ring.commit(lengthBytes, nowNs)) {
            tally.drop(DropCause.SEND_QUEUE_FULL);
        }
    }
}
