package io.mpquic.quic.recovery;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The packets of one space whose fate is open: parallel ring arrays indexed by packet number.
 *
 * <pre>
 *   number   ...  17   18   19   20   21   22  ...
 *   flags    0 0   T    0    T    T    T    0  0 0        T: tracked; 0: done, skipped, or not sent yet
 *                 first                    end
 * </pre>
 *
 * Outside {@code [first, end)} all flags are 0. The capacity is a power of two and grows to span the window, so nothing
 * is allocated once it has reached the size that the path needs.
 */
final class SentPackets {
    static final byte TRACKED = 1;
    static final byte ACK_ELICITING = 2;
    static final byte IN_FLIGHT = 4;
    static final byte MTU_PROBE = 8;
    /** Acknowledged by the ACK frame that is being handled. */
    static final byte ACKED = 16;

    /** Sent on another path than the one in use: it says nothing about this one (RFC 9000 §9.4). */
    static final byte ELSEWHERE = 32;

    /** Sent with an ECN mark. */
    static final byte MARKED = 64;

    private static final int INITIAL_CAPACITY = 64;
    // Beyond this, packets that nobody has to acknowledge are forgotten before the ring grows for their sake.
    private static final int ACK_ONLY_CAPACITY = 1024;

    private byte[] flags = new byte[INITIAL_CAPACITY];
    private int[] bytes = new int[INITIAL_CAPACITY];
    private long[] sentNs = new long[INITIAL_CAPACITY];
    private long[] largestAcked = new long[INITIAL_CAPACITY];
    private @Nullable Object[] frames = new @Nullable Object[INITIAL_CAPACITY];
    private int mask = INITIAL_CAPACITY - 1;
    private long first;
    private long end;

    /** The smallest number that may be tracked. */
    long first() {
        return first;
    }

    /** One more than the largest number that may be tracked. */
    long end() {
        return end;
    }

    /** How many slots the ring needs when this number is added. */
    long spanWith(long packetNumber) {
        return first == end ? 1 : packetNumber - first + 1;
    }

    void add(long number, byte packetFlags, int size, long timeNs, long largestAckedInIt, @Nullable Object content) {
        if (first == end) {
            first = number;
        }
        while (number - first > mask) {
            if (mask + 1 < ACK_ONLY_CAPACITY || !forgetFirstIfAckOnly()) {
                grow();
            }
        }
        int slot = (int) number & mask;
        flags[slot] = (byte) (packetFlags | TRACKED);
        bytes[slot] = size;
        sentNs[slot] = timeNs;
        largestAcked[slot] = largestAckedInIt;
        frames[slot] = content;
        end = number + 1;
    }

    /** The flags of a packet; 0 when it is not tracked. */
    byte flags(long number) {
        return number >= first && number < end ? flags[(int) number & mask] : 0;
    }

    int bytes(long number) {
        return bytes[(int) number & mask];
    }

    long sentNs(long number) {
        return sentNs[(int) number & mask];
    }

    long largestAcked(long number) {
        return largestAcked[(int) number & mask];
    }

    @Nullable Object frames(long number) {
        return frames[(int) number & mask];
    }

    void moveElsewhere(long number) {
        int slot = (int) number & mask;
        flags[slot] = (byte) ((flags[slot] & ~IN_FLIGHT) | ELSEWHERE);
    }

    void markAcked(long number) {
        flags[(int) number & mask] |= ACKED;
    }

    /** Stops tracking a packet. Call {@link #advance} when a series of these is done. */
    void remove(long number) {
        int slot = (int) number & mask;
        flags[slot] = 0;
        frames[slot] = null;
    }

    /** Moves the start of the window over what is no longer tracked. */
    void advance() {
        while (first < end && flags[(int) first & mask] == 0) {
            first++;
        }
    }

    void clear() {
        Arrays.fill(flags, (byte) 0);
        Arrays.fill(frames, null);
        first = end;
    }

    /**
     * Nobody has to acknowledge a packet that elicits no ACK, so an endpoint that only receives would pile them up.
     */
    private boolean forgetFirstIfAckOnly() {
        if ((flags[(int) first & mask] & (IN_FLIGHT | ACK_ELICITING | ACKED)) != 0) {
            return false;
        }
        remove(first);
        advance();
        return true;
    }

    private void grow() {
        int capacity = 2 * (mask + 1);
        byte[] newFlags = new byte[capacity];
        int[] newBytes = new int[capacity];
        long[] newSentNs = new long[capacity];
        long[] newLargestAcked = new long[capacity];
        @Nullable Object[] newFrames = new @Nullable Object[capacity];
        for (long number = first; number < end; number++) {
            int from = (int) number & mask;
            int to = (int) number & (capacity - 1);
            newFlags[to] = flags[from];
            newBytes[to] = bytes[from];
            newSentNs[to] = sentNs[from];
            newLargestAcked[to] = largestAcked[from];
            newFrames[to] = frames[from];
        }
        flags = newFlags;
        bytes = newBytes;
        sentNs = newSentNs;
        largestAcked = newLargestAcked;
        frames = newFrames;
        mask = capacity - 1;
    }
}
