package io.mpquic.quic.recovery;

import static io.mpquic.quic.recovery.RecoveryBench.APPLICATION;
import static io.mpquic.quic.recovery.RecoveryBench.BYTES;
import static io.mpquic.quic.recovery.RecoveryBench.MS;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mpquic.quic.congestion.FixedWindow;
import io.mpquic.quic.wire.PacketNumberSpace;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ApplicationPauseTest {
    /** Remembers the pauses that it is told of, by what was in flight. */
    private static final class Listening extends FixedWindow {
        private final List<Long> pauses;

        Listening(List<Long> pauses) {
            super(BYTES, 4 * BYTES);
            this.pauses = pauses;
        }

        @Override
        public void onApplicationPause(long bytesInFlight) {
            pauses.add(bytesInFlight);
        }
    }

    private final DeliveryListener deaf = new DeliveryListener() {
        @Override
        public void onPacketAcked(PacketNumberSpace space, long number, @Nullable Object frames, long largestAcked) {}

        @Override
        public void onPacketLost(
                PacketNumberSpace space, long number, @Nullable Object frames, int bytes, boolean mtuProbe) {}

        @Override
        public void onMtuProbeAcked(int bytes) {}
    };

    private final Listening controller = new Listening(new ArrayList<>());
    private final LossRecovery recovery = new LossRecovery(new RttEstimator(), controller, deaf, false);
    private long nextNumber;

    private void send(long nowMs) {
        recovery.onPacketSent(APPLICATION, nextNumber++, BYTES, true, true, false, -1, null, nowMs * MS);
    }

    @Test
    void aSenderThatCouldHaveSentBeforeWasPaused() {
        send(0);
        send(10);
        assertEquals(List.of((long) BYTES), controller.pauses);
    }

    @Test
    void packetsOfOneBurstAreNoPause() {
        send(0);
        send(0);
        send(1);
        assertEquals(List.of(), controller.pauses);
    }

    @Test
    void aFullWindowIsNoPause() {
        for (int i = 0; i < 4; i++) {
            send(0);
        }
        send(100);
        assertEquals(List.of(), controller.pauses);
    }

    @Test
    void waitingForThePacerIsNoPauseButWhatComesAfterItsTurnIs() {
        send(0);
        recovery.onPacingLimited(0);
        send(10);
        assertEquals(List.of(), controller.pauses);
        send(20);
        assertEquals(List.of(2L * BYTES), controller.pauses);
    }
}
