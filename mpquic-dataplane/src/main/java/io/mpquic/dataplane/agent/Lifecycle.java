package io.mpquic.dataplane.agent;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The begin and end of the threads of a tunnel. They end together: when one dies of an exception, the others are told to
 * end, and the last one to go reports it. In between they can be asked for a sign of life:
 *
 * <pre>
 *   asker                              each thread
 *     next question                      checks in: a new question? -> answer, unpark the asker
 *     wake all threads                   works, or waits until it is woken
 *     park until all have answered       checks in ...
 *     or the time is over
 * </pre>
 *
 * <p>Thread-safe.
 */
final class Lifecycle {

    /** What a thread does until {@link Duty#checkIn} says that it is to end. */
    @FunctionalInterface
    interface Body {
        void run() throws Exception;
    }

    private record Member(Thread thread, Duty duty) {}

    private final Runnable wakeAll;
    private final Runnable afterLast;
    private final List<Member> members = new ArrayList<>();
    private final AtomicInteger running = new AtomicInteger();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private volatile boolean closing;

    /** Held by whoever asks for signs of life: one question at a time. */
    private final ReentrantLock asking = new ReentrantLock();

    private final AtomicInteger questions = new AtomicInteger();
    private volatile @Nullable Thread asker;

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

    /**
     * Adds a thread, to be started by {@link #start}.
     *
     * @param body makes what the thread does, around its duty
     */
    Thread add(String name, Function<Duty, Body> body) {
        Duty duty = new Duty(this);
        Body made = body.apply(duty);
        Thread thread = new Thread(() -> live(made), name);
        thread.setDaemon(true);
        members.add(new Member(thread, duty));
        return thread;
    }

    /** Starts all threads. */
    void start() {
        running.set(members.size());
        members.forEach(member -> member.thread().start());
    }

    /** Whether the threads are to end. */
    boolean isClosing() {
        return closing;
    }

    /** The number of the latest question for a sign of life. */
    int question() {
        return questions.get();
    }

    /** Who waits for the answers; null when nobody does. */
    @Nullable Thread asker() {
        return asker;
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

    /** Tells all threads to end, for this reason unless there is one already: what the tunnel cannot do without is gone. */
    void fail(Throwable reason) {
        if (!closing) {
            failure.compareAndSet(null, reason);
        }
        close();
    }

    /**
     * Asks all threads for a sign of life. The calling thread gives its own by the call, should it be one of them.
     *
     * @param patienceNs how long to wait for the answers at most, in nanoseconds
     * @return whether all have answered; false as well when they are to end
     */
    boolean isResponsive(long patienceNs) throws InterruptedException {
        long deadlineNs = System.nanoTime() + patienceNs;
        if (!asking.tryLock(patienceNs, TimeUnit.NANOSECONDS)) {
            return false;
        }
        try {
            asker = Thread.currentThread();
            int question = questions.incrementAndGet();
            wakeAll.run();
            while (!closing && !haveAnswered(question)) {
                long leftNs = deadlineNs - System.nanoTime();
                if (leftNs <= 0) {
                    return false;
                }
                LockSupport.parkNanos(this, leftNs);
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
            }
            return !closing;
        } finally {
            asker = null;
            asking.unlock();
        }
    }

    private boolean haveAnswered(int question) {
        for (Member member : members) {
            if (!member.duty().hasAnswered(question) && !member.thread().equals(Thread.currentThread())) {
                return false;
            }
        }
        return true;
    }

    /**
     * Waits until all threads have ended; not for the calling thread, should it be one of them.
     *
     * @return whether they did in time
     */
    boolean awaitEnd(long timeoutNs) throws InterruptedException {
        long deadlineNs = System.nanoTime() + timeoutNs;
        boolean ended = true;
        for (Member member : members) {
            Thread thread = member.thread();
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
            fail(e);
        } finally {
            // A thread that ends takes the others with it: there is no half of a tunnel.
            close();
            if (running.decrementAndGet() == 0) {
                afterLast.run();
            }
        }
    }
}
