package io.mpquic.dataplane.agent;

import java.util.concurrent.locks.LockSupport;

/**
 * One thread's place in a {@link Lifecycle}. The thread checks in once a round, and after each wait; that costs it two
 * reads.
 */
final class Duty {
    private final Lifecycle lifecycle;
    private volatile int answered;

    Duty(Lifecycle lifecycle) {
        this.lifecycle = lifecycle;
    }

    /**
     * Gives a sign of life when one was asked for. Its own thread only: any other would vouch for a thread that may be
     * stuck.
     *
     * @return whether to go on; false when the thread is to end
     */
    boolean checkIn() {
        int question = lifecycle.question();
        if (question != answered) {
            answered = question;
            LockSupport.unpark(lifecycle.asker());
        }
        return !lifecycle.isClosing();
    }

    /** Any thread: whether the thread has checked in since this question was asked. */
    boolean hasAnswered(int question) {
        return answered == question;
    }
}
