package io.mpquic.tun;

import java.io.IOException;
import java.util.Optional;

/**
 * Follows one network interface by its name: whether it is there, up, connected, and which addresses it has.
 *
 * <p>Threads: one thread awaits; everything else may be called from any thread.
 */
public interface InterfaceMonitor extends AutoCloseable {

    /**
     * The interface as it is known now; empty when there is none of this name. Its addresses are those that can be used
     * beyond the link: no link-local ones, and none whose uniqueness is still being checked.
     */
    Optional<InterfaceState> state();

    /**
     * Waits until the state has changed, {@link #wakeup} was called since the last wait, this was closed, or the time is
     * over. It may end early for another reason: the caller looks, and waits again. The state changes in here only.
     *
     * @param timeoutNs how long to wait, in nanoseconds; negative: without end
     * @throws IOException when the monitor is closed, or the system tells nothing any more
     */
    void await(long timeoutNs) throws IOException;

    /** Ends a wait that is under way, or else the next one. */
    void wakeup();

    /** Ends the monitor; a wait under way ends. Idempotent. */
    @Override
    void close();
}
