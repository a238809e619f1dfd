package io.mpquic.dataplane.ring;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A queue of packets that drops its oldest packet when it is full: one that has just come is worth more than one that has
 * waited for the length of the whole queue.
 *
 * <p>Nothing is copied and nothing is allocated: slots of one block of native memory go round. Free ones are a stack, so
 * that a short queue stays in the same few slots, and those in the cache of the processor.
 *
 * <pre>
 *   queued   | 7 | 2 | 0 |            slots, in the order in which their packets came
 *              head    tail
 *   free     | 6 | 5 | 4 | 3 | 1 |    the last one is filled next
 * </pre>
 *
 * <p>One thread puts in and takes out. {@link #size} may be called from any thread and is near the truth then.
 */
public final class PacketRing {
    /** Free bytes before a packet, for what QUIC puts there: frame type and an ACK frame. */
    public static final int HEADROOM_BYTES = 64;

    /** Room for every packet of an ordinary link. */
    public static final int USUAL_PACKET_BYTES = 2048;

    private static final int CACHE_LINE_BYTES = 64;

    private final MemorySegment memory;
    private final int slotBytes;
    private final int packetCapacityBytes;
    private final int[] lengthBytes;
    private final long[] timeNs;
    private final int capacity;
    private final int[] queued;
    private final int[] free;
    private int freeCount;
    private int head;
    private int size;
    /** The size for other threads. */
    private final AtomicInteger shownSize = new AtomicInteger();

    /**
     * Creates an empty ring and its slots.
     *
     * @param capacity how many packets may wait, a power of two, 2 to 32768
     * @param packetCapacityBytes the longest packet, at least 1280 bytes
     */
    public PacketRing(int capacity, int packetCapacityBytes) {
        if (capacity < 2 || capacity > 32_768 || Integer.bitCount(capacity) != 1) {
            throw new IllegalArgumentException("capacity " + capacity + ": a power of two from 2 to 32768");
        }
        if (packetCapacityBytes < 1280) {
            throw new IllegalArgumentException("slots of " + packetCapacityBytes + " bytes");
        }
        this.capacity = capacity;
        this.packetCapacityBytes = packetCapacityBytes;
        slotBytes = (HEADROOM_BYTES + packetCapacityBytes + CACHE_LINE_BYTES - 1) & -CACHE_LINE_BYTES;
        // The system gives memory only to the slots that are used.
        memory = Arena.ofAuto().allocate((capacity + 1L) * slotBytes, CACHE_LINE_BYTES);
        lengthBytes = new int[capacity + 1];
        timeNs = new long[capacity + 1];
        queued = new int[capacity];
        free = new int[capacity + 1];
        for (int slot = capacity; slot >= 0; slot--) {
            free[freeCount++] = slot;
        }
    }

    /** The memory that {@link #claimedOffset} and {@link #offset} count in; the same for the ring's whole life. */
    public MemorySegment memory() {
        return memory;
    }

    /** The longest packet that {@link #commit} takes, in bytes. */
    public int packetCapacityBytes() {
        return packetCapacityBytes;
    }

    /** How many packets may wait. */
    public int capacity() {
        return capacity;
    }

    /** Where the next packet goes, with headroom before it. The same until {@link #commit}. */
    public long claimedOffset() {
        return offset(free[freeCount - 1]);
    }

    /**
     * Queues the packet that stands at {@link #claimedOffset}.
     *
     * @param packetBytes its length
     * @param nowNs when it came
     * @return false when the oldest waiting packet had to go for it
     */
    public boolean commit(int packetBytes, long nowNs) {
        boolean full = size == capacity;
        if (full) {
            release();
        }
        // Taken behind the release, so that it is the slot that was claimed and not the one that has just become free.
        int claimed = full ? freeCount - 2 : freeCount - 1;
        int slot = free[claimed];
        free[claimed] = free[freeCount - 1];
        freeCount--;
        lengthBytes[slot] = packetBytes;
        timeNs[slot] = nowNs;
        queued[(head + size) & (capacity - 1)] = slot;
        resize(size + 1);
        return !full;
    }

    /** Whether no packet waits. */
    public boolean isEmpty() {
        return size == 0;
    }

    /** Where in {@link #memory} the oldest packet begins. */
    public long offset() {
        return offset(oldest());
    }

    /** The length of the oldest packet in bytes. */
    public int lengthBytes() {
        return lengthBytes[oldest()];
    }

    /** When the oldest packet came. */
    public long timeNs() {
        return timeNs[oldest()];
    }

    /** Takes the oldest packet out: its slot may be used again. */
    public void release() {
        free[freeCount++] = oldest();
        head = (head + 1) & (capacity - 1);
        resize(size - 1);
    }

    /** How many packets wait. */
    public int size() {
        return shownSize.getOpaque();
    }

    private void resize(int packets) {
        size = packets;
        shownSize.setOpaque(packets);
    }

    private long offset(int slot) {
        return (long) slot * slotBytes + HEADROOM_BYTES;
    }

    private int oldest() {
        if (size == 0) {
            throw new IllegalStateException("no packet waits");
        }
        return queued[head];
    }
}
