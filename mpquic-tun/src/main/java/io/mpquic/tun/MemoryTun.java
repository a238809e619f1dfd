package io.mpquic.tun;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A TUN device without a kernel: a test or a demonstration plays the host. It needs no rights and no Linux, and takes
 * heap memory as well as native memory.
 *
 * <pre>
 *   host --inject()--&gt; [ queue ] --read()--&gt;  tunnel
 *   host &lt;--take()---- [ queue ] &lt;--write()-- tunnel
 * </pre>
 *
 * <p>Both queues are bounded. Every method may be called from any thread. Each packet is copied into memory of its own:
 * this is for checking behaviour, not speed.
 */
public final class MemoryTun implements TunDevice {
    private final String name;
    private final int capacityPackets;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition readerWakes = lock.newCondition();
    private final Condition hostWakes = lock.newCondition();
    private final Deque<byte[]> fromHost = new ArrayDeque<>();
    private final Deque<byte[]> toHost = new ArrayDeque<>();
    private int mtuBytes;
    private boolean up = true;
    private boolean wakeupPending;
    private boolean closed;

    /**
     * Makes a device that is up.
     *
     * @param name what {@link #name} says
     * @param mtuBytes above 0
     * @param capacityPackets how many packets each direction holds, above 0
     */
    public MemoryTun(String name, int mtuBytes, int capacityPackets) {
        if (mtuBytes <= 0 || capacityPackets <= 0) {
            throw new IllegalArgumentException(
                    "MTU " + mtuBytes + " and capacity " + capacityPackets + " must be above 0");
        }
        this.name = name;
        this.mtuBytes = mtuBytes;
        this.capacityPackets = capacityPackets;
    }

    /**
     * The host sends a packet through the device.
     *
     * @return false when the device is closed or down or its queue is full: the packet is lost
     * @throws IllegalArgumentException when it is empty or larger than the MTU, which no host would send
     */
    public boolean inject(byte[] packet) {
        lock.lock();
        try {
            if (packet.length == 0 || packet.length > mtuBytes) {
                throw new IllegalArgumentException(packet.length + " bytes do not fit an MTU of " + mtuBytes);
            }
            if (closed || !up || fromHost.size() == capacityPackets) {
                return false;
            }
            fromHost.add(packet.clone());
            readerWakes.signal();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /**
     * The host takes the next packet that came in through the device, after waiting for it.
     *
     * @param timeoutNs how long to wait at most, in nanoseconds; 0 or less: not at all
     * @return the packet, or null when the time is over or the device is closed and empty
     * @throws InterruptedException when the thread is interrupted while it waits
     */
    public byte @Nullable [] take(long timeoutNs) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long leftNs = timeoutNs;
            while (toHost.isEmpty() && !closed && leftNs > 0) {
                leftNs = hostWakes.awaitNanos(leftNs);
            }
            return toHost.poll();
        } finally {
            lock.unlock();
        }
    }

    /** Changes the MTU, in bytes; above 0. Packets that wait already are kept. */
    public void setMtu(int bytes) {
        if (bytes <= 0) {
            throw new IllegalArgumentException("MTU " + bytes + " must be above 0");
        }
        lock.lock();
        try {
            mtuBytes = bytes;
        } finally {
            lock.unlock();
        }
    }

    /** Brings the device up or down. While it is down, packets of both directions are refused. */
    public void setUp(boolean nowUp) {
        lock.lock();
        try {
            up = nowUp;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int mtu() throws IOException {
        lock.lock();
        try {
            requireOpen();
            return mtuBytes;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int read(MemorySegment buffer, long offset, int capacity) throws IOException {
        byte[] packet;
        lock.lock();
        try {
            requireOpen();
            packet = fromHost.poll();
        } finally {
            lock.unlock();
        }
        if (packet == null) {
            return 0;
        }
        int length = Math.min(packet.length, capacity);
        MemorySegment.copy(packet, 0, buffer, ValueLayout.JAVA_BYTE, offset, length);
        return length;
    }

    /**
     * {@inheritDoc}
     *
     * <p>An interrupt of the thread ends the wait too, and stays set.
     */
    @Override
    public void await(long timeoutNs) throws IOException {
        lock.lock();
        try {
            requireOpen();
            long leftNs = timeoutNs < 0 ? Long.MAX_VALUE : timeoutNs;
            while (fromHost.isEmpty() && !wakeupPending && !closed && leftNs > 0) {
                leftNs = readerWakes.awaitNanos(leftNs);
            }
            wakeupPending = false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean write(MemorySegment buffer, long offset, int length) throws IOException {
        byte[] packet = buffer.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE);
        lock.lock();
        try {
            requireOpen();
            if (!up || toHost.size() == capacityPackets) {
                return false;
            }
            toHost.add(packet);
            hostWakes.signal();
            return true;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void wakeup() {
        lock.lock();
        try {
            wakeupPending = true;
            readerWakes.signal();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            readerWakes.signalAll();
            hostWakes.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void requireOpen() throws ClosedChannelException {
        if (closed) {
            throw new ClosedChannelException();
        }
    }
}
