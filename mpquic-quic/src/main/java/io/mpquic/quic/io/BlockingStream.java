package io.mpquic.quic.io;

import io.mpquic.quic.stream.QuicStream;
import io.mpquic.quic.stream.SendState;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.locks.Condition;

/**
 * A stream of a {@link StreamConnection}, for any thread. Reading and writing may be done by two threads at once; two
 * that write at once mix their bytes.
 *
 * <p>Calls that wait end with {@link java.net.SocketTimeoutException} after {@link #timeout}, with
 * {@link java.io.InterruptedIOException} when their thread is interrupted (it stays so), with
 * {@link StreamResetException} when the peer gives the stream up, and with {@link IOException} when the connection ends.
 */
public final class BlockingStream {
    final StreamConnection connection;
    final QuicStream core;
    /** The stream can go on. */
    final Condition news;
    /** So many threads wait for it: guarded by the lock. */
    int waiting;

    private final StreamInput input = new StreamInput(this);
    private final StreamOutput output = new StreamOutput(this);
    private volatile Duration timeout = Duration.ZERO;

    BlockingStream(StreamConnection connection, QuicStream core) {
        this.connection = connection;
        this.core = core;
        news = connection.lock.newCondition();
    }

    /** The stream ID, 0 to 2^62-1 (RFC 9000 §2.1). */
    public long id() {
        return core.id();
    }

    /** How long each read and each write waits at most; 0, as at first, for as long as the connection lives. */
    public void timeout(Duration longest) {
        Patience.nanoseconds(longest);
        timeout = longest;
    }

    Patience patience() {
        return new Patience(timeout);
    }

    /**
     * What the peer sends. At its end a read returns -1. What had arrived when the connection ended can still be read.
     * Closing it asks the peer to send no more (RFC 9000 §3.5).
     *
     * @throws IllegalStateException on a stream that only this end sends on
     */
    public InputStream input() {
        if (core.isUnidirectional() && connection.isOurs(core)) {
            throw new IllegalStateException("only this end sends on stream " + id());
        }
        return input;
    }

    /**
     * What this end sends. A write returns when the connection has taken all bytes into its bounded buffer, not when the
     * peer has them; {@code flush} adds nothing to that. Closing it ends the stream in good order and returns at once.
     *
     * @throws IllegalStateException on a stream that only the peer sends on
     */
    public OutputStream output() {
        if (core.isUnidirectional() && !connection.isOurs(core)) {
            throw new IllegalStateException("only the peer sends on stream " + id());
        }
        return output;
    }

    /**
     * Waits until the peer has acknowledged all bytes and the end of the output, which must be closed: to be done before
     * the connection is closed, which drops what is still under way.
     *
     * @param longest how long; 0 for as long as the connection lives
     * @throws IOException when it did not come to that
     */
    public void awaitDelivery(Duration longest) throws IOException {
        Patience patience = new Patience(longest);
        connection.lock.lock();
        try {
            while (!isDeliveryDecided()) {
                connection.requireOpen();
                connection.awaitDelivery(this, patience);
            }
            if (core.sendState() != SendState.DATA_RECVD) {
                throw new IOException("the stream was reset before all of it was delivered");
            }
        } finally {
            connection.lock.unlock();
        }
    }

    boolean isDeliveryDecided() {
        return switch (core.sendState()) {
            case READY, SEND, DATA_SENT -> false;
            case DATA_RECVD, RESET_SENT, RESET_RECVD -> true;
        };
    }

    /**
     * Gives the sending part up; bytes under way are dropped (RFC 9000 §3.1).
     *
     * @param errorCode the application's own, 0 to 2^62-1
     */
    public void reset(long errorCode) {
        output();
        connection.lock.lock();
        try {
            core.reset(errorCode);
            news.signalAll();
        } finally {
            connection.lock.unlock();
        }
        connection.wakeup();
    }

    /**
     * Asks the peer to send no more, as closing the input does, with a code (RFC 9000 §3.5).
     *
     * @param errorCode the application's own, 0 to 2^62-1
     */
    public void stopSending(long errorCode) {
        input();
        input.stop(errorCode);
    }
}
