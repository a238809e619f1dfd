package io.mpquic.dataplane;

import io.mpquic.tun.Cidr;
import io.mpquic.tun.InterfaceMonitor;
import io.mpquic.tun.InterfaceState;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The loopback interface, in whatever state the test says it is. Its packets flow all the same. */
final class FakeWan implements InterfaceMonitor {
    static final String DEVICE = "lo";
    static final Cidr HOME = Cidr.parse("127.0.0.1/8");

    private Optional<InterfaceState> state = Optional.empty();
    private @Nullable IOException failure;
    private boolean news;
    private boolean closed;

    /** It is there and works. */
    FakeWan usable(int index, Cidr... addresses) {
        return set(new InterfaceState(DEVICE, index, true, true, 65_536, List.of(addresses)));
    }

    FakeWan usable() {
        return usable(1, HOME);
    }

    FakeWan withoutCarrier() {
        return set(new InterfaceState(DEVICE, 1, true, false, 65_536, List.of(HOME)));
    }

    synchronized FakeWan set(@Nullable InterfaceState now) {
        state = Optional.ofNullable(now);
        wakeup();
        return this;
    }

    /** From now on the system tells nothing any more. */
    synchronized void fail() {
        failure = new IOException("the system tells nothing any more");
        wakeup();
    }

    synchronized boolean isClosed() {
        return closed;
    }

    @Override
    public synchronized Optional<InterfaceState> state() {
        return state;
    }

    @Override
    public synchronized void await(long timeoutNs) throws IOException {
        try {
            while (!news && !closed) {
                if (timeoutNs < 0) {
                    wait();
                } else {
                    TimeUnit.NANOSECONDS.timedWait(this, timeoutNs);
                    break;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        news = false;
        if (closed) {
            throw new ClosedChannelException();
        }
        if (failure != null) {
            throw failure;
        }
    }

    @Override
    public synchronized void wakeup() {
        news = true;
        notifyAll();
    }

    @Override
    public synchronized void close() {
        closed = true;
        notifyAll();
    }
}
