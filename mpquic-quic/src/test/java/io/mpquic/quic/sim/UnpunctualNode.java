package io.mpquic.quic.sim;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.SplittableRandom;

/**
 * A node whose driver wakes up late, or is suspended, and whose clock jumps: what happens to a process on a busy or a
 * sleeping machine. All times of its own methods are those of the network; the node sees its own clock, which never goes
 * back.
 */
public final class UnpunctualNode implements SimulatedNode {
    /** What the socket buffer of a suspended process holds, in datagrams. */
    private static final int MOST_WAITING = 256;

    private record Waiting(byte[] bytes, InetSocketAddress from, int ecn) {}

    private final SimulatedNode node;
    private final SplittableRandom random;
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
    private long clockAheadNs;
    private long mostLateNs;
    private long deadlineNs = Long.MAX_VALUE;
    private long latenessNs;
    private long suspendedSinceNs;
    private long wakesNs = Long.MIN_VALUE;
    private boolean clockStopped;
    private boolean timersFirst;
    private boolean suspended;

    /** A node that is punctual until it is told otherwise. */
    public UnpunctualNode(SimulatedNode node, SplittableRandom random) {
        this.node = node;
        this.random = random;
    }

    /** From now on each deadline is met up to so much too late, drawn evenly. */
    public void late(long mostNs) {
        mostLateNs = mostNs;
        deadlineNs = Long.MAX_VALUE;
        latenessNs = 0;
    }

    /** The node's clock leaps forward; what is not negative. */
    public void jump(long forwardNs) {
        clockAheadNs += forwardNs;
    }

    /**
     * The process stands still from now on. What arrives meanwhile waits in its socket, up to a bound.
     *
     * @param stopsClock whether its clock stands still too, as CLOCK_MONOTONIC does in a suspended machine
     * @param firstTimers whether the driver looks at its deadlines before it reads the socket when it wakes
     */
    public void suspend(long nowNs, long durationNs, boolean stopsClock, boolean firstTimers) {
        if (suspended) {
            return;
        }
        suspended = true;
        suspendedSinceNs = nowNs;
        wakesNs = nowNs + durationNs;
        clockStopped = stopsClock;
        timersFirst = firstTimers;
    }

    /** Whether the process stands still. */
    public boolean isSuspended() {
        return suspended;
    }

    /** The node's clock at a time of the network. */
    public long clockNs(long nowNs) {
        return nowNs + clockAheadNs;
    }

    @Override
    public void receive(MemorySegment datagram, InetSocketAddress from, long nowNs) {
        receive(datagram, from, 0, nowNs);
    }

    @Override
    public void receive(MemorySegment datagram, InetSocketAddress from, int ecn, long nowNs) {
        if (!suspended) {
            node.receive(datagram, from, ecn, clockNs(nowNs));
        } else if (waiting.size() < MOST_WAITING) {
            waiting.add(new Waiting(datagram.toArray(ValueLayout.JAVA_BYTE), from, ecn));
        }
    }

    @Override
    public int transmit(MemorySegment out, long nowNs) {
        return suspended ? 0 : node.transmit(out, clockNs(nowNs));
    }

    @Override
    public int transmitEcn() {
        return node.transmitEcn();
    }

    @Override
    public InetSocketAddress transmitTo() {
        return node.transmitTo();
    }

    @Override
    public long nextTimeoutNs() {
        if (suspended) {
            return wakesNs;
        }
        long wantedNs = node.nextTimeoutNs();
        if (wantedNs == Long.MAX_VALUE) {
            return Long.MAX_VALUE;
        }
        if (wantedNs != deadlineNs) {
            deadlineNs = wantedNs;
            latenessNs = mostLateNs == 0 ? 0 : random.nextLong(mostLateNs + 1);
        }
        // A deadline at the end of the past means at once.
        return wantedNs < Long.MIN_VALUE / 2 ? wantedNs : wantedNs - clockAheadNs + latenessNs;
    }

    @Override
    public void onTimeout(long nowNs) {
        if (suspended) {
            wake(nowNs);
        } else {
            node.onTimeout(clockNs(nowNs));
        }
    }

    private void wake(long nowNs) {
        suspended = false;
        if (clockStopped) {
            clockAheadNs -= nowNs - suspendedSinceNs;
        }
        long clock = clockNs(nowNs);
        if (timersFirst && node.nextTimeoutNs() <= clock) {
            node.onTimeout(clock);
        }
        for (Waiting next = waiting.poll(); next != null; next = waiting.poll()) {
            node.receive(MemorySegment.ofArray(next.bytes()), next.from(), next.ecn(), clock);
        }
        if (node.nextTimeoutNs() <= clock) {
            node.onTimeout(clock);
        }
    }
}
