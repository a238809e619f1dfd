package io.mpquic.dataplane.agent;

import io.mpquic.dataplane.DropCause;
import io.mpquic.dataplane.ring.Doorbell;
import io.mpquic.dataplane.ring.PacketRing;
import io.mpquic.tun.TunDevice;
import java.io.IOException;
import java.util.concurrent.locks.LockSupport;

/** Writes packets from the ring of the worker to the TUN device. */
final class TunWriter implements Lifecycle.Body {
    private final TunDevice tun;
    private final PacketRing ring;
    private final Doorbell bell;
    private final Tally tally;
    private final Duty duty;

    /**
     * Creates the writer.
     *
     * @param bell the one that the worker presses; it must unpark the thread that runs this
     */
    TunWriter(TunDevice tun, PacketRing ring, Doorbell bell, Tally tally, Duty duty) {
        this.tun = tun;
        this.ring = ring;
        this.bell = bell;
        this.tally = tally;
        this.duty = duty;
    }

    @Override
    public void run() throws IOException {
        while (duty.checkIn()) {
            if (!ring.poll()) {
                sleep();
                continue;
            }
            int lengthBytes = ring.lengthBytes();
            if (tun.write(ring.memory(), ring.offset(), lengthBytes)) {
                tally.count(Counter.TO_HOST_PACKETS, Counter.TO_HOST_BYTES, lengthBytes);
            } else {
                tally.drop(DropCause.RECEIVE_HOST_REFUSED);
            }
            ring.release();
        }
    }

    private void sleep() {
        bell.arm();
        if (!ring.poll() && duty.checkIn()) {
            LockSupport.park(this);
        }
        bell.disarm();
    }
}
