package io.mpquic.dataplane.agent;

import io.mpquic.dataplane.DropCause;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** The counters of one thread: it alone counts, any thread reads. */
@SuppressWarnings("EnumOrdinal") // an index that does not outlive the process
final class Tally {
    private static final VarHandle ELEMENT = MethodHandles.arrayElementVarHandle(long[].class);
    private static final int COUNTERS = Counter.values().length;
    private static final int DROPS = DropCause.values().length;

    /** Eight longs are a cache line: one stays free before and one behind, against neighbours of other threads. */
    private static final int LINE = 8;

    private final long[] counts = new long[LINE + COUNTERS + DROPS + LINE];

    void count(Counter counter, long amount) {
        add(LINE + counter.ordinal(), amount);
    }

    void count(Counter packets, Counter bytes, int lengthBytes) {
        count(packets, 1);
        count(bytes, lengthBytes);
    }

    void drop(DropCause cause) {
        drop(cause, 1);
    }

    void drop(DropCause cause, int packets) {
        add(LINE + COUNTERS + cause.ordinal(), packets);
    }

    /** Any thread. */
    long value(Counter counter) {
        return (long) ELEMENT.getOpaque(counts, LINE + counter.ordinal());
    }

    /** Any thread. */
    long value(DropCause cause) {
        return (long) ELEMENT.getOpaque(counts, LINE + COUNTERS + cause.ordinal());
    }

    private void add(int index, long amount) {
        ELEMENT.setOpaque(counts, index, counts[index] + amount);
    }
}
