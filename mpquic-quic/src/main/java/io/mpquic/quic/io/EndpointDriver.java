package io.mpquic.quic.io;

import io.mpquic.quic.connection.QuicConnection;
import io.mpquic.quic.connection.SendResult;
import io.mpquic.quic.endpoint.QuicEndpoint;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Drives a {@link QuicEndpoint} over a {@link UdpTransport}: the only code that knows both packets and a socket.
 *
 * <p>One thread owns it and repeats: {@link #turn}, then the application's own work, such as {@link #sendDatagram}, then
 * {@link #await}. Only {@link #wakeup} may be called from elsewhere. It does not close the transport.
 */
public final class EndpointDriver implements AutoCloseable {
    /** Free bytes that {@link #sendDatagram} needs before a message. */
    public static final int HEADROOM_BYTES = QuicConnection.HEADROOM_BYTES;

    /** Free bytes that {@link #sendDatagram} needs behind a message. */
    public static final int TAILROOM_BYTES = QuicConnection.TAILROOM_BYTES;

    /** Large enough for any UDP payload. */
    private static final int BUFFER_BYTES = 65_536;
    /** Packets of one turn: after these, acknowledgements and the application have their turn. */
    private static final int RECEIVE_BATCH = 64;

    private final QuicEndpoint endpoint;
    private final UdpTransport transport;
    private final ReceiveBuffers receiveBuffers;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment out = arena.allocate(BUFFER_BYTES);
    private @Nullable MemorySegment receiveBuffer;
    private int waitingBytes;
    private int waitingCodepoint;
    private @Nullable InetSocketAddress waitingTo;
    private @Nullable QuicConnection waitingFor;
    private long sendBlocked;
    private long sendFailed;

    /**
     * Joins an endpoint and a transport.
     *
     * @param receiveBuffers where received payloads are put
     */
    public EndpointDriver(QuicEndpoint endpoint, UdpTransport transport, ReceiveBuffers receiveBuffers) {
        this.endpoint = endpoint;
        this.transport = transport;
        this.receiveBuffers = receiveBuffers;
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
        if (endpoint.nextTimeoutNs() <= nowNs) {
            endpoint.onTimeout(nowNs);
        }
        flush(nowNs);
        return more;
    }

    private boolean receive(long nowNs) throws IOException {
        for (int i = 0; i < RECEIVE_BATCH; i++) {
            MemorySegment buffer = receiveBuffer;
            if (buffer == null) {
                buffer = receiveBuffers.acquire();
                receiveBuffer = buffer;
            }
            int length = transport.receive(buffer, 0, (int) Math.min(buffer.byteSize(), BUFFER_BYTES));
            if (length < 0) {
                return false;
            }
            endpoint.receive(buffer, 0, length, transport.lastSender(), transport.lastCodepoint(), nowNs);
            receiveBuffer = null;
            receiveBuffers.release();
        }
        return true;
    }

    /** Sends what the connections have to say; the application calls it after it closed one. */
    public void flush(long nowNs) throws IOException {
        while (sendWaiting()) {
            int length = endpoint.transmit(out, 0, BUFFER_BYTES, nowNs);
            if (length == 0) {
                return;
            }
            waitingBytes = length;
            waitingTo = endpoint.transmitTo();
            waitingFor = endpoint.transmitFor();
            waitingCodepoint = endpoint.transmitEcn();
        }
    }

    /** Sends what {@code out} holds; false while the socket has no room for it. */
    private boolean sendWaiting() throws IOException {
        InetSocketAddress to = waitingTo;
        if (to == null) {
            return true;
        }
        if (!send(out, 0, waitingBytes, to, waitingFor, waitingCodepoint)) {
            return false;
        }
        waitingTo = null;
        waitingFor = null;
        return true;
    }

    private boolean send(
            MemorySegment buffer,
            long offset,
            int length,
            InetSocketAddress to,
            @Nullable QuicConnection connection,
            int codepoint)
            throws IOException {
        switch (transport.send(buffer, offset, length, to, codepoint)) {
            case SENT -> {}
            case WOULD_BLOCK -> {
                sendBlocked++;
                return false;
            }
            case TOO_LARGE -> {
                // The link carries less than was thought: for the connection a probe has failed, nothing worse.
                sendFailed++;
                if (connection != null) {
                    connection.onSendTooLarge(length);
                }
            }
            // The network is down just now. To the connection the packet is lost, and will be sent again.
            case UNREACHABLE -> sendFailed++;
        }
        return true;
    }

    /**
     * Sends a message as a DATAGRAM frame. Its packet is built around it: {@link #HEADROOM_BYTES} before it and
     * {@link #TAILROOM_BYTES} behind it are overwritten, the message is encrypted in place. With any result but SENT the
     * buffer is untouched.
     *
     * @throws IOException when the socket is broken or closed
     */
    public SendResult sendDatagram(
            QuicConnection connection, MemorySegment buffer, long offset, int lengthBytes, long nowNs)
            throws IOException {
        if (!sendWaiting()) {
            return SendResult.BLOCKED;
        }
        SendResult result = connection.sealDatagram(buffer, offset, lengthBytes, nowNs);
        if (result != SendResult.SENT) {
            return result;
        }
        long packet = connection.sealedOffset();
        int packetBytes = connection.sealedLengthBytes();
        if (!send(buffer, packet, packetBytes, connection.remoteAddress(), connection, connection.transmitEcn())) {
            // The buffer goes back to its owner: the packet waits here, so that it keeps its place in the order.
            MemorySegment.copy(buffer, packet, out, 0, packetBytes);
            waitingBytes = packetBytes;
            waitingTo = connection.remoteAddress();
            waitingFor = connection;
            waitingCodepoint = connection.transmitEcn();
        }
        return SendResult.SENT;
    }

    /**
     * Waits until a packet comes, a deadline of the endpoint is reached, {@link #wakeup} is called, or the time is over.
     *
     * @param maxWaitNs the longest wait, in nanoseconds
     * @param nowNs the present, on the clock of {@link #turn}
     */
    public void await(long maxWaitNs, long nowNs) throws IOException {
        long waitNs = waitNs(endpoint.nextTimeoutNs(), maxWaitNs, nowNs);
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
