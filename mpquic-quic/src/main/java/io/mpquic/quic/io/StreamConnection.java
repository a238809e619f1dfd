package io.mpquic.quic.io;

import io.mpquic.quic.connection.CloseReason;
import io.mpquic.quic.connection.QuicConnection;
import io.mpquic.quic.connection.QuicEvent;
import io.mpquic.quic.stream.QuicStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A connection of a {@link StreamEndpoint}: opens and accepts streams. For any thread. */
public final class StreamConnection implements AutoCloseable {
    final ReentrantLock lock;
    /** A stream was accepted, or the connection has ended. */
    private final Condition news;

    private final Condition turned;
    /** Streams that a thread waits for, and only these: streams that are over leave nothing here. */
    private final Map<Long, BlockingStream> awaited = new HashMap<>();
    /** Of these, the ones whose delivery is waited for: no event tells of it. */
    private final List<BlockingStream> undelivered = new ArrayList<>();

    private final QuicConnection core;
    private final Runnable wakeup;
    private final ArrayDeque<BlockingStream> accepted = new ArrayDeque<>();
    private @Nullable IOException end;
    private int awaitingTurn;

    StreamConnection(QuicConnection core, ReentrantLock lock, Runnable wakeup) {
        this.core = core;
        this.lock = lock;
        this.wakeup = wakeup;
        news = lock.newCondition();
        turned = lock.newCondition();
    }

    /**
     * Opens a stream on which both ends send. While the peer permits no more, it waits.
     *
     * @param longest how long; 0 for as long as the connection lives
     * @throws IOException when there is none in time, or the connection has ended
     */
    public BlockingStream openBidirectional(Duration longest) throws IOException {
        return open(core::openBidirectional, longest);
    }

    /** Opens a stream on which only this end sends; otherwise as {@link #openBidirectional}. */
    public BlockingStream openUnidirectional(Duration longest) throws IOException {
        return open(core::openUnidirectional, longest);
    }

    private BlockingStream open(Supplier<@Nullable QuicStream> opening, Duration longest) throws IOException {
        Patience patience = new Patience(longest);
        lock.lock();
        try {
            while (true) {
                requireOpen();
                QuicStream stream = opening.get();
                if (stream != null) {
                    return new BlockingStream(this, stream);
                }
                wakeup(); // the peer is to be told that we are blocked
                awaitTurn(patience, "opening a stream");
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits for the next stream that the peer opens.
     *
     * @param longest how long; 0 for as long as the connection lives
     * @throws IOException when there is none in time, or the connection has ended
     */
    public BlockingStream accept(Duration longest) throws IOException {
        Patience patience = new Patience(longest);
        lock.lock();
        try {
            while (true) {
                BlockingStream next = accepted.poll();
                if (next != null) {
                    return next;
                }
                requireOpen();
                patience.await(news, "waiting for a stream");
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Ends the connection at once; what is under way is lost.
     *
     * @param errorCode the application's own, 0 to 2^62-1
     */
    public void close(long errorCode, String reason) {
        lock.lock();
        try {
            core.close(errorCode, reason, System.nanoTime());
            dispatch();
        } finally {
            lock.unlock();
        }
        wakeup();
    }

    /** As {@link #close(long, String)}, with the code 0. */
    @Override
    public void close() {
        close(0, "");
    }

    // ---- under the lock

    boolean isEstablished() {
        return core.isEstablished();
    }

    boolean isOver() {
        return end != null;
    }

    void requireOpen() throws IOException {
        if (end != null) {
            throw new IOException(end.getMessage(), end);
        }
    }

    boolean isOurs(QuicStream stream) {
        // RFC 9000 §2.1: the lowest bit tells who opened it.
        return (stream.id() & 1) == (core.isClient() ? 0 : 1);
    }

    void wakeup() {
        wakeup.run();
    }

    /** Waits until a stream can go on or the connection has ended; it may return without either. */
    void await(BlockingStream stream, Patience patience, String what) throws IOException {
        awaited.put(stream.id(), stream);
        stream.waiting++;
        try {
            patience.await(stream.news, what);
        } finally {
            if (--stream.waiting == 0) {
                awaited.remove(stream.id());
            }
        }
    }

    /** As {@link #await}, until all of a stream was delivered or will not be. */
    void awaitDelivery(BlockingStream stream, Patience patience) throws IOException {
        undelivered.add(stream);
        try {
            await(stream, patience, "a delivery");
        } finally {
            undelivered.remove(stream);
        }
    }

    /** Waits for what no event tells: the next turn of the driver, which may have changed it. */
    private void awaitTurn(Patience patience, String what) throws IOException {
        awaitingTurn++;
        try {
            patience.await(turned, what);
        } finally {
            awaitingTurn--;
        }
    }

    /** Passes on what has happened, after each turn; tells whether the connection was established or has ended. */
    boolean dispatch() {
        boolean any = false;
        boolean changed = false;
        for (QuicStream stream = core.pollStream(); stream != null; stream = core.pollStream()) {
            accepted.add(new BlockingStream(this, stream));
            any = true;
        }
        for (QuicEvent event = core.pollEvent(); event != null; event = core.pollEvent()) {
            switch (event) {
                case QuicEvent.HandshakeCompleted ignored -> changed = true;
                case QuicEvent.StreamReadable(QuicStream stream) -> signal(stream);
                case QuicEvent.StreamWritable(QuicStream stream) -> signal(stream);
                // No stream can be open by then: they are opened once the handshake is complete.
                case QuicEvent.EarlyDataRejected ignored -> {}
                case QuicEvent.MaxDatagramChanged ignored -> {}
                case QuicEvent.Closed(CloseReason reason) -> {
                    changed = true;
                    end = new IOException(reason.describe());
                    signalAll();
                }
            }
        }
        if (any) {
            news.signalAll();
        }
        for (BlockingStream stream : undelivered) {
            if (stream.isDeliveryDecided()) {
                stream.news.signalAll();
            }
        }
        if (awaitingTurn > 0) {
            turned.signalAll();
        }
        return changed;
    }

    private void signal(QuicStream stream) {
        BlockingStream waiter = awaited.get(stream.id());
        if (waiter != null) {
            waiter.news.signalAll();
        }
    }

    private void signalAll() {
        news.signalAll();
        awaited.values().forEach(stream -> stream.news.signalAll());
    }

    /** The driver has ended. */
    void fail(IOException cause) {
        if (end == null) {
            end = cause;
        }
        signalAll();
        turned.signalAll();
    }
}
