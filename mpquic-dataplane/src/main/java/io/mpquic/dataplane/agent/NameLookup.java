package io.mpquic.dataplane.agent;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Looks a name up for each attempt, without letting a slow resolver hold the worker: it can take half a minute, and
 * cannot be interrupted.
 */
final class NameLookup {
    private static final long PATIENCE_NS = Duration.ofSeconds(10).toNanos();

    private final String host;
    private int lookups;
    private @Nullable CompletableFuture<InetAddress[]> underWay;

    NameLookup(String host) {
        this.host = host;
    }

    /**
     * An address of the host: with several of them, another one for each attempt.
     *
     * @throws IOException when there is none, or the resolver is too slow, or the tunnel closes
     */
    InetAddress next(Duty duty) throws IOException {
        InetAddress literal = literal();
        if (literal != null) {
            return literal;
        }
        InetAddress[] addresses = await(duty);
        return addresses[lookups++ % addresses.length];
    }

    private @Nullable InetAddress literal() {
        try {
            return InetAddress.ofLiteral(host);
        } catch (IllegalArgumentException notOne) {
            return null;
        }
    }

    private InetAddress[] await(Duty duty) throws IOException {
        CompletableFuture<InetAddress[]> lookup = underWay;
        if (lookup == null) {
            lookup = new CompletableFuture<>();
            underWay = lookup;
            begin(lookup, Thread.currentThread());
        }
        long deadlineNs = System.nanoTime() + PATIENCE_NS;
        while (!lookup.isDone()) {
            long leftNs = deadlineNs - System.nanoTime();
            if (leftNs <= 0) {
                // It stays under way: the next attempt asks for the same answer, so that lookups do not pile up.
                throw new IOException("the name server does not answer for " + host);
            }
            if (!duty.checkIn()) {
                throw new IOException("the tunnel closes");
            }
            LockSupport.parkNanos(this, leftNs);
        }
        underWay = null;
        try {
            return lookup.join();
        } catch (CompletionException e) {
            throw new IOException("no address for " + host, e);
        }
    }

    private void begin(CompletableFuture<InetAddress[]> lookup, Thread waiting) {
        Thread.ofVirtual().name("lookup " + host).start(() -> {
            try {
                lookup.complete(InetAddress.getAllByName(host));
            } catch (UnknownHostException | RuntimeException e) {
                lookup.completeExceptionally(e);
            }
            LockSupport.unpark(waiting);
        });
    }
}
