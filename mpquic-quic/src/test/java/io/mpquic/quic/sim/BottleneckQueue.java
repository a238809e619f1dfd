package io.mpquic.quic.sim;

import java.util.ArrayDeque;

/** What waits at a bottleneck: a queue in order, with a bound in bytes and in datagrams. */
final class BottleneckQueue {
    /** When each datagram that waits, or is under transmission, is through. */
    private final ArrayDeque<Long> departuresNs = new ArrayDeque<>();

    private long freeNs = Long.MIN_VALUE;
    private boolean aboveMark;

    /**
     * Puts a datagram behind those that wait.
     *
     * @return when it is through; -1 when the queue is full
     */
    long enqueue(Bottleneck bottleneck, int lengthBytes, long nowNs) {
        aboveMark = false;
        if (bottleneck.isUnlimited()) {
            return nowNs;
        }
        while (!departuresNs.isEmpty() && departuresNs.peek() <= nowNs) {
            departuresNs.remove();
        }
        long startNs = Math.max(nowNs, freeNs);
        long endNs = startNs + bottleneck.transmissionNs(lengthBytes);
        boolean waits = startNs > nowNs;
        if (waits
                && (endNs - nowNs > bottleneck.transmissionNs(bottleneck.queueBytes())
                        || departuresNs.size() >= bottleneck.queueDatagrams())) {
            return -1;
        }
        aboveMark = waits && startNs - nowNs > bottleneck.transmissionNs(bottleneck.markAboveBytes());
        freeNs = endNs;
        departuresNs.add(endNs);
        return endNs;
    }

    /** Whether the datagram that was accepted last found more than the bottleneck's mark in the queue. */
    boolean isAboveMark() {
        return aboveMark;
    }
}
