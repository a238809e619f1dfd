package io.mpquic.dataplane.agent;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The begin and end of the threads of a tunnel. They end together: when one dies of an exception, the others are told to
 * end, and the last one to go reports it. Thread-safe.
 */
final class Lifecycle {

    /** What a thread does until {@link #isClosing}. */
    @FunctionalInterface
    interface Body {
        void run() throws Exception;
    }

    private final Runnable wakeAll;
    private final Runnable afterLast;
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicInteger running = new AtomicInteger();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private volatile boolean closing;

    /**
     * Creates a lifecycle without threads.
     *
     * @param wakeAll ends the waits of all threads
     * @param afterLast runs on the last thread before it ends
     */
    Lifecycle(Runnable wakeAll, Runnable afterLast) {
        this.wakeAll = wakeAll;
        this.afterLast = afterLast;
    }

    /** Adds a thread, to be started by {@link #start}. */
    Thread add(String name, Body body) {
        Thread thread = new Thread(() -> live(body), name);
        thread.setDaemon(true);
        threads.add(thread);
        return thread;
    }

    /** Starts all threads. */
    void start() {
        running.set(threads.size());
        threads.forEach(Thread::start);
    }

    /** Whether the threads are to end. */
    boolean isClosing() {
        return closing;
    }

    /** What made the threads end; null when they were asked to. */
    @Nullable Throwable failure() {
        return failure.get();
    }

    /** Tells all threads to end. Does not wait for them. */
    void close() {
        closing = true;
        wakeAll.run();
    }

    /**
     * Waits until all threads have ended; not for the calling thread, should it be one of them.
     *
     * @return whether they did in time
     */
    boolean awaitEnd(long timeoutNs) throws InterruptedException {
        long deadlineNs = System.nanoTime() + timeoutNs;
        boolean ended = true;
        for (Thread thread : threads) {
            if (!thread.equals(Thread.currentThread())) {
                long leftMs = Math.max(1, (deadlineNs - System.nanoTime()) / 1_000_000);
                thread.join(leftMs);
                ended &= !thread.isAlive();
            }
        }
        return ended;
    }

    private void live(Body body) {
        try {
            body.run();
        } catch (Exception | Error e) {
            if (!closing) {
                failure.compareAndSet(null, e);
            }
        } finally {
            // A thread that ends takes the others with it: there is no half of a tunnel.
            close();
            if (running.decrementAndGet() == 0) {
                afterLast.run();
            }
        }
    }
}
