package io.mpquic.cli.service;

import java.time.Duration;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Does things later, one at a time, on a thread that does not keep the process alive. */
interface ServiceTimer {

    /** Does it once, after a while. */
    void after(Duration delay, Runnable task);

    /** Does it again and again, with this pause before each time. */
    void every(Duration pause, Runnable task);

    /** A timer on a thread of its own. */
    static ServiceTimer daemon() {
        ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().name("mpquic-service").daemon().factory());
        return new ServiceTimer() {
            @Override
            public void after(Duration delay, Runnable task) {
                var _ = executor.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
            }

            @Override
            public void every(Duration pause, Runnable task) {
                var _ = executor.scheduleWithFixedDelay(task, pause.toNanos(), pause.toNanos(), TimeUnit.NANOSECONDS);
            }
        };
    }
}
