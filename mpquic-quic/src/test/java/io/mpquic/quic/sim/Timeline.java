package io.mpquic.quic.sim;

import java.util.PriorityQueue;

/** What will happen, in the order of time; at the same time, in the order in which it was added. */
final class Timeline {
    /** A datagram that will arrive, or an action of the test. */
    private record Event(long timeNs, long order, Runnable action) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            int byTime = Long.compare(timeNs, other.timeNs);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }

    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private long nextOrder;

    void add(long timeNs, Runnable action) {
        events.add(new Event(timeNs, nextOrder++, action));
    }

    /** When the next thing happens; {@link Long#MAX_VALUE}: nothing does. */
    long nextNs() {
        Event next = events.peek();
        return next == null ? Long.MAX_VALUE : next.timeNs();
    }

    /** Takes the next thing out. */
    Runnable next() {
        return events.remove().action();
    }
}
