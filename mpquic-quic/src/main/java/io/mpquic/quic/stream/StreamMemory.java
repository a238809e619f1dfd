package io.mpquic.quic.stream;

/**
 * How much memory streams may come to take. Windows begin as {@link StreamLimits} say. While a reader keeps up, and the
 * sender uses up half of a window within two round trips, it doubles: the path carries more than it lets pass (RFC 9000
 * §4.2 leaves the size to the receiver).
 *
 * @param streamWindow up to how many bytes the window of a stream grows: 0 to 2^30; one that is larger at first stays
 * @param connectionWindow up to how many bytes the window of all streams together grows: 0 to 2^30; one that is larger at
 *     first stays
 * @param sendBuffer how many bytes of a stream were written and are not acknowledged at most: 1 to 2^30
 */
public record StreamMemory(long streamWindow, long connectionWindow, long sendBuffer) {
    /** Twice what is under way at 100 Mbit/s and 600 ms: half of a window is news that is still on its way. */
    private static final long FOR_A_LONG_PATH = 16L << 20;
    /** A buffer is one array. */
    private static final long MOST = 1L << 30;

    /** 16 MiB for a stream to receive and to send, 24 MiB to receive on all together. */
    public static final StreamMemory DEFAULT =
            new StreamMemory(FOR_A_LONG_PATH, FOR_A_LONG_PATH * 3 / 2, FOR_A_LONG_PATH);

    /** Checks the ranges. */
    public StreamMemory {
        if (streamWindow < 0 || streamWindow > MOST || connectionWindow < 0 || connectionWindow > MOST) {
            throw new IllegalArgumentException("windows of " + streamWindow + " and " + connectionWindow + " bytes");
        }
        if (sendBuffer < 1 || sendBuffer > MOST) {
            throw new IllegalArgumentException("a send buffer of " + sendBuffer + " bytes");
        }
    }

    /** Windows that stay as they are at first, and the default to send. */
    public static StreamMemory fixedWindows() {
        return new StreamMemory(0, 0, FOR_A_LONG_PATH);
    }
}
