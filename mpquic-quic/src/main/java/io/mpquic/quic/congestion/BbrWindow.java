package io.mpquic.quic.congestion;

/** The window of BBR: it grows by what is acknowledged, up to what the model wants and the bounds allow. */
final class BbrWindow {
    private static final int MIN_WINDOW_DATAGRAMS = 4;

    private int maxDatagramBytes;
    private double bytes;
    private boolean untouched = true;
    private double savedBytes;

    BbrWindow(int maxDatagramBytes) {
        this.maxDatagramBytes = LossBased.checked(maxDatagramBytes);
        bytes = LossBased.initialWindowBytes(maxDatagramBytes);
    }

    /** From now on the size of the window follows from what became of packets. */
    void touch() {
        untouched = false;
    }

    /** A new path. */
    void reset() {
        bytes = LossBased.initialWindowBytes(maxDatagramBytes);
        untouched = true;
    }

    /**
     * An ACK frame is done with.
     *
     * @param rate what it acknowledges, and what was delivered ever
     * @param targetBytes what the model wants
     * @param capBytes what the bounds allow
     * @param full whether the path's rate is known: before that, the window does not shrink to the model's wish
     */
    void update(DeliveryRate rate, double targetBytes, double capBytes, boolean full) {
        if (full) {
            bytes = Math.min(bytes + rate.ackedBytes(), targetBytes);
        } else if (bytes < targetBytes || rate.deliveredBytes() < LossBased.initialWindowBytes(maxDatagramBytes)) {
            bytes += rate.ackedBytes();
        }
        bytes = Math.max(Math.min(bytes, capBytes), minimumBytes());
    }

    /** Remembers the window as it is. */
    void save() {
        savedBytes = bytes;
    }

    /** Takes the remembered window again, if it is the larger one. */
    void restore() {
        bytes = Math.max(bytes, savedBytes);
    }

    void shrinkToMinimum() {
        bytes = minimumBytes();
    }

    void onMaxDatagramSize(int datagramBytes) {
        maxDatagramBytes = LossBased.checked(datagramBytes);
        bytes = untouched ? LossBased.initialWindowBytes(datagramBytes) : Math.max(bytes, minimumBytes());
    }

    int maxDatagramBytes() {
        return maxDatagramBytes;
    }

    double minimumBytes() {
        return (double) MIN_WINDOW_DATAGRAMS * maxDatagramBytes;
    }

    double bytes() {
        return bytes;
    }

    /** Whether another datagram would not fit into the window with so much in flight. */
    boolean isFull(long bytesInFlight) {
        return bytesInFlight + maxDatagramBytes > bytes;
    }
}
