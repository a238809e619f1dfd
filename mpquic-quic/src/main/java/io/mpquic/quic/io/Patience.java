package io.mpquic.quic.io;

import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.locks.Condition;

/** How long a call still waits, and how it ends when that was in vain. */
final class Patience {
    private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE / 2);

    private final long timeoutNs;
    private final long startNs = System.nanoTime();

    /** Waits so long; without limit when it is 0. */
    Patience(Duration timeout) {
        timeoutNs = nanoseconds(timeout);
    }

    static long nanoseconds(Duration timeout) {
        if (timeout.isNegative()) {
            throw new IllegalArgumentException("a time limit of " + timeout);
        }
        return timeout.compareTo(LONGEST) > 0 ? LONGEST.toNanos() : timeout.toNanos();
    }

    /** Waits for news, under the lock of the condition; it may return without any. */
    @SuppressWarnings("WaitNotInLoop") // callers loop: their condition is not known here
    void await(Condition news, String what) throws InterruptedIOException {
        try {
            if (timeoutNs == 0) {
                news.await();
                return;
            }
            long leftNs = timeoutNs - (System.nanoTime() - startNs);
            if (leftNs <= 0) {
                throw new SocketTimeoutException(what + " took longer than " + Duration.ofNanos(timeoutNs));
            }
            news.awaitNanos(leftNs);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            InterruptedIOException interrupted = new InterruptedIOException(what + " was interrupted");
            interrupted.initCause(e);
            throw interrupted;
        }
    }
}
