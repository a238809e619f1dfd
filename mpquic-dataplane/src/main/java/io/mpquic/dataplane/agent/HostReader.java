package io.mpquic.dataplane.agent;

import io.mpquic.dataplane.DropCause;
import io.mpquic.dataplane.ring.PacketRing;
import io.mpquic.tun.TunDevice;
import java.io.IOException;
import java.util.function.Consumer;

/** Takes what the host sends from the TUN device to the ring. The worker's thread. */
final class HostReader {
    private final TunDevice tun;
    private final PacketRing ring;
    private final Tally tally;
    private final Consumer<IOException> onGone;

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
    }

    TunDevice tun() {
        return tun;
    }

    /**
     * Takes what waits. When the ring is full, its oldest packets go: the device is read whatever the path does, or what
     * waits in the kernel would be as old as the whole pause.
     *
     * @param maxPackets after how many to stop, so that the rest of the worker has its turn
     * @return whether more may wait
     */
    boolean pull(int maxPackets, long nowNs) {
        try {
            for (int i = 0; i < maxPackets; i++) {
                int lengthBytes = tun.read(ring.memory(), ring.claimedOffset(), ring.packetCapacityBytes());
                if (lengthBytes == 0) {
                    return false;
                }
                tally.count(Counter.FROM_HOST_PACKETS, Counter.FROM_HOST_BYTES, lengthBytes);
                if (!ring.commit(lengthBytes, nowNs)) {
                    tally.drop(DropCause.SEND_QUEUE_FULL);
                }
            }
            return true;
        } catch (IOException e) {
            onGone.accept(e);
            return false;
        }
    }
}
