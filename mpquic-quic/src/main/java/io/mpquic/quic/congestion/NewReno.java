package io.mpquic.quic.congestion;

/**
 * The controller of RFC 9002 §7: the window is halved once each round trip that sees loss, and grows by one datagram each
 * round trip that does not.
 *
 * <p>Not thread-safe: one thread uses it.
 */
public final class NewReno extends LossBased {
    private long avoidanceAckedBytes;

    /**
     * A controller in slow start.
     *
     * @param maxDatagramBytes the largest UDP payload now, at least 1200
     */
    public NewReno(int maxDatagramBytes) {
        super(maxDatagramBytes);
    }

    @Override
    long avoidanceWindowBytes(int bytes, long nowNs) {
        // RFC 9002 §7.3.3: at most one datagram for each window acknowledged. Counting bytes keeps the division out.
        long windowBytes = windowBytes();
        avoidanceAckedBytes += bytes;
        if (avoidanceAckedBytes < windowBytes) {
            return windowBytes;
        }
        avoidanceAckedBytes -= windowBytes;
        return windowBytes + maxDatagramBytes();
    }

    @Override
    long reducedWindowBytes() {
        // RFC 9002 §7.3.2: a half.
        avoidanceAckedBytes = 0;
        return windowBytes() / 2;
    }

    @Override
    void forget() {
        avoidanceAckedBytes = 0;
    }
}
