package io.mpquic.quic.congestion;

/**
 * The round trips that BBR counts by, and what the present one has shown: a round is over when a packet is acknowledged
 * that was sent after the round began.
 */
final class BbrRound {
    private long endsDelivered;
    private boolean starts;
    private int losses;
    private boolean marked;
    private double bytesPerSecond;
    private double flightBytes;

    /** An ACK frame gave a sample: is it the first one of a new round? */
    void onSample(DeliveryRate rate) {
        starts = rate.sampleDeliveredThen() >= endsDelivered;
        if (starts) {
            endsDelivered = rate.deliveredBytes();
        }
    }

    /** Counts the sample in; what the round has shown until now was judged before. */
    void measure(DeliveryRate rate) {
        double sample = rate.sampleBytesPerSecond();
        bytesPerSecond = starts ? sample : Math.max(bytesPerSecond, sample);
        flightBytes = starts ? rate.sampleBytes() : Math.max(flightBytes, (double) rate.sampleBytes());
    }

    /** Begins a round here, with what is sent from now on. */
    void restart(DeliveryRate rate) {
        endsDelivered = rate.deliveredBytes();
    }

    void onLoss() {
        losses++;
    }

    void onMark() {
        marked = true;
    }

    /** The ACK frame is done with. */
    void endAck() {
        if (starts) {
            forgetSignals();
        }
    }

    /** Another path. */
    void reset(DeliveryRate rate) {
        forgetSignals();
        restart(rate);
    }

    private void forgetSignals() {
        losses = 0;
        marked = false;
    }

    /** Whether the last sample began a round. */
    boolean starts() {
        return starts;
    }

    /** How many separate losses the round has seen. */
    int losses() {
        return losses;
    }

    /** Whether a router has marked a packet in the round. */
    boolean isMarked() {
        return marked;
    }

    /** The highest rate of delivery in the round, in bytes each second. */
    double bytesPerSecond() {
        return bytesPerSecond;
    }

    /** The most that was delivered while one of its packets was under way. */
    double flightBytes() {
        return flightBytes;
    }
}
