package io.mpquic.quic.connection;

import java.util.random.RandomGenerator;

/**
 * The latency spin bit of 1-RTT packets (RFC 9000 §17.4): a server repeats the bit of the client's newest packet, a
 * client sends the opposite of the server's, so that an observer sees one change each round trip.
 */
final class SpinBit {
    // RFC 9000 §17.4: so often it is off although it is wanted, so that connections without it are nothing special.
    private static final int OFF_ONE_IN = 16;

    private final boolean client;
    private final RandomGenerator random;
    private final boolean wanted;
    private boolean spinning;
    private boolean value;

    SpinBit(boolean wanted, boolean client, RandomGenerator random) {
        this.wanted = wanted;
        this.client = client;
        this.random = random;
        onPathOrIdChanged();
    }

    /**
     * Another path, or another connection ID on it. RFC 9000 §17.4: the bit starts at 0 again, and each is a new chance
     * to be off; then the value is random, the same for all packets to one ID.
     */
    void onPathOrIdChanged() {
        spinning = wanted && random.nextInt(OFF_ONE_IN) != 0;
        value = !spinning && random.nextBoolean();
    }

    /** The packet with the largest number so far has come. RFC 9000 §17.4: while off, its bit means nothing. */
    void onNewestPacket(boolean spin) {
        if (spinning) {
            value = client != spin;
        }
    }

    boolean value() {
        return value;
    }
}
