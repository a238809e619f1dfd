package io.mpquic.dataplane.agent;

import io.mpquic.dataplane.DropCause;
import io.mpquic.dataplane.ring.Doorbell;
import io.mpquic.dataplane.ring.PacketRing;
import io.mpquic.tun.TunDevice;
import java.io.IOException;

/** Reads packets from the TUN device into the ring of the worker. It never waits for the worker. */
final class TunReader implements Lifecycle.Body {
    private final TunDevice tun;
    private final PacketRing ring;
    private final Doorbell workerBell;
    private final Tally tally;
    private final Duty duty;

    TunReader(TunDevice tun, PacketRing ring, Doorbell workerBell, Tally tally, Duty duty) {
        this.tun = tun;
        this.ring = ring;
        this.workerBell = workerBell;
        this.tally = tally;
        this.duty = duty;
    }

    @Override
    public void run() throws IOException {
        while (duty.checkIn()) {
            int lengthBytes = tun.read(ring.memory(), ring.claimedOffset(), ring.packetCapacityBytes());
            if (lengthBytes == 0) {
                tun.await(-1);
                continue;
            }
            tally.count(Counter.FROM_HOST_PACKETS, Counter.FROM_HOST_BYTES, lengthBytes);
            if (!ring.commit(lengthBytes, System.nanoTime())) {
                tally.drop(DropCause.SEND_QUEUE_FULL);
            }
            workerBell.press();
        }
    }
}
