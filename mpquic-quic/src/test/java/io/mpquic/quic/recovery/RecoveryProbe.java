package io.mpquic.quic.recovery;

/** Looks into loss recovery for tests of other packages. */
public final class RecoveryProbe {
    private RecoveryProbe() {}

    /** The bytes of all packets that are marked as in flight, counted one by one. */
    public static long outstandingBytes(LossRecovery recovery) {
        long bytes = 0;
        for (SpaceState state : recovery.spaces.all()) {
            for (long number = state.sent.first(); number < state.sent.end(); number++) {
                if ((state.sent.flags(number) & SentPackets.IN_FLIGHT) != 0) {
                    bytes += state.sent.bytes(number);
                }
            }
        }
        return bytes;
    }

    /** Spoils the account, to show that a check of it can fail. */
    public static void forgetBytes(LossRecovery recovery, int bytes) {
        recovery.spaces.application.bytesInFlight -= bytes;
    }
}
