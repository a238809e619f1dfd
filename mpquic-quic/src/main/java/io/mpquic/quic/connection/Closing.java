package io.mpquic.quic.connection;

import io.mpquic.quic.wire.ConnectionCloseFrame;
import io.mpquic.quic.wire.TransportError;
import io.mpquic.quic.wire.TransportException;
import java.util.Queue;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The end of a connection (RFC 9000 §10.2).
 *
 * <pre>
 *             close() or a fault of the peer       3 PTO, 30 s
 *   OPEN ─┬─────────────────────────────────▶ CLOSING ──────┬─▶ CLOSED
 *         ├─────────────────────────────────▶ DRAINING ─────┤
 *         │   CONNECTION_CLOSE or stateless reset 3 PTO, 30 s
 *         └─────────────────────────────────────────────────┘
 *             idle or handshake timeout
 * </pre>
 *
 * <p>Whichever way is taken, the application hears of it once, at once.
 */
final class Closing {
    private enum State {
        OPEN,
        CLOSING,
        DRAINING,
        CLOSED
    }

    /** RFC 9000 §10.2: how many probe timeouts a closed connection lingers. */
    private static final int LINGER_PTOS = 3;

    /**
     * That is three timeouts of a path whose first packet took more than three seconds there and back. An estimate beyond
     * it comes from a peer that stood still, or keeps acknowledgements back, and is no reason to keep what it costs for
     * minutes. RFC 9000 §10.2 asks for three timeouts, lest late packets be answered by a stateless reset; of those there
     * are only so many a second.
     */
    private static final long LONGEST_LINGER_NS = 30_000_000_000L;

    private static final System.Logger LOG = System.getLogger(QuicConnection.class.getName());

    private final Queue<QuicEvent> events;
    private final LongSupplier ptoNs;
    private final Tracing tracing;
    private State state = State.OPEN;
    private @Nullable ConnectionCloseFrame frame;
    private boolean sendPending;
    private long received;
    private long deadlineNs = Long.MAX_VALUE;

    Closing(Queue<QuicEvent> events, LongSupplier ptoNs, Tracing tracing) {
        this.events = events;
        this.ptoNs = ptoNs;
        this.tracing = tracing;
    }

    boolean isOpen() {
        return state == State.OPEN;
    }

    boolean isClosed() {
        return state == State.CLOSED;
    }

    long deadlineNs() {
        return deadlineNs;
    }

    /** The application wants no more. */
    void closeByApplication(long errorCode, String reason, long nowNs) {
        close(
                new CloseReason(CloseReason.Kind.LOCAL, true, errorCode, reason),
                new ConnectionCloseFrame(errorCode, 0, reason, true),
                nowNs);
    }

    /** The peer broke a rule. */
    void closeFor(TransportException fault, long nowNs) {
        close(
                new CloseReason(CloseReason.Kind.PEER_FAULT, false, fault.errorCode(), fault.reason()),
                new ConnectionCloseFrame(fault.errorCode(), fault.frameType(), fault.reason(), false),
                nowNs);
    }

    /**
     * This connection ran into a defect: it ends, and the others of the endpoint live on. Where even its close cannot be
     * sent, it ends without a word.
     */
    void closeForDefect(RuntimeException defect, long nowNs) {
        LOG.log(System.Logger.Level.ERROR, "a defect ends a connection, please report it", defect);
        if (state == State.OPEN) {
            close(
                    new CloseReason(CloseReason.Kind.DEFECT, false, TransportError.INTERNAL_ERROR, defect.toString()),
                    new ConnectionCloseFrame(TransportError.INTERNAL_ERROR, 0, "", false),
                    nowNs);
        } else {
            state = State.CLOSED;
            sendPending = false;
            // The endpoint looks at the deadline when it looks for connections to forget.
            deadlineNs = nowNs;
        }
    }

    private void close(CloseReason why, ConnectionCloseFrame toSend, long nowNs) {
        if (leaveOpen(State.CLOSING, why, nowNs)) {
            frame = toSend;
            sendPending = true;
        }
    }

    /** The peer has closed. RFC 9000 §10.2.2: in the draining state nothing is sent. */
    void onConnectionClose(ConnectionCloseFrame received, long nowNs) {
        leaveOpen(
                State.DRAINING,
                new CloseReason(CloseReason.Kind.PEER, received.application(), received.errorCode(), received.reason()),
                nowNs);
    }

    /** The peer has lost the connection. RFC 9000 §10.3.1: as after its close. */
    void onStatelessReset(long nowNs) {
        leaveOpen(State.DRAINING, new CloseReason(CloseReason.Kind.STATELESS_RESET, false, 0, ""), nowNs);
    }

    /** Ends at once, without a word to the peer. */
    void end(CloseReason why, long nowNs) {
        if (leaveOpen(State.CLOSED, why, nowNs)) {
            deadlineNs = Long.MAX_VALUE;
        }
    }

    private boolean leaveOpen(State next, CloseReason why, long nowNs) {
        if (state != State.OPEN) {
            return false;
        }
        state = next;
        deadlineNs = nowNs + Math.min(LINGER_PTOS * ptoNs.getAsLong(), LONGEST_LINGER_NS);
        events.add(new QuicEvent.Closed(why));
        tracing.closed(why);
        return true;
    }

    /** Forgets the connection when it has lingered long enough. */
    void onTimeout(long nowNs) {
        if (state != State.OPEN && nowNs >= deadlineNs) {
            state = State.CLOSED;
            sendPending = false;
            deadlineNs = Long.MAX_VALUE;
        }
    }

    // RFC 9000 §10.2.1: packets of the peer are answered with the close again, ever more seldom.
    void onPacketWhileClosing() {
        if (state == State.CLOSING && Long.bitCount(++received) == 1) {
            sendPending = true;
        }
    }

    /** The frame to send now, or null. */
    @Nullable ConnectionCloseFrame pending() {
        return sendPending ? frame : null;
    }

    void onSent() {
        sendPending = false;
    }
}
