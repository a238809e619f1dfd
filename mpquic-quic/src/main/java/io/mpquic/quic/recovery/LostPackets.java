package io.mpquic.quic.recovery;

/**
 * The packets of one space that were declared lost not long ago, by rising packet number: an acknowledgement that comes
 * late shows that a loss was none (RFC 9002 appendix A.1).
 *
 * <p>Bounded: the oldest makes room. No call allocates.
 */
final class LostPackets {
    /** More than this many losses within three probe timeouts are not worth remembering. */
    static final int CAPACITY = 512;

    // Twice the capacity: entries move to the front only once every CAPACITY additions.
    private final long[] numbers = new long[2 * CAPACITY];
    private final int[] bytes = new int[2 * CAPACITY];
    private final boolean[] probes = new boolean[2 * CAPACITY];
    private final long[] lostNs = new long[2 * CAPACITY];
    private int start;
    private int end;

    boolean isEmpty() {
        return start == end;
    }

    int size() {
        return end - start;
    }

    /** Adds a packet; packets become lost in the order of their numbers. */
    void add(long number, int size, boolean mtuProbe, long nowNs) {
        if (end - start == CAPACITY) {
            start++;
        }
        if (end == numbers.length) {
            moveToFront();
        }
        numbers[end] = number;
        bytes[end] = size;
        probes[end] = mtuProbe;
        lostNs[end] = nowNs;
        end++;
    }

    /** Forgets what was lost before a time. */
    void expire(long beforeNs) {
        while (start < end && lostNs[start] < beforeNs) {
            start++;
        }
    }

    void clear() {
        start = 0;
        end = 0;
    }

    /** The position of the first packet whose number is at least this; {@link #end} if there is none. */
    int lowerBound(long number) {
        int low = start;
        int high = end;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (numbers[middle] < number) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    int end() {
        return end;
    }

    long smallestNumber() {
        return numbers[start];
    }

    long number(int position) {
        return numbers[position];
    }

    int bytes(int position) {
        return bytes[position];
    }

    boolean isMtuProbe(int position) {
        return probes[position];
    }

    /** Removes one; the ones behind it move up by one position. */
    void remove(int position) {
        int behind = end - position - 1;
        System.arraycopy(numbers, position + 1, numbers, position, behind);
        System.arraycopy(bytes, position + 1, bytes, position, behind);
        System.arraycopy(probes, position + 1, probes, position, behind);
        System.arraycopy(lostNs, position + 1, lostNs, position, behind);
        end--;
    }

    private void moveToFront() {
        int size = end - start;
        System.arraycopy(numbers, start, numbers, 0, size);
        System.arraycopy(bytes, start, bytes, 0, size);
        System.arraycopy(probes, start, probes, 0, size);
        System.arraycopy(lostNs, start, lostNs, 0, size);
        start = 0;
        end = size;
    }
}
