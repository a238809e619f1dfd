package io.mpquic.quic.connection;

import io.mpquic.quic.crypto.HeaderMask;
import io.mpquic.quic.crypto.HeaderProtection;
import io.mpquic.quic.crypto.PacketAead;
import io.mpquic.quic.crypto.PacketKeys;
import io.mpquic.quic.recovery.ReceivedPackets;
import io.mpquic.quic.wire.AckFrame;
import io.mpquic.quic.wire.AckRanges;
import io.mpquic.quic.wire.ConnectionId;
import io.mpquic.quic.wire.Frame;
import io.mpquic.quic.wire.PacketHeader;
import io.mpquic.quic.wire.PacketNumber;
import io.mpquic.quic.wire.PacketType;
import io.mpquic.quic.wire.WireWriter;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Builds one packet at a time in the caller's memory: header, frames, padding, then both protections in place (RFC 9000
 * §17, RFC 9001 §5).
 */
final class PacketAssembler {
    /** RFC 9001 §5.4.2: packet number and payload together have at least four bytes, or there is nothing to sample. */
    static final int MIN_NUMBER_AND_PAYLOAD_BYTES = 4;

    /** {@link AckFrame} delays are in units of 2^3 µs, the default ack_delay_exponent (RFC 9000 §18.2). */
    static final int ACK_DELAY_UNIT_NS = 8_000;

    /**
     * What an ACK frame leaves free for the frame that a packet must not go without: a PATH_CHALLENGE, or a PING. With a
     * small amplification budget (RFC 9000 §8.1) the ranges of a lossy path would otherwise fill the packet.
     */
    private static final int RESERVED_BYTES = 1 + Long.BYTES;

    /** An ACK frame of one range: type, range count, and three integers of eight bytes. */
    private static final int ONE_RANGE_BYTES = 2 + 3 * Long.BYTES;

    /** First byte, connection ID, packet number. */
    private static final int LONGEST_SHORT_HEADER_BYTES =
            1 + ConnectionId.MAX_LENGTH_BYTES + PacketNumber.MAX_LENGTH_BYTES;

    /** With the version, the lengths of both connection IDs, of a token and of the packet, and an ID of 8 bytes more. */
    private static final int LONGEST_LONG_HEADER_BYTES = LONGEST_SHORT_HEADER_BYTES + 4 + 2 + 4 + 2 + Long.BYTES;

    private final QuicConnection connection;
    private final WireWriter writer = new WireWriter();
    private final List<Frame> tracked = new ArrayList<>();
    private @Nullable MemorySegment out;
    private @Nullable PacketSpace space;
    private long start;
    private long packetNumberOffset;
    private int packetNumberLength;
    private long payloadOffset;
    private long largestAcknowledgedInIt;
    private boolean ackEliciting;
    private boolean padding;
    private boolean mtuProbe;

    PacketAssembler(QuicConnection connection) {
        this.connection = connection;
    }

    /** With less room than this, no packet is built in this space: an acknowledgement always fits. */
    static int minRoomBytes(PacketSpace packetSpace) {
        int header =
                packetSpace.writeType() == PacketType.ONE_RTT ? LONGEST_SHORT_HEADER_BYTES : LONGEST_LONG_HEADER_BYTES;
        return header + ONE_RANGE_BYTES + RESERVED_BYTES + PacketAead.TAG_BYTES;
    }

    /** Starts a packet of at most {@code room} bytes; false when not even a small one fits. */
    boolean begin(PacketSpace packetSpace, MemorySegment buffer, long offset, int room) {
        return begin(packetSpace, connection.peerIds.current(), buffer, offset, room);
    }

    /** Starts a packet with a connection ID of another path. */
    boolean begin(PacketSpace packetSpace, ConnectionId destination, MemorySegment buffer, long offset, int room) {
        int token = packetSpace.packetType == PacketType.INITIAL ? connection.establishment.token().length : 0;
        if (room < minRoomBytes(packetSpace) + token) {
            return false;
        }
        out = buffer;
        space = packetSpace;
        start = offset;
        tracked.clear();
        ackEliciting = false;
        padding = false;
        mtuProbe = false;
        largestAcknowledgedInIt = -1;
        writer.wrap(buffer, offset, room - PacketAead.TAG_BYTES);
        packetNumberLength = PacketNumber.lengthBytes(packetSpace.peekPacketNumber(), packetSpace.largestAcknowledged);
        packetNumberOffset = writeHeader(packetSpace, destination, writer, packetNumberLength);
        payloadOffset = writer.position();
        return true;
    }

    /** Writes a packet's header with the number that is next; returns where the number stands. */
    long writeHeader(PacketSpace packetSpace, ConnectionId destination, WireWriter into, int numberLength) {
        ConnectionId source = connection.localIds.first();
        long number = packetSpace.peekPacketNumber();
        return switch (packetSpace.id) {
            case INITIAL ->
                PacketHeader.writeInitial(
                        into, destination, source, connection.establishment.token(), number, numberLength);
            case HANDSHAKE -> PacketHeader.writeHandshake(into, destination, source, number, numberLength);
            case APPLICATION -> {
                OneRttKeys keys = packetSpace.oneRttKeys;
                if (keys == null) {
                    yield PacketHeader.writeZeroRtt(into, destination, source, number, numberLength);
                }
                boolean phase = keys.writePhase() == 1;
                yield PacketHeader.writeShort(into, destination, connection.spin.value(), phase, number, numberLength);
            }
        };
    }

