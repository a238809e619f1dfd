package io.mpquic.tun;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * A layer-3 tunnel device: whole IP packets go in and out, without a prefix.
 *
 * <p>Threads: at most one thread reads and awaits, at most one writes; {@link #wakeup} and {@link #close} may be called
 * from any thread. A device belongs to the process, not to a session: it is opened once, and what comes and goes behind
 * it does not touch it.
 */
public interface TunDevice extends AutoCloseable {

    /** The name of the interface, such as {@code mpq1}. */
    String name();

    /**
     * The MTU of the interface now, in bytes of IP packet.
     *
     * @throws IOException when the interface is gone
     */
    int mtu() throws IOException;

    /**
     * Takes the next packet that the host sends through the device, without waiting.
     *
     * @param buffer where the packet goes; native memory
     * @param offset first byte of the packet in {@code buffer}
     * @param capacity how many bytes may be written, at least the MTU; a longer packet is cut by the kernel
     * @return the packet's length in bytes, or 0 when none waits
     * @throws IOException when the device is gone or closed
     */
    int read(MemorySegment buffer, long offset, int capacity) throws IOException;

    /**
     * Waits until a packet can be read, {@link #wakeup} was called since the last wait, the device was closed, or the
     * time is over. It may end early for another reason: the caller looks, and waits again.
     *
     * @param timeoutNs how long to wait, in nanoseconds; negative: without end
     * @throws IOException when the device is gone or closed
     */
    void await(long timeoutNs) throws IOException;

    /**
     * Hands a packet to the host, as if it had come in through the device.
     *
     * @return whether the host took it; false when the interface is down or the kernel has no room or refuses the
     *     packet, which the caller counts as a drop
     * @throws IOException when the device is gone or closed
     */
    boolean write(MemorySegment buffer, long offset, int length) throws IOException;

    /**
     * The device's way of taking and giving many packets of one flow as one. It changes nothing until it is switched on.
     *
     * @return null when the device has none
     */
    default @Nullable SegmentOffload offload() {
        return null;
    }

    /** Ends a wait that is under way, or else the next one. */
    void wakeup();

    /** Closes the device; a wait under way ends. A persistent interface stays, as does its address. Idempotent. */
    @Override
    void close();
}
