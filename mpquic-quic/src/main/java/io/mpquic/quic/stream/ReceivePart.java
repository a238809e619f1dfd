package io.mpquic.quic.stream;

import io.mpquic.quic.wire.MaxStreamDataFrame;
import io.mpquic.quic.wire.ResetStreamFrame;
import io.mpquic.quic.wire.StopSendingFrame;
import io.mpquic.quic.wire.StreamFrame;
import io.mpquic.quic.wire.TransportError;
import io.mpquic.quic.wire.TransportException;
import org.jspecify.annotations.Nullable;

/** The receiving part of a stream (RFC 9000 §3.2, §4.5), and what it takes from the credit of the connection. */
final class ReceivePart {
    private final long id;
    private final ReceiveBuffer buffer = new ReceiveBuffer();
    private final ReceiveCredit own;
    private final ReceiveCredit connection;
    private ReceiveState state = ReceiveState.RECV;
    private long finalSize = -1;
    private long peerResetCode = -1;
    private long stopCode = -1;
    private boolean stopPending;
    private boolean limitPending;
    private boolean news;
    private boolean discarded;

    ReceivePart(long id, ReceiveCredit own, ReceiveCredit connection) {
        this.id = id;
        this.own = own;
        this.connection = connection;
    }

    void onStream(StreamFrame frame) throws TransportException {
        long end = frame.offset() + frame.data().byteSize();
        account(end, frame.fin() ? end : -1, frame.type());
        if (state != ReceiveState.RECV && state != ReceiveState.SIZE_KNOWN) {
            return;
        }
        if (stopCode < 0) {
            long before = buffer.readableTo();
            buffer.put(frame.offset(), frame.data());
            news |= buffer.readableTo() > before;
        }
        if (finalSize >= 0) {
            if (state == ReceiveState.RECV) {
                state = state.to(ReceiveState.SIZE_KNOWN);
            }
            // What is thrown away need not be complete: all of it has been counted.
            if (buffer.readableTo() == finalSize || stopCode >= 0) {
                state = state.to(ReceiveState.DATA_RECVD);
                news = true;
                if (stopCode >= 0) {
                    state = state.to(ReceiveState.DATA_READ);
                }
            }
        }
    }

    void onReset(ResetStreamFrame frame) throws TransportException {
        account(frame.finalSize(), frame.finalSize(), ResetStreamFrame.TYPE);
        if (state != ReceiveState.RECV && state != ReceiveState.SIZE_KNOWN) {
            return;
        }
        peerResetCode = frame.errorCode();
        state = state.to(ReceiveState.RESET_RECVD);
        news = true;
        discard();
        if (stopCode >= 0) {
            state = state.to(ReceiveState.RESET_READ);
        }
    }

    private void account(long end, long newFinalSize, long frameType) throws TransportException {
        // RFC 9000 §4.5: the size never changes, and nothing lies beyond it.
        boolean contradicts = finalSize >= 0
                ? end > finalSize || (newFinalSize >= 0 && newFinalSize != finalSize)
                : newFinalSize >= 0 && newFinalSize < own.receivedBytes();
        if (contradicts) {
            throw new TransportException(
                    TransportError.FINAL_SIZE_ERROR, frameType, "stream " + id + " changes its final size");
        }
        long more = Math.max(0, end - own.receivedBytes());
        // RFC 9000 §4.1: neither the stream nor all together beyond what was permitted.
        if (!own.covers(more) || !connection.covers(more)) {
            throw new TransportException(
                    TransportError.FLOW_CONTROL_ERROR, frameType, "stream " + id + " sends more than it may");
        }
        own.onReceived(more);
        connection.onReceived(more);
        finalSize = Math.max(finalSize, newFinalSize);
        if (stopCode >= 0) {
            connection.onConsumed(more);
        }
    }

    int read(byte[] into, int offset, int lengthBytes) {
        if (state.isFinal() || stopCode >= 0) {
            return -1;
        }
        if (state == ReceiveState.RESET_RECVD) {
            state = state.to(ReceiveState.RESET_READ);
            return -1;
        }
        int length = buffer.read(into, offset, lengthBytes);
        own.onConsumed(length);
        connection.onConsumed(length);
        limitPending |= state == ReceiveState.RECV && own.isRaiseDue();
        if (length == 0 && state == ReceiveState.DATA_RECVD && buffer.readOffset() == finalSize) {
            state = state.to(ReceiveState.DATA_READ);
            buffer.release();
            return -1;
        }
        return length;
    }

    /** Whether there was anything to stop. */
    boolean stop(long errorCode) {
        if (stopCode >= 0 || state.isFinal()) {
            return false;
        }
        stopCode = StreamId.requireCode(errorCode);
        // RFC 9000 §3.5: there is nothing to ask for once the end or the reset has come.
        stopPending = state == ReceiveState.RECV;
        limitPending = false;
        switch (state) {
            case RECV -> discard();
            case SIZE_KNOWN -> {
                discard();
                state = state.to(ReceiveState.DATA_RECVD).to(ReceiveState.DATA_READ);
            }
            case DATA_RECVD -> {
                discard();
                state = state.to(ReceiveState.DATA_READ);
            }
            case RESET_RECVD -> state = state.to(ReceiveState.RESET_READ);
            case DATA_READ, RESET_READ -> throw new IllegalStateException("over");
        }
        return true;
    }

    /** Over, and nobody is to be told. */
    void abandon() {
        if (state == ReceiveState.RECV) {
            state = state.to(ReceiveState.RESET_RECVD).to(ReceiveState.RESET_READ);
        }
        discard();
    }

    /** The connection gets back what nobody will read. */
    private void discard() {
        if (!discarded) {
            connection.onConsumed(own.receivedBytes() - buffer.readOffset());
            discarded = true;
        }
        buffer.release();
    }

    @Nullable StopSendingFrame nextStop() {
        boolean due = stopPending && state == ReceiveState.RECV;
        stopPending = false;
        return due ? new StopSendingFrame(id, stopCode) : null;
    }

    @Nullable MaxStreamDataFrame nextLimit(long nowNs, long roundTripNs) {
        // RFC 9000 §4.1, §13.3: of no use once the size is known.
        boolean due = limitPending && state == ReceiveState.RECV && stopCode < 0;
        limitPending = false;
        return due ? new MaxStreamDataFrame(id, own.raise(nowNs, roundTripNs)) : null;
    }

    boolean hasControl() {
        return stopPending || limitPending;
    }

    void onStopLost() {
        stopPending = state == ReceiveState.RECV;
    }

    /** Only the newest limit is worth telling again: RFC 9000 §13.3. */
    void onLimitLost(long bytes) {
        limitPending |= bytes == own.limitBytes() && state == ReceiveState.RECV;
    }

    /** Whether a reader should look; true once for each piece of news. */
    boolean takeReadable() {
        boolean now = news && stopCode < 0;
        news = false;
        return now;
    }

    long peerResetCode() {
        return peerResetCode;
    }

    int memoryBytes() {
        return buffer.memoryBytes();
    }

    ReceiveState state() {
        return state;
    }
}