    int frameRoomBytes() {
        return writer.remaining();
    }

    /** Whether the packet holds no frame yet. */
    boolean isEmpty() {
        return writer.position() == payloadOffset;
    }

    /** The packet's size so far, tag included. */
    int sizeBytes() {
        return (int) (writer.position() - start) + PacketAead.TAG_BYTES;
    }

    boolean isAckEliciting() {
        return ackEliciting;
    }

    /** Adds a frame that is sent again if the packet is lost. */
    void add(Frame frame) {
        frame.writeTo(writer);
        ackEliciting |= frame.isAckEliciting();
        tracked.add(frame);
    }

    /** Adds a frame that is not sent again. */
    void addUntracked(Frame frame) {
        frame.writeTo(writer);
        ackEliciting |= frame.isAckEliciting();
    }

    /** Adds an ACK frame with as many ranges as fit before {@link #RESERVED_BYTES}. */
    void addAck(ReceivedPackets received, long nowNs) {
        AckRanges ranges = received.ranges();
        long delay = received.ackDelayNs(nowNs) / ACK_DELAY_UNIT_NS;
        if (writeAck(writer, received, delay, frameRoomBytes() - RESERVED_BYTES) == 0) {
            return;
        }
        largestAcknowledgedInIt = ranges.largest(0);
        received.onAckSent(nowNs);
    }

    // RFC 9000 §13.4.1: once marks have come, each ACK frame tells how many.
    static int writeAck(WireWriter into, ReceivedPackets received, long delay, int maxBytes) {
        return received.hasMarks()
                ? AckFrame.writeWithEcn(
                        into, received.ranges(), delay, maxBytes, received.ect0(), received.ect1(), received.ce())
                : AckFrame.write(into, received.ranges(), delay, maxBytes);
    }

    /** Pads the packet to this size, tag included. */
    void padTo(int packetBytes) {
        int missing = Math.min(packetBytes - sizeBytes(), frameRoomBytes());
        if (missing > 0) {
            writer.zeros(missing);
            padding = true;
        }
    }

    void markMtuProbe() {
        mtuProbe = true;
    }

    /** Protects the packet, and tells loss recovery of it. Returns its size in bytes. */
    int seal(long nowNs) {
        PacketSpace sealing = requireSpace();
        long packetNumber = sealing.peekPacketNumber();
        int size = sealUntracked();
        // RFC 9002 §2: in flight are packets that elicit an acknowledgement or hold padding.
        connection.recovery.onPacketSent(
                sealing.id,
                packetNumber,
                size,
                ackEliciting,
                ackEliciting || padding,
                mtuProbe,
                largestAcknowledgedInIt,
                tracked.isEmpty() ? null : tracked.toArray(Frame[]::new),
                nowNs);
        return size;
    }

    /** Protects a packet for another path: loss recovery knows it, and draws no conclusions for this one. */
    int sealElsewhere(long nowNs) {
        long packetNumber = requireSpace().peekPacketNumber();
        int size = sealUntracked();
        connection.recovery.onSentElsewhere(requireSpace().id, packetNumber, size, nowNs);
        return size;
    }

    /** Protects the packet; nobody is told of its fate. Returns its size in bytes. */
    int sealUntracked() {
        PacketSpace sealing = requireSpace();
        int number = packetNumberLength;
        int payload = (int) (writer.position() - payloadOffset);
        if (number + payload < MIN_NUMBER_AND_PAYLOAD_BYTES) {
            writer.zeros(MIN_NUMBER_AND_PAYLOAD_BYTES - number - payload);
            payload = (int) (writer.position() - payloadOffset);
            padding = true;
        }
        MemorySegment buffer = requireOut();
        if (sealing.writeType() != PacketType.ONE_RTT) {
            PacketHeader.patchLength(buffer, packetNumberOffset, number + payload + PacketAead.TAG_BYTES);
        }
        protect(sealing, buffer, start, packetNumberOffset, number, payload);
        return (int) (payloadOffset - start) + payload + PacketAead.TAG_BYTES;
    }

    /** Uses up the next packet number of the space: the header already holds it. */
    void protect(
            PacketSpace sealing, MemorySegment buffer, long packet, long numberOffset, int numberLength, int payload) {
        long packetNumber = sealing.takePacketNumber();
        int headerLength = (int) (numberOffset - packet) + numberLength;
        int packetBytes = headerLength + payload + PacketAead.TAG_BYTES;
        connection.tracing.packetSent(
                sealing.writeType(), packetNumber, packetBytes, buffer, packet + headerLength, payload);
        connection.quicBit.applyTo(buffer, packet);
        HeaderMask mask;
        OneRttKeys oneRtt = sealing.oneRttKeys;
        if (oneRtt != null) {
            oneRtt.seal(buffer, packet, headerLength, payload, packetNumber);
            mask = oneRtt.writeMask();
        } else {
            PacketKeys keys = sealing.writeKeys;
            if (keys == null) {
                throw new IllegalStateException("no keys for " + sealing.id);
            }
            keys.aead().seal(packetNumber, buffer, packet, headerLength, payload);
            mask = keys.headerMask();
        }
        HeaderProtection.protect(mask, buffer, packet, numberOffset, numberLength);
    }

    private PacketSpace requireSpace() {
        if (space == null) {
            throw new IllegalStateException("no packet was begun");
        }
        return space;
    }

    private MemorySegment requireOut() {
        if (out == null) {
            throw new IllegalStateException("no packet was begun");
        }
        return out;
    }
}
