package io.mpquic.quic.stream;

import org.jspecify.annotations.Nullable;

/** A stream that is not over: its parts, and where it waits. */
final class OpenStream implements QuicStream {
    final @Nullable SendPart sending;
    final @Nullable ReceivePart receiving;
    /** In {@link SendQueue}. */
    boolean queued;
    /** There, and waiting for credit of the connection. */
    boolean aside;

    boolean controlQueued;
    boolean readableQueued;
    boolean writableQueued;

    private final long id;
    private final StreamSet owner;

    OpenStream(long id, StreamSet owner, @Nullable SendPart sending, @Nullable ReceivePart receiving) {
        this.id = id;
        this.owner = owner;
        this.sending = sending;
        this.receiving = receiving;
    }

    @Override
    public long id() {
        return id;
    }

    @Override
    public boolean isUnidirectional() {
        return StreamId.isUnidirectional(id);
    }

    @Override
    public int write(byte[] data, int offset, int lengthBytes) {
        int taken = requireSending().write(data, offset, lengthBytes);
        owner.onChanged(this);
        return taken;
    }

    @Override
    public void finish() {
        requireSending().finish();
        owner.onChanged(this);
    }

    @Override
    public void reset(long errorCode) {
        if (requireSending().reset(errorCode)) {
            owner.wantControl(this);
        }
    }

    @Override
    public int read(byte[] into, int offset, int lengthBytes) {
        int length = requireReceiving().read(into, offset, lengthBytes);
        owner.onConsumed(this);
        return length;
    }

    @Override
    public void stopSending(long errorCode) {
        if (requireReceiving().stop(errorCode)) {
            owner.onConsumed(this);
        }
    }

    @Override
    public long peerResetCode() {
        return receiving == null ? -1 : receiving.peerResetCode();
    }

    @Override
    public long peerStopCode() {
        return sending == null ? -1 : sending.peerStopCode();
    }

    @Override
    public SendState sendState() {
        return sending == null ? SendState.DATA_RECVD : sending.state();
    }

    @Override
    public ReceiveState receiveState() {
        return receiving == null ? ReceiveState.DATA_READ : receiving.state();
    }

    /** Whether both parts are over (RFC 9000 §3.4). */
    boolean isOver() {
        return sendState().isFinal() && receiveState().isFinal();
    }

    /** The peer will never know of it: both parts are over at once. */
    void abandon() {
        if (sending != null) {
            sending.abandon();
        }
        if (receiving != null) {
            receiving.abandon();
        }
    }

    SendPart requireSending() {
        if (sending == null) {
            throw new IllegalStateException("only the peer sends on stream " + id);
        }
        return sending;
    }

    private ReceivePart requireReceiving() {
        if (receiving == null) {
            throw new IllegalStateException("only this end sends on stream " + id);
        }
        return receiving;
    }
}
