package io.mpquic.quic.sim;

/**
 * The slowest part of a path, with a queue that drops what it cannot hold.
 *
 * @param rateBitsPerSecond its rate; {@link #UNLIMITED} for none, and then no queue
 * @param queueBytes what can wait, the datagram under transmission included, 1 to 10^9
 * @param queueDatagrams how many can wait, the one under transmission included, 1 or more
 * @param markAboveBytes above this queue, datagrams that can be marked are marked as Congestion Experienced
 */
public record Bottleneck(long rateBitsPerSecond, int queueBytes, int queueDatagrams, int markAboveBytes) {
    /** A rate without limit. */
    public static final long UNLIMITED = 0;

    static final int LARGEST_QUEUE_BYTES = 1_000_000_000;
    static final Bottleneck NONE = new Bottleneck(UNLIMITED, LARGEST_QUEUE_BYTES, Integer.MAX_VALUE, Integer.MAX_VALUE);

    private static final long NS_PER_SECOND = 1_000_000_000;

    public Bottleneck {
        if (rateBitsPerSecond < 0 || queueDatagrams < 1 || markAboveBytes < 0) {
            throw new IllegalArgumentException("a rate and a queue are not negative");
        }
        if (queueBytes < 1 || queueBytes > LARGEST_QUEUE_BYTES) {
            throw new IllegalArgumentException("queue of " + queueBytes + " bytes");
        }
    }

    boolean isUnlimited() {
        return rateBitsPerSecond == UNLIMITED;
    }

    /** How long so many bytes take. */
    long transmissionNs(long bytes) {
        return Math.ceilDiv(8 * bytes * NS_PER_SECOND, rateBitsPerSecond);
    }
}
