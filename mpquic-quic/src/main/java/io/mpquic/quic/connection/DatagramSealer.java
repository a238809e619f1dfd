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
 * Turns a message into a QUIC packet where it lies (RFC 9221 §4). Nothing is copied and nothing allocated.
 *
 * <pre>
 *  headroom                                         message          tailroom
 *  ┌────────┬──────────────┬─────────┬─────┬──────┬────────────────┬────────────┐
 *  │ unused │ short header │ PADDING │ ACK │ 0x30 │ given offset … │ 16-byte tag│
 *  └────────┴──────────────┴─────────┴─────┴──────┴────────────────┴────────────┘
 *           ▲ sealedOffset   for tiny   if one is due and fits
 *                            messages
 * </pre>
 */
final class DatagramSealer {
    /** Short header with a 20-byte connection ID (25), ACK frame, padding, frame type. */
    static final int HEADROOM_BYTES = 64;

    static final int TAILROOM_BYTES = PacketAead.TAG_BYTES;

    private static final int FRAME_TYPE_BYTES = 1;

    private final QuicConnection connection;
    private final PacketAssembler assembler;
    private final WireWriter writer = new WireWriter();
    private long sealedOffset;
    private int sealedLength;

    DatagramSealer(QuicConnection connection, PacketAssembler assembler) {
        this.connection = connection;
        this.assembler = assembler;
    }

    long sealedOffset() {
        return sealedOffset;
    }

    int sealedLength() {
        return sealedLength;
    }

    void seal(MemorySegment buffer, long offset, int length, long nowNs) {
        PacketSpace space = connection.spaces.application;
        ConnectionId destination = connection.peerIds.current();
        long packetNumber = space.peekPacketNumber();
        int numberLength = PacketNumber.lengthBytes(packetNumber, space.largestAcknowledged);
        int headerLength = PacketHeader.shortLengthBytes(destination, numberLength);
        int fixed = headerLength + FRAME_TYPE_BYTES + length + PacketAead.TAG_BYTES;
        int ackRoom = Math.min(
                HEADROOM_BYTES - headerLength - FRAME_TYPE_BYTES - PacketAssembler.MIN_NUMBER_AND_PAYLOAD_BYTES,
                connection.mtu.currentBytes() - fixed);

        int ackLength = ackLength(space.received, ackRoom, nowNs);
        int padding = Math.max(
                0, PacketAssembler.MIN_NUMBER_AND_PAYLOAD_BYTES - numberLength - ackLength - FRAME_TYPE_BYTES - length);
        long start = offset - FRAME_TYPE_BYTES - ackLength - padding - headerLength;

        writer.wrap(buffer, start, offset - start);
        long numberOffset = assembler.writeHeader(space, destination, writer, numberLength);
        writer.zeros(padding);
        long largestAcknowledged = writeAck(space.received, ackLength, nowNs);
        DatagramFrame.writeHeader(writer, length, false);

        int payload = padding + ackLength + FRAME_TYPE_BYTES + length;
        assembler.protect(space, buffer, start, numberOffset, numberLength, payload);
        sealedOffset = start;
        sealedLength = headerLength + payload + PacketAead.TAG_BYTES;
        connection.recovery.onPacketSent(
                space.id, packetNumber, sealedLength, true, true, false, largestAcknowledged, null, nowNs);
        connection.sending.onPacketSent(space, sealedLength, true, nowNs);
        connection.counters.datagramsSent++;
    }

    /** How many bytes the ACK frame has that rides along; 0 when none is owed or none fits. */
    private static int ackLength(ReceivedPackets received, int room, long nowNs) {
        if (!received.hasUnacknowledged()) {
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
                writer, received, received.ackDelayNs(nowNs) / PacketAssembler.ACK_DELAY_UNIT_NS, ackLength);
        received.onAckSent(nowNs);
        return ranges.largest(0);
    }
}
