package io.mpquic.quic.wire;

import org.jspecify.annotations.Nullable;

/**
 * ACK (RFC 9000 §19.3): which packets of this packet number space arrived.
 *
 * <pre>
 *   type 0x02 or 0x03
 *   Largest Acknowledged (i)
 *   ACK Delay (i)                in units of 2^ack_delay_exponent microseconds
 *   ACK Range Count (i)
 *   First ACK Range (i)          numbers below the largest that arrived too
 *   { Gap (i), ACK Range Length (i) } ...     each number one less than it counts
 *   { ECT0 Count (i), ECT1 Count (i), ECN-CE Count (i) }      type 0x03 only
 * </pre>
 *
 * <p>Almost every packet carries one, so the static methods read and write it without allocation. The record is for
 * all who can afford one.
 *
 * @param ranges the acknowledged packet numbers, at least one; not copied, so it has to stay as it is
 * @param ackDelay the ACK Delay field as it stands on the wire
 * @param ecn the ECN counts, if the frame has them
 */
public record AckFrame(
        AckRanges ranges, long ackDelay, @Nullable EcnCounts ecn) implements Frame {
    /** The frame type without ECN counts. */
    public static final long TYPE = 0x02;
    /** The frame type with ECN counts. */
    public static final long TYPE_WITH_ECN = 0x03;

    /** Checks that something is acknowledged, and the range of the delay. */
    public AckFrame {
        if (ranges.isEmpty()) {
            throw new IllegalArgumentException("an ACK frame of nothing");
        }
        VarInt.require(ackDelay);
    }

    static AckFrame read(WireReader reader, long type) throws TransportException {
        AckRanges ranges = new AckRanges();
        long ackDelay = readRanges(reader, ranges);
        return new AckFrame(ranges, ackDelay, type == TYPE_WITH_ECN ? EcnCounts.read(reader) : null);
    }

    /**
     * Reads what follows the type of an ACK frame, without allocation.
     *
     * @param type {@link #TYPE} or {@link #TYPE_WITH_ECN}, already read
     * @param target becomes the acknowledged numbers; where there are more ranges than it keeps, the oldest are left
     *     out
     * @param ecn becomes the counts of ECT(0), ECT(1) and CE, where the frame has them
     * @return the ACK Delay field as it stands on the wire
     * @throws TransportException if the frame is cut short or a range goes below 0
     */
    public static long readInto(WireReader reader, long type, AckRanges target, long[] ecn) throws TransportException {
        reader.frameType(type);
        long ackDelay = readRanges(reader, target);
        if (type == TYPE_WITH_ECN) {
            ecn[0] = reader.readVarInt();
            ecn[1] = reader.readVarInt();
            ecn[2] = reader.readVarInt();
        }
        return ackDelay;
    }

    private static long readRanges(WireReader reader, AckRanges target) throws TransportException {
        target.clear();
        long largest = reader.readVarInt();
        final long ackDelay = reader.readVarInt();
        long rangeCount = reader.readVarInt();
        // Each further range takes two bytes or more: a count that cannot be true is found out before the loop.
        if (rangeCount > reader.remaining() / 2) {
            throw reader.failure(rangeCount + " ACK ranges in " + reader.remaining() + " bytes");
        }
        long smallest = rangeStart(reader, largest);
        target.add(smallest, largest);
        for (long i = 0; i < rangeCount; i++) {
            // RFC 9000 §19.3.1: a gap of n stands for n + 1 missing numbers.
            largest = smallest - reader.readVarInt() - 2;
            smallest = rangeStart(reader, largest);
            target.add(smallest, largest);
        }
        return ackDelay;
    }

    // RFC 9000 §19.3.1: a computed packet number below 0 is a FRAME_ENCODING_ERROR.
    private static long rangeStart(WireReader reader, long largest) throws TransportException {
        long smallest = largest - reader.readVarInt();
        if (smallest < 0) {
            throw reader.failure("an ACK range below packet number 0");
        }
        return smallest;
    }

    /**
     * Writes an ACK frame without ECN counts and with as many ranges as fit, the newest first, without allocation.
     *
     * @param ranges at least one
     * @param ackDelay the ACK Delay field, already scaled
     * @param maxBytes how long the frame may become
     * @return how many ranges the frame has; 0: not even one fits, and nothing was written
     */
    public static int write(WireWriter writer, AckRanges ranges, long ackDelay, int maxBytes) {
        int count = rangesFitting(ranges, ackDelay, maxBytes);
        if (count > 0) {
            writeNewest(writer, TYPE, ranges, ackDelay, count);
        }
        return count;
    }

    /**
     * Writes an ACK frame with ECN counts, and with as many ranges as fit, the newest first, without allocation.
     *
     * @param ranges at least one
     * @param ackDelay the ACK Delay field, already scaled
     * @param maxBytes how long the frame may become
     * @return how many ranges the frame has; 0: not even one fits, and nothing was written
     */
    public static int writeWithEcn(
            WireWriter writer, AckRanges ranges, long ackDelay, int maxBytes, long ect0, long ect1, long ce) {
        int count = rangesFitting(ranges, ackDelay, maxBytes - ecnBytes(ect0, ect1, ce));
        if (count > 0) {
            writeNewest(writer, TYPE_WITH_ECN, ranges, ackDelay, count);
            writer.writeVarInt(ect0).writeVarInt(ect1).writeVarInt(ce);
        }
        return count;
    }

    /** How many bytes the ECN counts take. */
    public static int ecnBytes(long ect0, long ect1, long ce) {
        return VarInt.lengthBytes(ect0) + VarInt.lengthBytes(ect1) + VarInt.lengthBytes(ce);
    }

    /**
     * How many bytes {@link #write} needs.
     *
     * @param maxRanges how many ranges are written at most, at least 1
     */
    public static int lengthBytes(AckRanges ranges, long ackDelay, int maxRanges) {
        int count = Math.min(ranges.size(), maxRanges);
        int lengthBytes = fixedBytes(ranges, ackDelay) + VarInt.lengthBytes(count - 1);
        for (int i = 1; i < count; i++) {
            lengthBytes += rangeBytes(ranges, i);
        }
        return lengthBytes;
    }

    private static int rangesFitting(AckRanges ranges, long ackDelay, int maxBytes) {
        int bytes = fixedBytes(ranges, ackDelay);
        int count = 0;
        while (count < ranges.size()) {
            bytes += count == 0 ? 0 : rangeBytes(ranges, count);
            if (bytes + VarInt.lengthBytes(count) > maxBytes) {
                break;
            }
            count++;
        }
        return count;
    }

    /** All bytes but those of the range count and of the further ranges. */
    private static int fixedBytes(AckRanges ranges, long ackDelay) {
        return 1
                + VarInt.lengthBytes(ranges.largest(0))
                + VarInt.lengthBytes(ackDelay)
                + VarInt.lengthBytes(ranges.largest(0) - ranges.smallest(0));
    }

    private static int rangeBytes(AckRanges ranges, int index) {
        return VarInt.lengthBytes(gap(ranges, index))
                + VarInt.lengthBytes(ranges.largest(index) - ranges.smallest(index));
    }

    private static long gap(AckRanges ranges, int index) {
        return ranges.smallest(index - 1) - ranges.largest(index) - 2;
    }

    private static void writeNewest(WireWriter writer, long type, AckRanges ranges, long ackDelay, int count) {
        writer.writeByte((int) type);
        writer.writeVarInt(ranges.largest(0));
        writer.writeVarInt(ackDelay);
        writer.writeVarInt(count - 1);
        writer.writeVarInt(ranges.largest(0) - ranges.smallest(0));
        for (int i = 1; i < count; i++) {
            writer.writeVarInt(gap(ranges, i));
            writer.writeVarInt(ranges.largest(i) - ranges.smallest(i));
        }
    }

    @Override
    public long type() {
        return ecn == null ? TYPE : TYPE_WITH_ECN;
    }

    @Override
    public int lengthBytes() {
        return lengthBytes(ranges, ackDelay, ranges.size()) + (ecn == null ? 0 : ecn.lengthBytes());
    }

    @Override
    public void writeTo(WireWriter writer) {
        writeNewest(writer, type(), ranges, ackDelay, ranges.size());
        if (ecn != null) {
            ecn.writeTo(writer);
        }
    }
}
