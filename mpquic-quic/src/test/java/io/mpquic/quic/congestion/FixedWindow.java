package io.mpquic.quic.congestion;

/** A window that nothing changes, and no pacing. */
public class FixedWindow implements CongestionController {
    private final int maxDatagramBytes;
    private final long windowBytes;

    /** A window of this size, for ever. */
    public FixedWindow(int maxDatagramBytes, long windowBytes) {
        this.maxDatagramBytes = maxDatagramBytes;
        this.windowBytes = windowBytes;
    }

    @Override
    public void onPacketSent(int bytes, long bytesInFlight, long nowNs) {}

    @Override
    public void onPacketAcked(int bytes, long sentNs, long nowNs, boolean appLimited) {}

    @Override
    public void onPacketsLost(long bytes, long largestLostSentNs, long nowNs) {}

    @Override
    public void onCongestionExperienced(long sentNs, long nowNs) {}

    @Override
    public void onPersistentCongestion(long nowNs) {}

    @Override
    public void reset() {}

    @Override
    public void onMaxDatagramSize(int bytes) {}

    @Override
    public int maxDatagramBytes() {
        return maxDatagramBytes;
    }

    @Override
    public long windowBytes() {
        return windowBytes;
    }

    @Override
    public boolean inSlowStart() {
        return false;
    }

    @Override
    public long pacingBytesPerSecond(long smoothedRttNs) {
        return Long.MAX_VALUE / 2;
    }
}
