package io.mpquic.quic.connection;

import io.mpquic.quic.crypto.PacketAead;
import io.mpquic.quic.recovery.ReceivedPackets;
import io.mpquic.quic.wire.AckFrame;
import io.mpquic.quic.wire.AckRanges;
import io.mpquic.quic.wire.ConnectionId;
import io.mpquic.quic.wire.DatagramFrame;
import io.mpquic.quic.wire.PacketHeader;
import io.mpquic.quic.wire.PacketNumber;
import io.mpquic.quic.wire.WireWriter;
import java.lang.foreign.MemorySegment;

/**
 * Turns a message into a QUIC packet (RFC 9221 §4). The message is read once and its ciphertext written once, where the
 * packet is to be: packets of a batch come to lie one behind the other. Nothing is allocated.
 *
 * <pre>
 *   headroom                            message
 *  ┌────────┬─────────┬─────┬──────┬────────────────┐
 *  │ unused │ PADDING │ ACK │ 0x30 │ given offset … │
 *  └────────┴─────────┴─────┴──────┴────────────────┘
 *           for tiny   if one is due and fits
 *           messages       │
 *                          ▼ sealed
 *    ┌──────────────┬────────────────────────────────┬────────────┐
 *    │ short header │ ciphertext                     │ 16-byte tag│   out
 *    └──────────────┴────────────────────────────────┴────────────┘
 * </pre>
 */
final class DatagramSealer {
    /** ACK frame, padding, frame type. */
    static final int HEADROOM_BYTES = 64;

    /**
     * An ACK rides with a message that leaves at least half of the packet free. Those that fill it are many: they are of one
     * size then, and go out in one call.
     */
    private static final int SMALL_SHARE = 2;

    private static final int FRAME_TYPE_BYTES = 1;

    private final QuicConnection connection;
    private final PacketAssembler assembler;
    private final WireWriter headerWriter = new WireWriter();
    private final WireWriter frameWriter = new WireWriter();
    private int sealedLength;

    DatagramSealer(QuicConnection connection, PacketAssembler assembler) {
        this.connection = connection;
        this.assembler = assembler;
    }

    int sealedLength() {
        return sealedLength;
    }

    void seal(MemorySegment message, long offset, int length, MemorySegment out, long start, long nowNs) {
        PacketSpace space = connection.spaces.application;
        ConnectionId destination = connection.peerIds.current();
        long packetNumber = space.peekPacketNumber();
        int numberLength = PacketNumber.lengthBytes(packetNumber, space.largestAcknowledged);
        int headerLength = PacketHeader.shortLengthBytes(destination, numberLength);
        int ackRoom = length > connection.mtu.currentBytes() / SMALL_SHARE
                ? 0
                : HEADROOM_BYTES - FRAME_TYPE_BYTES - PacketAssembler.MIN_NUMBER_AND_PAYLOAD_BYTES;
        int ackLength = ackLength(space.received, ackRoom, nowNs);
        int padding = Math.max(
                0, PacketAssembler.MIN_NUMBER_AND_PAYLOAD_BYTES - numberLength - ackLength - FRAME_TYPE_BYTES - length);
        int payload = padding + ackLength + FRAME_TYPE_BYTES + length;
        long payloadStart = offset - (payload - length);

        frameWriter.wrap(message, payloadStart, offset - payloadStart);
        frameWriter.zeros(padding);
        long largestAcknowledged = writeAck(space.received, ackLength, nowNs);
        DatagramFrame.writeHeader(frameWriter, length, false);
        headerWriter.wrap(out, start, headerLength);
        long numberOffset = assembler.writeHeader(space, destination, headerWriter, numberLength);
        assembler.protect(space, message, payloadStart, payload, out, start, numberOffset, numberLength);

        sealedLength = headerLength + payload + PacketAead.TAG_BYTES;
        connection.recovery.onPacketSent(
                space.id, packetNumber, sealedLength, true, true, false, largestAcknowledged, null, nowNs);
        connection.sending.onPacketSent(space, sealedLength, true, nowNs);
        connection.counters.datagramsSent++;
    }

    /** How many bytes the ACK frame has that rides along; 0 when none is owed or none fits. */
    private static int ackLength(ReceivedPackets received, int room, long nowNs) {
        if (room == 0 || !received.hasUnacknowledged()) {
            return 0;
        }
        AckRanges ranges = received.ranges();
        long delay = received.ackDelayNs(nowNs) / PacketAssembler.ACK_DELAY_UNIT_NS;
        int all = AckFrame.lengthBytes(ranges, delay, ranges.size())
                + (received.hasMarks() ? AckFrame.ecnBytes(received.ect0(), received.ect1(), received.ce()) : 0);
        return all <= room ? all : 0;
    }

    private long writeAck(ReceivedPackets received, int ackLength, long nowNs) {
        if (ackLength == 0) {
            return -1;
        }
        AckRanges ranges = received.ranges();
        PacketAssembler.writeAck(
                frameWriter, received, received.ackDelayNs(nowNs) / PacketAssembler.ACK_DELAY_UNIT_NS, ackLength);
        received.onAckSent(nowNs);
        return ranges.largest(0);
    }
}
