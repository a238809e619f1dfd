package io.mpquic.dataplane.ring;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Equal slots in one block of native memory, each with room for one packet and for what encryption puts around it.
 *
 * <pre>
 *   slot, a multiple of 64 bytes
 *   +----------------------+-------------+--------------------+-------------+
 *   | notes, 64            | headroom 64 | packet, capacity   | tailroom 64 |
 *   | time 8 | off 4| len 4|             |                    |             |
 *   +----------------------+-------------+--------------------+-------------+
 *                          ^             ^
 *                          |             packetOffset(slot)
 *                          view(slot) starts here and ends with the tailroom
 * </pre>
 *
 * <p>A packet is read from the device into the packet area once. Its QUIC header is then written into the headroom and
 * the authentication tag into the tailroom, and all of it leaves from there. On the way in, the UDP payload starts with
 * the view, and the notes say where in it the IP packet stands.
 *
 * <p>The notes have a cache line of their own, so that writing them does not touch packet bytes that another thread
 * reads.
 *
 * <p>Threads: a slot has one owner at a time. The memory lives as long as the arena object is reachable: there is no
 * close that could pull it from under a system call.
 */
public final class SlotArena {
    /** Free bytes before a packet: the longest short header and DATAGRAM frame header are about 30 bytes. */
    public static final int HEADROOM_BYTES = 64;

    /** Free bytes behind a packet: an AEAD tag is 16; the rest keeps slots on cache lines. */
    public static final int TAILROOM_BYTES = 64;

    /** Room for every packet of an ordinary link, and for a UDP payload of one. */
    public static final int DEFAULT_PACKET_BYTES = 2048;

    private static final int CACHE_LINE_BYTES = 64;
    private static final int NOTES_BYTES = CACHE_LINE_BYTES;
    private static final int TIME_AT = 0;
    private static final int OFFSET_AT = 8;
    private static final int LENGTH_AT = 12;

    private final MemorySegment memory;
    private final MemorySegment[] views;
    private final long slotBytes;
    private final int packetCapacityBytes;

    /**
     * Allocates the slots.
     *
     * @param slotCount how many, at least 1
     * @param packetCapacityBytes the longest packet, at least 1280 bytes
     */
    public SlotArena(int slotCount, int packetCapacityBytes) {
        if (slotCount < 1 || packetCapacityBytes < 1280) {
            throw new IllegalArgumentException(slotCount + " slots of " + packetCapacityBytes + " bytes");
        }
        long needed = (long) NOTES_BYTES + HEADROOM_BYTES + packetCapacityBytes + TAILROOM_BYTES;
        this.slotBytes = (needed + CACHE_LINE_BYTES - 1) / CACHE_LINE_BYTES * CACHE_LINE_BYTES;
        this.packetCapacityBytes = packetCapacityBytes;
        this.memory = Arena.ofAuto().allocate(slotBytes * slotCount, CACHE_LINE_BYTES);
        this.views = new MemorySegment[slotCount];
        for (int slot = 0; slot < slotCount; slot++) {
            views[slot] = memory.asSlice(slot * slotBytes + NOTES_BYTES, slotBytes - NOTES_BYTES);
        }
    }

    /** How many slots there are. */
    public int slotCount() {
        return views.length;
    }

    /** The longest packet that a slot holds between headroom and tailroom, in bytes. */
    public int packetCapacityBytes() {
        return packetCapacityBytes;
    }

    /** The memory of all slots; {@link #packetOffset} and {@link #offset} count from its start. */
    public MemorySegment memory() {
        return memory;
    }

    /** One slot from its headroom to the end of its tailroom, made once: asking for it allocates nothing. */
    public MemorySegment view(int slot) {
        return views[slot];
    }

    /** Where the view of a slot begins in {@link #memory}. */
    public long viewOffset(int slot) {
        return slot * slotBytes + NOTES_BYTES;
    }

    /** Where a packet begins in {@link #memory} that is to have the whole headroom before it. */
    public long packetOffset(int slot) {
        return viewOffset(slot) + HEADROOM_BYTES;
    }

    /**
     * Notes where the packet of a slot stands and when it came.
     *
     * @param offsetInView first byte of the packet, counted from the start of the view
     */
    void note(int slot, int offsetInView, int lengthBytes, long timeNs) {
        long notes = slot * slotBytes;
        memory.set(ValueLayout.JAVA_LONG, notes + TIME_AT, timeNs);
        memory.set(ValueLayout.JAVA_INT, notes + OFFSET_AT, offsetInView);
        memory.set(ValueLayout.JAVA_INT, notes + LENGTH_AT, lengthBytes);
    }

    /** Where the packet of a slot begins in {@link #memory}. */
    long offset(int slot) {
        return viewOffset(slot) + memory.get(ValueLayout.JAVA_INT, slot * slotBytes + OFFSET_AT);
    }

    /** The length of the packet of a slot in bytes. */
    int lengthBytes(int slot) {
        return memory.get(ValueLayout.JAVA_INT, slot * slotBytes + LENGTH_AT);
    }

    /** When the packet of a slot came, in nanoseconds of the data plane's clock. */
    long timeNs(int slot) {
        return memory.get(ValueLayout.JAVA_LONG, slot * slotBytes + TIME_AT);
    }
}
