package io.mpquic.quic.connection;

import io.mpquic.quic.wire.TransportError;
import io.mpquic.quic.wire.TransportException;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/** Lets payloads go, built from frames or around a message, and accounts for what went: budgets, timers, wear of the keys. */
final class Sending {
    final Egress egress;
    final DatagramSealer sealer;

    private final QuicConnection connection;

    Sending(QuicConnection connection) {
        this.connection = connection;
        PacketAssembler assembler = new PacketAssembler(connection);
        egress = new Egress(connection, assembler, connection.datagrams);
        sealer = new DatagramSealer(connection, assembler);
    }

    int transmit(MemorySegment out, long offset, int capacity, long nowNs) {
        connection.tracing.at(nowNs);
        if (connection.isClosed()) {
            return 0;
        }
        try {
            connection.recovery.ecn().nextCodepoint();
            int length = egress.transmit(out, offset, capacity, nowNs);
            if (length > 0) {
                onPayloadSent(egress.sentOn(), length);
            }
            return length;
        } catch (RuntimeException defect) {
            connection.closing.closeForDefect(defect, nowNs);
            return 0;
        }
    }

    SendResult seal(
            MemorySegment message, long offset, int lengthBytes, MemorySegment out, long outOffset, long nowNs) {
        Objects.checkFromIndexSize(
                offset - DatagramSealer.HEADROOM_BYTES,
                DatagramSealer.HEADROOM_BYTES + (long) lengthBytes,
                message.byteSize());
        Objects.checkFromIndexSize(outOffset, connection.mtu.currentBytes(), out.byteSize());
        connection.tracing.at(nowNs);
        if (!connection.isEstablished()) {
            return SendResult.CLOSED;
        }
        if (lengthBytes > connection.maxDatagramBytes()) {
            return SendResult.TOO_LARGE;
        }
        if (!egress.maySendDatagram(nowNs)) {
            egress.streams.onDatagramBlocked(nowNs);
            return SendResult.BLOCKED;
        }
        try {
            connection.recovery.ecn().nextCodepoint();
            sealer.seal(message, offset, lengthBytes, out, outOffset, nowNs);
            onPayloadSent(connection.paths.active(), sealer.sealedLength());
            egress.streams.onDatagramSealed();
            return SendResult.SENT;
        } catch (RuntimeException defect) {
            connection.closing.closeForDefect(defect, nowNs);
            return SendResult.CLOSED;
        }
    }

    private void onPayloadSent(Path path, int length) {
        connection.counters.bytesSent += length;
        path.limit.sent(length);
        connection.recovery.amplificationBlocked(connection.paths.budgetBytes() == 0);
    }

    /** To be called after each packet that loss recovery tracks. */
    void onPacketSent(PacketSpace space, int bytes, boolean ackEliciting, long nowNs) {
        connection.counters.packetsSent++;
        if (ackEliciting) {
            connection.idle.onAckElicitingSent(nowNs);
            connection.pacer.onSent(bytes, nowNs);
        }
        connection.establishment.onPacketSent(space, nowNs);
        OneRttKeys keys = space.oneRttKeys;
        if (keys != null) {
            connection.keyUpdates.onPacketSent(keys, nowNs);
        }
        if (space.isOutOfNumbers()) {
            connection.closing.closeFor(
                    new TransportException(TransportError.PROTOCOL_VIOLATION, "the peer acknowledges nothing"), nowNs);
        }
    }
}
