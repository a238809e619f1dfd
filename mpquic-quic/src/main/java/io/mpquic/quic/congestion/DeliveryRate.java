package io.mpquic.quic.congestion;

import java.util.Arrays;

/**
 * Measures how fast a path delivers. Each moment of sending is remembered with what was delivered by then; when a packet
 * of that moment is acknowledged, what was delivered since, over the time that it took, is a sample.
 *
 * <p>The longer of the time to send and the time to acknowledge counts, so that acknowledgements that come in a heap do
 * not make a path look faster than it is.
 *
 * <p>Not thread-safe. Allocates only while the memory for moments grows, up to {@link #MAX_MOMENTS}.
 */
final class DeliveryRate {
    private static final int FIRST_MOMENTS = 1024;
    /** So many different moments lie in a round trip at most: some four times a wake-up of the pacer each 250 µs for 4 s. */
    private static final int MAX_MOMENTS = 1 << 16;

    private static final double NS_PER_SECOND = 1e9;
    private static final int NONE = -1;

    private long[] sentNs = new long[FIRST_MOMENTS];
    private long[] deliveredThen = new long[FIRST_MOMENTS];
    private long[] deliveredThenNs = new long[FIRST_MOMENTS];
    private long[] flightStartNs = new long[FIRST_MOMENTS];
    private long[] lostThen = new long[FIRST_MOMENTS];
    private long[] inFlightThen = new long[FIRST_MOMENTS];
    private boolean[] limitedThen = new boolean[FIRST_MOMENTS];
    private long first;
    private long end;

    private long deliveredBytes;
    private long deliveredNs;
    private long currentFlightNs;
    private long lostBytes;
    private long newestAckedNs = Long.MIN_VALUE;
    /** Until more than this is delivered, what is sent follows a pause; 0 after it. */
    private long pausedUntilBytes;

    private boolean sampled;
    private long sampleSentNs;
    private long sampleDelivered;
    private long sampleDeliveredNs;
    private long sampleFlightNs;
    private boolean sampleLimited;
    private long ackedBytes;

    /** The application had nothing to send for a while: until what is in flight has left, there are holes in the flow. */
    void onPause(long bytesInFlight) {
        pausedUntilBytes = Math.max(1, deliveredBytes + bytesInFlight);
    }

    /** A packet went out; {@code bytesInFlight} counts it. */
    void onSent(int bytes, long bytesInFlight, long nowNs) {
        if (bytesInFlight <= bytes) {
            // Nothing was in flight: the time before does not belong to the next sample.
            currentFlightNs = nowNs;
            deliveredNs = nowNs;
        }
        if (end > first && sentNs[place(end - 1)] == nowNs) {
            inFlightThen[place(end - 1)] = bytesInFlight;
            return;
        }
        makeRoom();
        int at = place(end++);
        sentNs[at] = nowNs;
        deliveredThen[at] = deliveredBytes;
        deliveredThenNs[at] = deliveredNs;
        flightStartNs[at] = currentFlightNs;
        lostThen[at] = lostBytes;
        inFlightThen[at] = bytesInFlight;
        limitedThen[at] = pausedUntilBytes > 0;
    }

    private void makeRoom() {
        int capacity = sentNs.length;
        if (end - first < capacity) {
            return;
        }
        if (capacity < MAX_MOMENTS && sentNs[place(first)] > newestAckedNs) {
            int start = place(first);
            sentNs = grown(sentNs, start);
            deliveredThen = grown(deliveredThen, start);
            deliveredThenNs = grown(deliveredThenNs, start);
            flightStartNs = grown(flightStartNs, start);
            lostThen = grown(lostThen, start);
            inFlightThen = grown(inFlightThen, start);
            limitedThen = grown(limitedThen, start);
            end -= first;
            first = 0;
        } else {
            first++;
        }
    }

