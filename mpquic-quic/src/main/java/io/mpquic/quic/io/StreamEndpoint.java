package io.mpquic.quic.io;

import io.mpquic.quic.connection.QuicConnection;
import io.mpquic.quic.endpoint.QuicEndpoint;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Streams for applications that block: drives an endpoint on a thread of its own, and lets any other thread use its
 * connections.
 *
 * <p>The core belongs to one thread at a time, and a lock hands it over: the driver's thread holds it for a turn and lets
 * go of it to wait; a caller holds it for as long as it takes to copy bytes, and wakes the driver. It is fair, so that
 * neither a busy network nor a busy caller keeps the others out. Buffers and back-pressure are those of the core.
 *
 * <p>An application with one thread, or one that counts nanoseconds, uses {@link EndpointDriver} and needs no lock.
 */
public final class StreamEndpoint implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(StreamEndpoint.class.getName());

    private static final int RECEIVE_BUFFER_BYTES = 65_536;
    /** Nothing depends on it: whoever has news wakes the driver. */
    private static final long LONGEST_WAIT_NS = 1_000_000_000;
    /** A turn takes milliseconds. */
    private static final Duration FOR_THE_THREAD_TO_END = Duration.ofSeconds(5);

    private final ReentrantLock lock = new ReentrantLock(true);
    private final Condition established = lock.newCondition();
    private final QuicEndpoint endpoint;
    private final UdpTransport transport;
    private final EndpointDriver driver;
    private final List<StreamConnection> connections = new ArrayList<>();
    private final ArrayDeque<StreamConnection> accepted = new ArrayDeque<>();
    private final Thread thread = new Thread(this::run, "mpquic-streams");
    private boolean stopping;
    private @Nullable IOException end;

    private StreamEndpoint(QuicEndpoint endpoint, UdpTransport transport) {
        this.endpoint = endpoint;
        this.transport = transport;
        driver = new EndpointDriver(endpoint, transport, ReceiveBuffers.single(RECEIVE_BUFFER_BYTES));
        thread.setDaemon(true);
    }

    /** Starts to drive an endpoint. It owns both from now on, and closes the transport in the end. */
    public static StreamEndpoint start(QuicEndpoint endpoint, UdpTransport transport) {
        StreamEndpoint started = new StreamEndpoint(endpoint, transport);
        started.thread.start();
        return started;
    }

    /** Where the socket is bound. */
    public InetSocketAddress localAddress() {
        return transport.localAddress();
    }

    /**
     * Connects to a server and waits for the handshake.
     *
     * @param longest how long; 0 for as long as the handshake may take
     * @throws IOException when it fails, or is not complete in time
     * @throws IllegalStateException on a server
     */
    public StreamConnection connect(InetSocketAddress remote, Duration longest) throws IOException {
        Patience patience = new Patience(longest);
        lock.lock();
        StreamConnection connection = null;
        try {
            requireRunning();
            connection = add(endpoint.connect(remote, System.nanoTime()));
            transport.wakeup();
            while (!connection.isEstablished()) {
                connection.requireOpen();
                patience.await(established, "connecting");
            }
            StreamConnection done = connection;
            connection = null;
            return done;
        } finally {
            if (connection != null) {
                connection.close();
            }
            lock.unlock();
        }
    }

    /**
     * Waits for the next client.
     *
     * @param longest how long; 0 without limit
     * @throws IOException when none comes in time, or the endpoint was closed
     */
    public StreamConnection accept(Duration longest) throws IOException {
        Patience patience = new Patience(longest);
        lock.lock();
        try {
            while (true) {
                StreamConnection next = accepted.poll();
                if (next != null) {
                    return next;
                }
                requireRunning();
                patience.await(established, "waiting for a client");
            }
        } finally {
            lock.unlock();
        }
    }

    /** Closes all connections with the code 0, and ends all calls that wait. What is under way is lost. */
    @Override
    public void close() {
        lock.lock();
        try {
            stopping = true;
        } finally {
            lock.unlock();
        }
        transport.wakeup();
        try {
            thread.join(FOR_THE_THREAD_TO_END.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the thread ends without us
        }
    }

    private void requireRunning() throws IOException {
        if (end != null) {
            throw new IOException(end.getMessage(), end);
        }
    }

    // ---- the driver's thread

    private void run() {
        IOException reason = new IOException("the endpoint was closed");
        try {
            long waitNs = 0;
            while (waitNs >= 0) {
                if (waitNs > 0) {
                    transport.await(waitNs);
                }
                waitNs = turn();
            }
        } catch (IOException e) {
            reason = e;
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "the driver of streams has failed", e);
            reason = new IOException("the driver has failed", e);
        } finally {
            finish(reason);
        }
    }

    /** One turn under the lock; tells how long to wait after it, and -1 when it was the last one. */
    private long turn() throws IOException {
        lock.lock();
        try {
            long nowNs = System.nanoTime();
            boolean more = driver.turn(nowNs);
            for (QuicConnection next = endpoint.pollAccepted(); next != null; next = endpoint.pollAccepted()) {
                accepted.add(add(next));
            }
            if (stopping) {
                connections.forEach(StreamConnection::close);
            }
            boolean changed = false;
            for (StreamConnection connection : connections) {
                changed |= connection.dispatch();
            }
            if (changed) {
                connections.removeIf(StreamConnection::isOver);
                accepted.removeIf(StreamConnection::isOver);
                established.signalAll();
            }
            driver.flush(nowNs);
            if (stopping) {
                return -1;
            }
            return more ? 0 : EndpointDriver.waitNs(endpoint.nextTimeoutNs(), LONGEST_WAIT_NS, nowNs);
        } finally {
            lock.unlock();
        }
    }

    private StreamConnection add(QuicConnection core) {
        StreamConnection connection = new StreamConnection(core, lock, transport::wakeup);
        connections.add(connection);
        return connection;
    }

    private void finish(IOException reason) {
        lock.lock();
        try {
            end = reason;
            connections.forEach(connection -> connection.fail(reason));
            connections.clear();
            accepted.clear();
            established.signalAll();
            driver.close();
            transport.close();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "the socket did not close: {0}", e.toString());
        } finally {
            lock.unlock();
        }
    }
}
