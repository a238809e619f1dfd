package io.mpquic.quic.stream;

import io.mpquic.quic.wire.ResetStreamFrame;
import io.mpquic.quic.wire.StreamFrame;
import io.mpquic.quic.wire.VarInt;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** The sending part of a stream (RFC 9000 §3.1). */
final class SendPart {
    /** What the Length field can tell in two bytes; packets are hardly larger. */
    private static final int LONGEST_FRAME_BYTES = 16_383;

    private static final int LENGTH_FIELD_BYTES = 2;

    private final long id;
    private final SendBuffer buffer;
    private SendState state = SendState.READY;
    private long limit;
    private boolean finished;
    private boolean endPending;
    private boolean endAcknowledged;
    private long resetCode = -1;
    private boolean resetPending;
    private long peerStopCode = -1;
    private boolean writerWaits;
    private long blockedToldAt = -1;

    SendPart(long id, long limit, long bufferBytes) {
        this.id = id;
        buffer = new SendBuffer(bufferBytes);
        this.limit = limit;
    }

    int write(byte[] data, int offset, int lengthBytes) {
        if (resetCode >= 0) {
            return -1;
        }
        if (finished) {
            throw new IllegalStateException("stream " + id + " is finished");
        }
        int taken = buffer.write(data, offset, lengthBytes);
        writerWaits = taken < lengthBytes;
        return taken;
    }

    void finish() {
        if (!finished && resetCode < 0) {
            finished = true;
            endPending = true;
        }
    }

    /** Whether there is anything to reset. */
    boolean reset(long errorCode) {
        if (resetCode >= 0 || state.isFinal()) {
            return false;
        }
        resetCode = StreamId.requireCode(errorCode);
        resetPending = true;
        state = state.to(SendState.RESET_SENT);
        buffer.release();
        return true;
    }

    /** Over, and nobody is to be told. */
    void abandon() {
        reset(0);
        resetPending = false;
        onResetAcknowledged();
    }

    // RFC 9000 §3.5: who is asked to stop resets the stream, with the code of the request.
    void onStopSending(long errorCode) {
        peerStopCode = errorCode;
        reset(errorCode);
    }

    /** RFC 9000 §4.1: a limit never falls. */
    void limit(long bytes) {
        limit = Math.max(limit, bytes);
    }

    @Nullable ResetStreamFrame nextReset() {
        if (!resetPending) {
            return null;
        }
        resetPending = false;
        return new ResetStreamFrame(id, resetCode, buffer.sentOffset());
    }

    /** Whether something can go now when the connection lets so many new bytes pass. */
    boolean wantsToSend(long creditBytes) {
        return resetCode < 0 && (buffer.hasLost() || endIsDue() || (creditBytes > 0 && newBytes() > 0));
    }

    /** Bytes that were never sent and that the stream's own limit lets pass. */
    long newBytes() {
        return resetCode >= 0 ? 0 : Math.max(0, Math.min(buffer.endOffset(), limit) - buffer.sentOffset());
    }

    private boolean endIsDue() {
        return endPending && buffer.sentOffset() == buffer.endOffset();
    }

    /** The next frame of at most {@code roomBytes}, lost bytes first; null when nothing fits. */
    @Nullable StreamFrame next(int roomBytes, long creditBytes) {
        if (!wantsToSend(creditBytes)) {
            return null;
        }
        boolean again = buffer.hasLost();
        long offset = again ? buffer.lostOffset() : buffer.sentOffset();
        int header = 1 + VarInt.lengthBytes(id) + VarInt.lengthBytes(offset) + LENGTH_FIELD_BYTES;
        int room = Math.min(roomBytes - header, LONGEST_FRAME_BYTES);
        if (room < 0) {
            return null;
        }
        int length = again
                ? buffer.lostLengthBytes(room)
                : buffer.newLengthBytes(Math.min(limit, buffer.sentOffset() + creditBytes), room);
        boolean fin = finished && offset + length == buffer.endOffset();
        if (length == 0 && !(fin && endPending)) {
            return null;
        }
        MemorySegment data = again ? buffer.takeLost(length) : buffer.takeNew(length);
        onSent(fin);
        return new StreamFrame(id, offset, data, fin);
    }

    private void onSent(boolean fin) {
        if (state == SendState.READY) {
            state = state.to(SendState.SEND);
        }
        if (fin) {
            endPending = false;
            if (state == SendState.SEND) {
                state = state.to(SendState.DATA_SENT);
            }
        }
    }

    /** The limit to complain about, once for each; -1 when the stream is not blocked by it (RFC 9000 §4.1). */
    long takeBlockedLimit() {
        if (!isBlockedNews()) {
            return -1;
        }
        blockedToldAt = limit;
        return limit;
    }

    boolean isBlockedNews() {
        return resetCode < 0 && buffer.endOffset() > limit && buffer.sentOffset() == limit && blockedToldAt != limit;
    }

    void onAcknowledged(StreamFrame frame) {
        if (resetCode >= 0) {
            return;
        }
        buffer.onAcknowledged(frame.offset(), (int) frame.data().byteSize());
        endAcknowledged |= frame.fin();
        endPending &= !endAcknowledged;
        if (state == SendState.DATA_SENT && endAcknowledged && buffer.isAllAcknowledged()) {
            state = state.to(SendState.DATA_RECVD);
            buffer.release();
        }
    }

    void onLost(StreamFrame frame) {
        if (resetCode >= 0 || state.isFinal()) {
            return;
        }
        buffer.onLost(frame.offset(), (int) frame.data().byteSize());
        endPending |= frame.fin() && !endAcknowledged;
    }

    void onResetAcknowledged() {
        if (state == SendState.RESET_SENT) {
            state = state.to(SendState.RESET_RECVD);
        }
    }

    void onResetLost() {
        resetPending = state == SendState.RESET_SENT;
    }

    /** RFC 9000 §13.3: told again while it is still so. */
    void onBlockedLost(long limitBytes) {
        if (limitBytes == limit) {
            blockedToldAt = -1;
        }
    }

    /** Whether a writer that was stopped can go on now; true once. */
    boolean takeWritable() {
        boolean now = writerWaits && (buffer.hasMuchRoom() || resetCode >= 0);
        writerWaits &= !now;
        return now;
    }

    long sentBytes() {
        return buffer.sentOffset();
    }

    long peerStopCode() {
        return peerStopCode;
    }

    SendState state() {
        return state;
    }
}
