package io.mpquic.quic.recovery;

import static io.mpquic.quic.recovery.RecoveryBench.APPLICATION;
import static io.mpquic.quic.recovery.RecoveryBench.HANDSHAKE;
import static io.mpquic.quic.recovery.RecoveryBench.MS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.mpquic.quic.wire.TransportException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A process that is stopped, or whose clock leaps, and the round trips that it measures. */
class StandstillTest {
    private static final long HOUR_MS = 3_600_000;

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theFirstRoundTripOfAProcessThatStoodStillForAnHourIsNone(boolean timersFirst) throws TransportException {
        RecoveryBench bench = new RecoveryBench(true);
        long usualNs = bench.recovery.ptoNs(APPLICATION);
        bench.send(HANDSHAKE, 0, 0);
        if (timersFirst) {
            bench.recovery.onTimeout(HOUR_MS * MS);
        }
        bench.ack(HANDSHAKE, HOUR_MS, 0);
        assertFalse(bench.rtt.hasSample());
        assertEquals(usualNs, bench.recovery.ptoNs(APPLICATION));
        assertEquals("[H0]", bench.acked.toString(), "it is acknowledged all the same");
    }

    @Test
    void whatIsSentAfterwardsIsMeasuredAgain() throws TransportException {
        RecoveryBench bench = RecoveryBench.confirmed();
        bench.send(APPLICATION, 1, 200);
        bench.recovery.onTimeout(HOUR_MS * MS);
        bench.send(APPLICATION, 2, HOUR_MS);
        bench.ack(APPLICATION, HOUR_MS + 1, 1);
        assertEquals(100 * MS, bench.rtt.latestNs());
        bench.ack(APPLICATION, HOUR_MS + 60, 2);
        assertEquals(60 * MS, bench.rtt.latestNs());
    }

    @Test
    void aPathThatIsSlowIsMeasuredWhereTheProcessIsPunctual() throws TransportException {
        RecoveryBench bench = new RecoveryBench(true);
        bench.send(HANDSHAKE, 0, 0);
        while (bench.timeoutMs() < 5_000) {
            bench.recovery.onTimeout(bench.recovery.timeoutNs());
        }
        bench.ack(HANDSHAKE, 5_000, 0);
        assertEquals(5_000 * MS, bench.rtt.latestNs());
    }

    @Test
    void aProcessThatIsLateByHalfASecondHasOnlyBeenBusy() throws TransportException {
        RecoveryBench bench = RecoveryBench.confirmed();
        bench.send(APPLICATION, 1, 200);
        long lateMs = bench.timeoutMs() + 500;
        bench.ack(APPLICATION, lateMs, 1);
        assertEquals((lateMs - 200) * MS, bench.rtt.latestNs());
    }
}
