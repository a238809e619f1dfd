package io.mpquic.quic.io;

import io.mpquic.quic.connection.QuicConnection;
import io.mpquic.quic.connection.SendResult;
import io.mpquic.quic.endpoint.QuicEndpoint;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Drives a {@link QuicEndpoint} over a {@link UdpTransport}: the only code that knows both packets and a socket.
 *
 * <p>One thread owns it and repeats: {@link #turn}, then the application's own work, such as {@link #sendDatagram}, then
 * {@link #await}. Or {@link #receive}, its own work, {@link #flush}, {@link #await}. Only {@link #wakeup} may be called
 * from elsewhere. It does not close the transport.
 */
public final class EndpointDriver implements AutoCloseable {
    /** Free bytes that {@link #sendDatagram} needs before a message. */
    public static final int HEADROOM_BYTES = QuicConnection.HEADROOM_BYTES;

    /** Calls of one turn: after these, acknowledgements and the application have their turn. */
    private static final int RECEIVE_CALLS = 64;

    /** Datagrams of one turn, for the same reason. */
    private static final int RECEIVE_DATAGRAMS = 128;

    /** What is received in one turn lies side by side as long as there is room: the application may want it together. */
    private static final int RECEIVE_BUFFER_BYTES = 4 * 65_536;

    /**
     * How long at least to wait for room in the socket. What is overdue may only wait for that room, and stays overdue until
     * there is some: to look again and again would take a whole processor.
     */
    private static final long BLOCKED_WAIT_NS = 2_000_000;

    private final QuicEndpoint endpoint;
    private final UdpTransport transport;
    private final Runnable batchEnd;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment in = arena.allocate(RECEIVE_BUFFER_BYTES, Long.BYTES);
    /** Is being filled. */
    private SendBatch open;
    /** Found no room in the socket, or is empty. What comes after it waits in the other one. */
    private SendBatch waiting;

    private long sendBlocked;
    private long sendFailed;

    /**
     * Joins an endpoint and a transport.
     *
     * @param batchEnd is called when the datagrams that were handed to the endpoint's {@link
     *     io.mpquic.quic.connection.DatagramSink} since the last call are about to be overwritten: until then they stay where
     *     they are
     */
    public EndpointDriver(QuicEndpoint endpoint, UdpTransport transport, Runnable batchEnd) {
        this.endpoint = endpoint;
        this.transport = transport;
        this.batchEnd = batchEnd;
        open = new SendBatch(arena, transport::maxBatchDatagrams);
        waiting = new SendBatch(arena, transport::maxBatchDatagrams);
    }

    /**
     * Receives what waits, does what is due, and sends what the connections have to say.
     *
     * @param nowNs {@link System#nanoTime} or any other monotonic clock, always the same
     * @return whether more packets may wait, so that the next turn should follow without a wait
     * @throws IOException when the socket is broken or closed
     */
    public boolean turn(long nowNs) throws IOException {
        boolean more = receive(nowNs);
        flush(nowNs);
        return more;
    }

    /**
     * Receives what waits, and does what is due. What the connections have to say for it is left to {@link #flush}: an
     * application that sends first gives acknowledgements something to travel with.
     *
     * @param nowNs as for {@link #turn}
     * @return as {@link #turn}
     * @throws IOException when the socket is broken or closed
     */
    public boolean receive(long nowNs) throws IOException {
        boolean more = receiveWaiting(nowNs);
        if (endpoint.nextTimeoutNs() <= nowNs) {
            endpoint.onTimeout(nowNs);
        }
        return more;
    }

    private boolean receiveWaiting(long nowNs) throws IOException {
        int capacity = transport.receiveCapacityBytes();
        int at = 0;
        int datagrams = 0;
        boolean more = true;
        try {
            for (int calls = 0; more && calls < RECEIVE_CALLS && datagrams < RECEIVE_DATAGRAMS; calls++) {
                if (at + capacity > RECEIVE_BUFFER_BYTES) {
                    batchEnd.run();
                    at = 0;
                }
                int length = transport.receive(in, at, capacity);
                more = length >= 0;
                if (more) {
                    datagrams += hand(at, length, nowNs);
                    at += length;
                }
            }
        } finally {
            // Where the socket broke as well: the driver is closed next, and its memory with it.
            batchEnd.run();
        }
        return more;
    }

    /** Gives what one call received to the endpoint; returns how many datagrams it was. */
    private int hand(int offset, int lengthBytes, long nowNs) {
        int each = transport.lastDatagramBytes();
        InetSocketAddress from = transport.lastSender();
        int codepoint = transport.lastCodepoint();
        int count = 0;
        for (int at = 0; at < lengthBytes; at += each) {
            int one = Math.min(each, lengthBytes - at);
            endpoint.receive(in, offset + at, one, from, codepoint, nowNs);
            count++;
        }
        return count;
    }

    /** Sends what the connections have to say; the application calls it after it closed one. */
    public void flush(long nowNs) throws IOException {
        while (hasRoom()) {
            int length = endpoint.transmit(
                    open.memory(), open.end(), (int) (open.memory().byteSize() - open.end()), nowNs);
            if (length == 0) {
                break;
            }
            built(length, endpoint.transmitTo(), endpoint.transmitFor(), endpoint.transmitEcn());
        }
        push();
    }

    /**
     * Sends a message as a DATAGRAM frame. {@link #HEADROOM_BYTES} before it are overwritten, the message itself is not.
     *
     * <p>Its packet leaves together with others: with {@link #push}, {@link #flush}, {@link #turn} or {@link #await} at the
     * latest.
     *
     * @throws IOException when the socket is broken or closed
     */
    public SendResult sendDatagram(
            QuicConnection connection, MemorySegment buffer, long offset, int lengthBytes, long nowNs)
            throws IOException {
        if (!hasRoom()) {
            return SendResult.BLOCKED;
        }
        SendResult result = connection.sealDatagram(buffer, offset, lengthBytes, open.memory(), open.end(), nowNs);
        if (result == SendResult.SENT) {
            built(connection.sealedLengthBytes(), connection.remoteAddress(), connection, connection.transmitEcn());
        }
        return result;
    }

    /**
     * Hands the packets that were built to the socket.
     *
     * @return false when it has no room for all
     * @throws IOException when the socket is broken or closed
     */
    public boolean push() throws IOException {
        return pushWaiting() && (open.isEmpty() || pushOpen());
    }

    /** Whether one more packet can be built. */
    private boolean hasRoom() throws IOException {
        return pushWaiting() && (!open.isFull() || pushOpen());
    }

    private boolean pushWaiting() throws IOException {
        return waiting.isEmpty() || send(waiting);
    }

    /** The open batch is sent, or is the waiting one from now on. */
    private boolean pushOpen() throws IOException {
        boolean sent = send(open);
        if (!sent) {
            SendBatch empty = waiting;
            waiting = open;
            open = empty;
        }
        return sent;
    }

    /** A packet lies at the end of the open batch. It joins it, or begins the next one. */
    private void built(int lengthBytes, InetSocketAddress to, @Nullable QuicConnection connection, int codepoint)
            throws IOException {
        if (open.add(lengthBytes, to, connection, codepoint)) {
            return;
        }
        SendBatch next = waiting;
        MemorySegment.copy(open.memory(), open.end(), next.memory(), 0, lengthBytes);
        next.add(lengthBytes, to, connection, codepoint);
        waiting = open;
        open = next;
        pushWaiting();
    }

    private boolean send(SendBatch batch) throws IOException {
        InetSocketAddress to = Objects.requireNonNull(batch.to());
        switch (transport.send(batch.memory(), 0, batch.end(), batch.packetBytes(), to, batch.codepoint())) {
            case SENT -> {}
            case WOULD_BLOCK -> {
                sendBlocked++;
                return false;
            }
            case TOO_LARGE -> {
                // The link carries less than was thought: for the connection a probe has failed, nothing worse.
                sendFailed += batch.count();
                QuicConnection connection = batch.connection();
                if (connection != null) {
                    connection.onSendTooLarge(batch.packetBytes());
                }
            }
            // The network is down just now. To the connection the packets are lost, and will be sent again.
            case UNREACHABLE -> sendFailed += batch.count();
        }
        batch.clear();
        return true;
    }

    /**
     * Waits until a packet comes, a deadline of the endpoint is reached, {@link #wakeup} is called, or the time is over.
     *
     * @param maxWaitNs the longest wait, in nanoseconds
     * @param nowNs the present, on the clock of {@link #turn}
     */
    public void await(long maxWaitNs, long nowNs) throws IOException {
        boolean blocked = !push();
        long waitNs = waitNs(endpoint.nextTimeoutNs(), maxWaitNs, nowNs);
        if (blocked) {
            waitNs = Math.max(waitNs, Math.min(BLOCKED_WAIT_NS, maxWaitNs));
        }
        if (waitNs > 0) {
            transport.await(waitNs);
        }
    }

    /** For how long to wait. A deadline may lie in the past, even at Long.MIN_VALUE: the difference would overflow. */
    static long waitNs(long deadlineNs, long maxWaitNs, long nowNs) {
        if (deadlineNs == Long.MAX_VALUE) {
            return maxWaitNs;
        }
        return deadlineNs <= nowNs ? 0 : Math.min(maxWaitNs, deadlineNs - nowNs);
    }

    /** Ends a wait that is under way, or else the next one. Any thread may call it. */
    public void wakeup() {
        transport.wakeup();
    }

    /** How often the socket had no room. */
    public long sendBlocked() {
        return sendBlocked;
    }

    /** How many packets the socket refused: too large for the link, or no route. */
    public long sendFailed() {
        return sendFailed;
    }

    /** Frees the driver's memory; connections are not closed, nor is the transport. */
    @Override
    public void close() {
        arena.close();
    }
}