    private static long[] grown(long[] ring, int start) {
        long[] larger = new long[2 * ring.length];
        System.arraycopy(ring, start, larger, 0, ring.length - start);
        System.arraycopy(ring, 0, larger, ring.length - start, start);
        return larger;
    }

    private static boolean[] grown(boolean[] ring, int start) {
        boolean[] larger = new boolean[2 * ring.length];
        System.arraycopy(ring, start, larger, 0, ring.length - start);
        System.arraycopy(ring, 0, larger, ring.length - start, start);
        return larger;
    }

    private int place(long index) {
        return (int) (index & (sentNs.length - 1));
    }

    private int find(long atNs) {
        long low = first;
        long high = end - 1;
        while (low <= high) {
            long middle = (low + high) >>> 1;
            long found = sentNs[place(middle)];
            if (found == atNs) {
                return place(middle);
            }
            if (found < atNs) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return NONE;
    }

    /** A packet was acknowledged; the sample of this ACK frame is that of the newest one. */
    void onAcked(int bytes, long packetSentNs, long nowNs, boolean limited) {
        deliveredBytes += bytes;
        deliveredNs = nowNs;
        ackedBytes += bytes;
        newestAckedNs = Math.max(newestAckedNs, packetSentNs);
        if (deliveredBytes > pausedUntilBytes) {
            pausedUntilBytes = 0;
        }
        if (sampled && packetSentNs <= sampleSentNs) {
            return;
        }
        int at = find(packetSentNs);
        if (at == NONE) {
            return;
        }
        sampled = true;
        sampleSentNs = packetSentNs;
        sampleDelivered = deliveredThen[at];
        sampleDeliveredNs = deliveredThenNs[at];
        sampleFlightNs = flightStartNs[at];
        sampleLimited = limited || limitedThen[at];
        currentFlightNs = packetSentNs;
    }

    /** Packets were lost. */
    void onLost(long bytes) {
        lostBytes += bytes;
    }

    /** How many bytes were in flight when a packet was sent; 0 when that is not known any more. */
    long inFlightAt(long packetSentNs) {
        int at = find(packetSentNs);
        return at == NONE ? 0 : inFlightThen[at];
    }

    /** How many bytes were lost since a packet was sent. */
    long lostSince(long packetSentNs) {
        int at = find(packetSentNs);
        return at == NONE ? 0 : lostBytes - lostThen[at];
    }

    /** Whether the ACK frame gives a sample. */
    boolean hasSample() {
        return sampled;
    }

    /** The rate of the sample, in bytes each second; 0 when it took no time. */
    double sampleBytesPerSecond() {
        long sendNs = sampleSentNs - sampleFlightNs;
        long ackNs = deliveredNs - sampleDeliveredNs;
        long intervalNs = Math.max(sendNs, ackNs);
        return intervalNs <= 0 ? 0 : sampleBytes() * NS_PER_SECOND / intervalNs;
    }

    /** What was delivered between the sending of the sample's packet and its acknowledgement, in bytes. */
    long sampleBytes() {
        return deliveredBytes - sampleDelivered;
    }

    /** What had been delivered when the sample's packet was sent, in bytes. */
    long sampleDeliveredThen() {
        return sampleDelivered;
    }

    /** When the sample's packet was sent. */
    long sampleSentNs() {
        return sampleSentNs;
    }

    /** Whether the application had too little to send. */
    boolean isSampleLimited() {
        return sampleLimited;
    }

    /** What this ACK frame acknowledges, in bytes. */
    long ackedBytes() {
        return ackedBytes;
    }

    /** What was delivered ever, in bytes. */
    long deliveredBytes() {
        return deliveredBytes;
    }

    /** The ACK frame is done with. */
    void endAck() {
        sampled = false;
        ackedBytes = 0;
    }

    /** Another path. */
    void reset() {
        first = end;
        Arrays.fill(sentNs, 0);
        pausedUntilBytes = 0;
        sampled = false;
        ackedBytes = 0;
    }
}
