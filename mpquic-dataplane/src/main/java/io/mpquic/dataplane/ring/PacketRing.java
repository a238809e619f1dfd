package io.mpquic.dataplane.ring;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A queue of packets from one producer thread to one consumer thread that drops its oldest packet when it is full.
 *
 * <p>The producer never waits: a packet that has just come is worth more than one that has waited for the length of the
 * whole queue. Nothing is copied and nothing is allocated: slots change owners. Every slot is at any moment in one of
 * three places: a cell of the ring, the producer's hand, or the consumer's hand.
 *
 * <pre>
 *              head (consumer only)                tail (producer only)
 *                |                                   |
 *                v                                   v
 *   cells  | E7 | F0 seq 5 | F3 seq 6 | F2 seq 7 | E1 | E6 |     F full, E empty, with the slot's number
 *
 *   commit:  old = exchange(cell[tail], F spare seq tail);  spare = slot of old;  old was full: one packet dropped
 *   poll:    compare-and-set(cell[head], F s seq head  ->  E held);  held = s
 * </pre>
 *
 * <p>Each hand-over is one atomic step on one cell, and the slot that comes back is the next one to fill: so the
 * producer always has a free slot. When the ring is full the producer runs into the cell of the oldest packet, and its
 * exchange drops that one. The consumer sees then a sequence number one lap ahead, and skips to the oldest that is
 * left. Producer and consumer share no index, so there is none to cache; each cell has a cache line of its own.
 *
 * <p>The producer has a second slot in its hand, {@link #copyAndCommit}'s: for when one receive buffer holds several
 * packets.
 *
 * <p>Threads: methods say whose they are. {@link #size} and {@link #droppedPackets} may be called from any thread.
 */
public final class PacketRing {
    private static final VarHandle ELEMENT = MethodHandles.arrayElementVarHandle(long[].class);

    /** A cache line between words of different threads: eight longs. */
    private static final int LINE = 8;

    // A cell: | sequence, 47 bits | slot, 16 bits | full, 1 bit |
    private static final int SLOT_SHIFT = 1;
    private static final int SLOT_MASK = 0xffff;
    private static final int SEQUENCE_SHIFT = 17;
    private static final long SEQUENCE_MASK = (1L << 47) - 1;

    // Words of the producer and of the consumer, each in an array with a free line before and after its words.
    private static final int TAIL = LINE;
    private static final int DROPPED = LINE + 1;
    private static final int SPARE = LINE + 2;
    private static final int SECOND_SPARE = LINE + 3;
    private static final int HEAD = LINE;
    private static final int TAKEN = LINE + 1;
    private static final int HELD = LINE + 2;
    private static final int HOLDING = LINE + 3;

    private final SlotArena arena;
    private final int capacity;
    private final long[] cells;
    private final long[] producer = new long[3 * LINE];
    private final long[] consumer = new long[3 * LINE];

    /**
     * Creates an empty ring and its slots.
     *
     * @param capacity how many packets may wait, a power of two, 2 to 32768
     * @param packetCapacityBytes the longest packet
     */
    public PacketRing(int capacity, int packetCapacityBytes) {
        if (capacity < 2 || capacity > 32_768 || Integer.bitCount(capacity) != 1) {
            throw new IllegalArgumentException("capacity " + capacity + ": a power of two from 2 to 32768");
        }
        this.capacity = capacity;
        this.arena = new SlotArena(capacity + 3, packetCapacityBytes);
        this.cells = new long[(capacity + 2) * LINE];
        for (int i = 0; i < capacity; i++) {
            cells[cellIndex(i)] = emptyCell(i);
        }
        producer[SPARE] = capacity;
        producer[SECOND_SPARE] = capacity + 1L;
        consumer[HELD] = capacity + 2L;
    }

    /** The memory that {@link #claimedOffset} and {@link #offset} count in; the same for the ring's whole life. */
    public MemorySegment memory() {
        return arena.memory();
    }

    /** The longest packet that {@link #commit} takes, in bytes. */
    public int packetCapacityBytes() {
        return arena.packetCapacityBytes();
    }

    /** How many packets may wait. */
    public int capacity() {
        return capacity;
    }

    /**
     * Producer: where the next packet goes, with headroom before it and tailroom behind. The same until
     * {@link #commit}.
     */
    public long claimedOffset() {
        return arena.packetOffset((int) producer[SPARE]);
    }

    /** Producer: the claimed slot with its headroom and tailroom, for a packet that may start anywhere in it. */
    public MemorySegment claimedView() {
        return arena.view((int) producer[SPARE]);
    }

    /**
     * Producer: queues the packet that stands at {@link #claimedOffset}.
     *
     * @param lengthBytes its length
     * @param nowNs when it came
     * @return false when the oldest waiting packet had to go for it
     */
    public boolean commit(int lengthBytes, long nowNs) {
        return commitInView(SlotArena.HEADROOM_BYTES, lengthBytes, nowNs);
    }

    /**
     * Producer: queues the packet that stands somewhere in {@link #claimedView}.
     *
     * @param offsetInView its first byte, from the start of the view
     * @return false when the oldest waiting packet had to go for it
     */
    public boolean commitInView(int offsetInView, int lengthBytes, long nowNs) {
        return publish(SPARE, offsetInView, lengthBytes, nowNs);
    }

    /**
     * Producer: queues a copy of a packet and leaves the claimed slot as it is.
     *
     * @param lengthBytes at most {@link #packetCapacityBytes}
     * @return false when the oldest waiting packet had to go for it
     */
    public boolean copyAndCommit(MemorySegment source, long offset, int lengthBytes, long nowNs) {
        long target = arena.packetOffset((int) producer[SECOND_SPARE]);
        MemorySegment.copy(source, offset, arena.memory(), target, lengthBytes);
        return publish(SECOND_SPARE, SlotArena.HEADROOM_BYTES, lengthBytes, nowNs);
    }

    /**
     * Consumer: takes the oldest packet, unless it holds one already.
     *
     * <p>A packet that was taken is out of the producer's reach: it may be held for as long as needed.
     *
     * @return whether a packet is held; false when the ring is empty
     */
    public boolean poll() {
        if (consumer[HOLDING] != 0) {
            return true;
        }
        while (true) {
            long head = consumer[HEAD];
            int index = cellIndex(head);
            long cell = (long) ELEMENT.getVolatile(cells, index);
            if (!isFull(cell)) {
                return false;
            }
            // Modulo 2^47, so that a sequence number that wraps does no harm.
            long aheadBy = (sequence(cell) - head) & SEQUENCE_MASK;
            if (aheadBy != 0) {
                // The producer dropped this one and wrote a later one here. What is left starts one behind that one,
                // a lap earlier.
                consumer[HEAD] = head + aheadBy + 1 - capacity;
                continue;
            }
            if (ELEMENT.compareAndSet(cells, index, cell, emptyCell((int) consumer[HELD]))) {
                consumer[HELD] = slot(cell);
                consumer[HEAD] = head + 1;
                consumer[HOLDING] = 1;
                ELEMENT.setOpaque(consumer, TAKEN, consumer[TAKEN] + 1);
                return true;
            }
        }
    }

    /** Consumer: where in {@link #memory} the held packet begins. */
    public long offset() {
        return arena.offset(heldSlot());
    }

    /** Consumer: the length of the held packet in bytes. */
    public int lengthBytes() {
        return arena.lengthBytes(heldSlot());
    }

    /** Consumer: when the held packet came. */
    public long timeNs() {
        return arena.timeNs(heldSlot());
    }

    /** Consumer: is done with the held packet; its slot may be used again. */
    public void release() {
        if (consumer[HOLDING] == 0) {
            throw new IllegalStateException("no packet is held");
        }
        consumer[HOLDING] = 0;
    }

    /** How many packets were dropped because the ring was full. Any thread. */
    public long droppedPackets() {
        return (long) ELEMENT.getOpaque(producer, DROPPED);
    }

    /** How many packets wait, not counting a held one; near the truth while the other threads run. Any thread. */
    public int size() {
        long taken = (long) ELEMENT.getOpaque(consumer, TAKEN);
        long dropped = (long) ELEMENT.getOpaque(producer, DROPPED);
        long committed = (long) ELEMENT.getOpaque(producer, TAIL);
        return Math.clamp(committed - dropped - taken, 0, capacity);
    }

    private boolean publish(int spareWord, int offsetInView, int lengthBytes, long nowNs) {
        int slot = (int) producer[spareWord];
        arena.note(slot, offsetInView, lengthBytes, nowNs);
        long tail = producer[TAIL];
        long old = (long) ELEMENT.getAndSet(cells, cellIndex(tail), fullCell(tail, slot));
        producer[spareWord] = slot(old);
        ELEMENT.setOpaque(producer, TAIL, tail + 1);
        if (isFull(old)) {
            ELEMENT.setOpaque(producer, DROPPED, producer[DROPPED] + 1);
            return false;
        }
        return true;
    }

    private int heldSlot() {
        if (consumer[HOLDING] == 0) {
            throw new IllegalStateException("no packet is held");
        }
        return (int) consumer[HELD];
    }

    /** A free line lies before the first cell and behind the last. */
    private int cellIndex(long sequence) {
        return ((int) (sequence & (capacity - 1)) + 1) * LINE;
    }

    private static long fullCell(long sequence, int slot) {
        return sequence << SEQUENCE_SHIFT | (long) slot << SLOT_SHIFT | 1;
    }

    private static long emptyCell(int slot) {
        return (long) slot << SLOT_SHIFT;
    }

    private static boolean isFull(long cell) {
        return (cell & 1) != 0;
    }

    private static int slot(long cell) {
        return (int) (cell >>> SLOT_SHIFT) & SLOT_MASK;
    }

    private static long sequence(long cell) {
        return cell >>> SEQUENCE_SHIFT;
    }
}
