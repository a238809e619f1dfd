package io.mpquic.quic.connection;

import io.mpquic.quic.wire.PacketNumberSpace;
import io.mpquic.quic.wire.RememberedParameters;
import io.mpquic.quic.wire.TransportError;
import io.mpquic.quic.wire.TransportException;
import io.mpquic.quic.wire.TransportParameters;
import org.jspecify.annotations.Nullable;

/**
 * What one connection does before its handshake is complete: a client's 0-RTT packets (RFC 9001 §4.6). Only where both
 * TLS configurations ask for it. To be used by the thread that owns the connection.
 *
 * <pre>
 *   client:  NONE ---> OFFERED ---> ACCEPTED      server:  NONE ---> ACCEPTED
 *                         |
 *                         +-------> REJECTED
 * </pre>
 */
public final class EarlyData {
    /** How far it came. */
    public enum Status {
        /** There are none: not asked for, or no session to resume. On a server also: it takes none. */
        NONE,
        /** The client may send, and does not know yet whether the server listens. */
        OFFERED,
        /** The server processes 0-RTT packets. */
        ACCEPTED,
        /** The server has processed nothing: what was sent early is to be sent again, on new streams. */
        REJECTED
    }

    /** Early data leave so many packets of the window to the end of the handshake, which frees it. */
    private static final int PACKETS_FOR_THE_HANDSHAKE = 2;

    private static final long NEVER = Long.MAX_VALUE;
    private static final int PTOS_FOR_LATE_PACKETS = 3;

    private final QuicConnection connection;
    private Status status = Status.NONE;
    private @Nullable RememberedParameters remembered;
    private long keysExpireNs = NEVER;

    EarlyData(QuicConnection connection) {
        this.connection = connection;
    }

    /** How far it came. */
    public Status status() {
        return status;
    }

    /**
     * Whether a client sends in 0-RTT packets now what is offered with {@link QuicConnection#offerDatagram} and written to
     * streams. Who copies such packets can send them again: only what may arrive twice belongs there.
     */
    public boolean isOpen() {
        PacketSpace space = connection.spaces.application;
        return connection.isClient()
                && space.writeKeys != null
                && space.oneRttKeys == null
                && connection.closing.isOpen();
    }

    /**
     * Whether what a server receives now was in 0-RTT packets, or may have been, of a client that has not shown yet that it
     * is there: within a call of the {@link DatagramSink}, whether the datagram could be a replay (RFC 9001 §9.2). Once the
     * handshake is complete nothing is, 0-RTT packets that are late included.
     */
    public boolean mayBeReplayed() {
        return !connection.isClient() && status == Status.ACCEPTED && !connection.establishment.isComplete();
    }

    /** How many bytes of the window early data leave to others. */
    long reservedBytes() {
        return isOpen() ? (long) PACKETS_FOR_THE_HANDSHAKE * connection.congestion.maxDatagramBytes() : 0;
    }

    /** A client may send, under these limits; or, without any, a server accepts. */
    void onKeys(@Nullable RememberedParameters parameters) {
        if (parameters == null) {
            status = Status.ACCEPTED;
            return;
        }
        status = Status.OFFERED;
        remembered = parameters;
        applyLimits(parameters.values());
    }

    // RFC 9000 §7.4.1: the remembered values hold until the new ones come.
    private void applyLimits(TransportParameters parameters) {
        connection.peerLimits.set(parameters);
        connection.streams.peerLimits(connection.peerLimits.streams());
    }

    /** The server has answered. */
    void onDecided(boolean accepted, long nowNs) {
        if (accepted) {
            status = Status.ACCEPTED;
            return;
        }
        status = Status.REJECTED;
        connection.spaces.application.writeKeys = null;
        // RFC 9002 §6.4: nobody acknowledges what was sent, and it fills the window no longer.
        connection.recovery.discardSpace(PacketNumberSpace.APPLICATION, nowNs);
        // RFC 9001 §4.6.2: the server knows nothing of the streams, so they never were.
        connection.streamFrames.restart();
        applyLimits(TransportParameters.builder().build());
        connection.events.queue.add(new QuicEvent.EarlyDataRejected());
    }

    // RFC 9000 §7.4.1, RFC 9221 §3: what was sent was under the old limits.
    void check(TransportParameters parameters) throws TransportException {
        if (status == Status.ACCEPTED && remembered != null) {
            String lowered = remembered.loweredIn(parameters);
            if (lowered != null) {
                throw new TransportException(
                        TransportError.PROTOCOL_VIOLATION, "0-RTT is accepted under a lower " + lowered);
            }
        }
    }

    /** A Retry came. RFC 9000 §17.2.3: what its sender has dropped is sent again in new packets. */
    void onRetry(long nowNs) {
        if (isOpen()) {
            connection.delivery.resendAll(connection.spaces.application);
            connection.recovery.discardSpace(PacketNumberSpace.APPLICATION, nowNs);
        }
    }

    /**
     * Whether 0-RTT packets are of use: they can be read, or RFC 9001 §5.7: have overtaken the end of the ClientHello that
     * brings their keys. A client reads none (RFC 9001 §5.6).
     */
    boolean mayRead() {
        PacketSpace handshake = connection.spaces.handshake;
        boolean awaited = !connection.isClient() && handshake.readKeys == null && !handshake.isDiscarded();
        return awaited || isReadable();
    }

    private boolean isReadable() {
        return connection.spaces.application.readKeys != null;
    }

    /** A server has read a 1-RTT packet. RFC 9001 §4.9.3: what is late and was sent before comes soon, or never. */
    void onOneRttPacket(long nowNs) {
        if (keysExpireNs == NEVER && isReadable()) {
            keysExpireNs = nowNs + PTOS_FOR_LATE_PACKETS * connection.ptoNs();
        }
    }

    void onTimeout(long nowNs) {
        if (nowNs >= keysExpireNs) {
            connection.spaces.application.readKeys = null;
            keysExpireNs = NEVER;
        }
    }

    long nextTimeoutNs() {
        return keysExpireNs;
    }
}
