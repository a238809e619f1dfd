package io.mpquic.quic.wire;

import java.util.Arrays;

/**
 * A set of packet numbers as an ACK frame lists it: ranges from the newest to the oldest, disjoint and with a gap
 * between neighbours (RFC 9000 §19.3.1).
 *
 * <p>The number of ranges is bounded, so that no peer can make it grow without end. When it is full, the oldest range
 * makes room: the newest packets are the ones that matter for loss recovery. Reusable; once its arrays have grown it
 * allocates nothing. Not thread-safe.
 *
 * <pre>
 *   index      0            1          2
 *            [20..17]     [12..12]   [5..0]      largest(i) .. smallest(i)
 * </pre>
 */
public final class AckRanges {
    /**
     * How many ranges are kept unless the creator asks for another bound. A packet of 1,500 bytes has space for about
     * 700, but a peer that honestly has more than this many holes has a path that no recovery can save.
     */
    public static final int DEFAULT_MAX_RANGES = 256;

    private static final int INITIAL_CAPACITY = 8;

    private final int maxRanges;
    private long[] smallest;
    private long[] largest;
    private int size;

    /** Creates an empty set of at most {@link #DEFAULT_MAX_RANGES} ranges. */
    public AckRanges() {
        this(DEFAULT_MAX_RANGES);
    }

    /**
     * Creates an empty set.
     *
     * @param maxRanges how many ranges it keeps at most; at least 1
     */
    public AckRanges(int maxRanges) {
        if (maxRanges < 1) {
            throw new IllegalArgumentException("maxRanges: " + maxRanges);
        }
        this.maxRanges = maxRanges;
        int capacity = Math.min(maxRanges, INITIAL_CAPACITY);
        this.smallest = new long[capacity];
        this.largest = new long[capacity];
    }

    /** Removes everything. */
    public void clear() {
        size = 0;
    }

    /** How many ranges there are. */
    public int size() {
        return size;
    }

    /** Whether there is no number at all. */
    public boolean isEmpty() {
        return size == 0;
    }

    /** The smallest number of a range; range 0 has the largest numbers. */
    public long smallest(int index) {
        return smallest[checked(index)];
    }

    /** The largest number of a range; range 0 has the largest numbers. */
    public long largest(int index) {
        return largest[checked(index)];
    }

    /** The largest number of all, or -1 if there is none. */
    public long largest() {
        return size == 0 ? PacketNumber.NONE : largest[0];
    }

    /** The smallest number of all, or -1 if there is none. */
    public long smallest() {
        return size == 0 ? PacketNumber.NONE : smallest[size - 1];
    }

    /** Whether a number is in the set. */
    public boolean contains(long packetNumber) {
        int index = firstReachingDownTo(packetNumber);
        return index < size && packetNumber <= largest[index];
    }

    /**
     * Adds all numbers of a range; ranges that it touches become one with it.
     *
     * @param from its smallest number, 0 or more
     * @param to its largest number, not less than {@code from}
     * @throws IllegalArgumentException if the range is empty or negative
     */
    public void add(long from, long to) {
        if (from < 0 || to < from || to > VarInt.MAX) {
            throw new IllegalArgumentException("range " + from + ".." + to);
        }
        // The ranges first..end-1 overlap the new one or stand right beside it.
        int first = firstReachingDownTo(to + 1);
        int end = first;
        while (end < size && largest[end] >= from - 1) {
            end++;
        }
        if (first == end) {
            insert(first, from, to);
        } else {
            merge(first, end, from, to);
        }
    }

    /** Removes all numbers up to and including one. */
    public void removeUpTo(long packetNumber) {
        while (size > 0 && largest[size - 1] <= packetNumber) {
            size--;
        }
        if (size > 0 && smallest[size - 1] <= packetNumber) {
            smallest[size - 1] = packetNumber + 1;
        }
    }

    /** Becomes a copy of another set, as far as the own bound permits. */
    public void copyFrom(AckRanges other) {
        int count = Math.min(other.size, maxRanges);
        ensureCapacity(count);
        System.arraycopy(other.smallest, 0, smallest, 0, count);
        System.arraycopy(other.largest, 0, largest, 0, count);
        size = count;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof AckRanges that
                && Arrays.equals(smallest, 0, size, that.smallest, 0, that.size)
                && Arrays.equals(largest, 0, size, that.largest, 0, that.size);
    }

    /** Changes with the content: a set that still changes is no key of a map. */
    @Override
    public int hashCode() {
        int hash = 1;
        for (int i = 0; i < size; i++) {
            hash = 31 * (31 * hash + Long.hashCode(smallest[i])) + Long.hashCode(largest[i]);
        }
        return hash;
    }

    /** The ranges, for a log: {@code [20..17, 12, 5..0]}. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("[");
        for (int i = 0; i < size; i++) {
            text.append(i == 0 ? "" : ", ").append(largest[i]);
            if (smallest[i] != largest[i]) {
                text.append("..").append(smallest[i]);
            }
        }
        return text.append(']').toString();
    }

    /** The first range whose smallest number is not above a number; {@code size} if there is none. */
    private int firstReachingDownTo(long packetNumber) {
        // New packets land in range 0 and a parsed ACK frame appends behind the last: both are decided at once.
        if (size == 0 || smallest[0] <= packetNumber) {
            return 0;
        }
        if (smallest[size - 1] > packetNumber) {
            return size;
        }
        int above = 0;
        int reaching = size - 1;
        while (reaching - above > 1) {
            int middle = (above + reaching) >>> 1;
            if (smallest[middle] <= packetNumber) {
                reaching = middle;
            } else {
                above = middle;
            }
        }
        return reaching;
    }

    private void insert(int index, long from, long to) {
        if (index >= maxRanges) {
            return;
        }
        if (size < maxRanges) {
            ensureCapacity(size + 1);
            size++;
        }
        System.arraycopy(smallest, index, smallest, index + 1, size - 1 - index);
        System.arraycopy(largest, index, largest, index + 1, size - 1 - index);
        smallest[index] = from;
        largest[index] = to;
    }

    private void merge(int first, int end, long from, long to) {
        largest[first] = Math.max(largest[first], to);
        smallest[first] = Math.min(smallest[end - 1], from);
        System.arraycopy(smallest, end, smallest, first + 1, size - end);
        System.arraycopy(largest, end, largest, first + 1, size - end);
        size -= end - first - 1;
    }

    private void ensureCapacity(int ranges) {
        if (ranges > smallest.length) {
            int capacity = Math.min(maxRanges, Math.max(ranges, 2 * smallest.length));
            smallest = Arrays.copyOf(smallest, capacity);
            largest = Arrays.copyOf(largest, capacity);
        }
    }

    private int checked(int index) {
        if (index < 0 || index >= size) {
            throw new IndexOutOfBoundsException("range " + index + " of " + size);
        }
        return index;
    }
}
