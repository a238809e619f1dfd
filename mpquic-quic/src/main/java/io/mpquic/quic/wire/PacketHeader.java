package io.mpquic.quic.wire;

import java.lang.foreign.MemorySegment;

/**
 * Writes the headers of packets in place, unprotected (RFC 9000 §17).
 *
 * <p>The Length field of a long header is always a variable-length integer of two bytes, right before the packet
 * number. It is written as a placeholder and patched once the payload is complete: {@link #patchLength}.
 *
 * <p>Stateless: every method is safe from any thread.
 */
public final class PacketHeader {
    /** First byte: 1 in a long header, 0 in a short one. */
    public static final int LONG_FORM_BIT = VersionInvariant.LONG_FORM_BIT;
    /** First byte: 1 in every packet of version 1 but Version Negotiation. */
    public static final int FIXED_BIT = 0x40;
    /** First byte of a short header: the latency spin bit (RFC 9000 §17.4). */
    public static final int SPIN_BIT = 0x20;
    /** First byte of a short header: which generation of keys protects the packet (RFC 9001 §6). */
    public static final int KEY_PHASE_BIT = 0x04;
    /** First byte, unprotected: must be 0 in a short header. */
    public static final int SHORT_RESERVED_BITS = 0x18;
    /** First byte, unprotected: must be 0 in a long header with a packet number. */
    public static final int LONG_RESERVED_BITS = 0x0c;
    /** First byte, unprotected: the length of the packet number, less 1. */
    public static final int PACKET_NUMBER_LENGTH_BITS = 0x03;

    /** The largest value of the Length field that is written: it is two bytes long. */
    public static final int MAX_LENGTH_FIELD = (int) VarInt.MAX_TWO_BYTES;

    static final int LONG_TYPE_BITS = 0x30;
    static final int LONG_TYPE_SHIFT = 4;
    static final int INITIAL_TYPE = 0;
    static final int ZERO_RTT_TYPE = 1;
    static final int HANDSHAKE_TYPE = 2;
    static final int RETRY_TYPE = 3;
    static final int RETRY_TAG_BYTES = 16;

    /** How many bytes of a packet header protection samples, from four bytes behind the packet number's beginning. */
    static final int SAMPLE_BYTES = 16;

    private static final int LENGTH_FIELD_BYTES = 2;

    private PacketHeader() {}

    /** Whether a first byte begins a long header. */
    public static boolean isLong(int firstByte) {
        return (firstByte & LONG_FORM_BIT) != 0;
    }

    /** The length of a header that {@link #writeInitial} writes, with the packet number. */
    public static int initialLengthBytes(
            ConnectionId dcid, ConnectionId scid, int tokenLengthBytes, int packetNumberLengthBytes) {
        return VarInt.lengthBytes(tokenLengthBytes)
                + tokenLengthBytes
                + longLengthBytes(dcid, scid, packetNumberLengthBytes);
    }

    /** The length of a header that {@link #writeHandshake} or {@link #writeZeroRtt} writes, with the packet number. */
    public static int longLengthBytes(ConnectionId dcid, ConnectionId scid, int packetNumberLengthBytes) {
        return 1
                + Integer.BYTES
                + 1
                + dcid.lengthBytes()
                + 1
                + scid.lengthBytes()
                + LENGTH_FIELD_BYTES
                + packetNumberLengthBytes;
    }

    /** The length of a header that {@link #writeShort} writes, with the packet number. */
    public static int shortLengthBytes(ConnectionId dcid, int packetNumberLengthBytes) {
        return 1 + dcid.lengthBytes() + packetNumberLengthBytes;
    }

    /**
     * Writes the header of an Initial packet (RFC 9000 §17.2.2).
     *
     * @param token of a Retry or a NEW_TOKEN; empty without
     * @param packetNumber the full packet number
     * @param packetNumberLengthBytes 1 to 4
     * @return where the packet number begins, for {@link #patchLength}
     */
    public static long writeInitial(
            WireWriter writer,
            ConnectionId dcid,
            ConnectionId scid,
            byte[] token,
            long packetNumber,
            int packetNumberLengthBytes) {
        writeLongStart(writer, INITIAL_TYPE, packetNumberLengthBytes, dcid, scid);
        writer.writeVarInt(token.length).writeBytes(token);
        return writeLongEnd(writer, packetNumber, packetNumberLengthBytes);
    }

    /** Writes the header of a 0-RTT packet (RFC 9000 §17.2.3), as {@link #writeInitial} does. */
    public static long writeZeroRtt(
            WireWriter writer, ConnectionId dcid, ConnectionId scid, long packetNumber, int packetNumberLengthBytes) {
        writeLongStart(writer, ZERO_RTT_TYPE, packetNumberLengthBytes, dcid, scid);
        return writeLongEnd(writer, packetNumber, packetNumberLengthBytes);
    }

    /** Writes the header of a Handshake packet (RFC 9000 §17.2.4), as {@link #writeInitial} does. */
    public static long writeHandshake(
            WireWriter writer, ConnectionId dcid, ConnectionId scid, long packetNumber, int packetNumberLengthBytes) {
        writeLongStart(writer, HANDSHAKE_TYPE, packetNumberLengthBytes, dcid, scid);
        return writeLongEnd(writer, packetNumber, packetNumberLengthBytes);
    }

    /**
     * Writes the Length field of a long header, once it is known.
     *
     * @param packetNumberOffset what the method that wrote the header returned
     * @param lengthBytes the bytes of the packet number, of the payload and of the AEAD tag; at most
     *     {@link #MAX_LENGTH_FIELD}
     */
    public static void patchLength(MemorySegment packet, long packetNumberOffset, int lengthBytes) {
        if (lengthBytes < 0 || lengthBytes > MAX_LENGTH_FIELD) {
            throw new IllegalArgumentException("a Length field of " + lengthBytes);
        }
        packet.set(BigEndian.SHORT, packetNumberOffset - LENGTH_FIELD_BYTES, (short) (0x4000 | lengthBytes));
    }

    /**
     * Writes the header of a 1-RTT packet (RFC 9000 §17.3.1).
     *
     * <pre>
     *   0 1 S R R K P P               S: spin, R: reserved, 0, K: key phase, P: packet number length - 1
     *   Destination Connection ID
     *   Packet Number (8..32)
     * </pre>
     *
     * @param packetNumber the full packet number
     * @param packetNumberLengthBytes 1 to 4
     * @return where the packet number begins
     */
    public static long writeShort(
            WireWriter writer,
            ConnectionId dcid,
            boolean spin,
            boolean keyPhase,
            long packetNumber,
            int packetNumberLengthBytes) {
        writer.writeByte(
                FIXED_BIT | (spin ? SPIN_BIT : 0) | (keyPhase ? KEY_PHASE_BIT : 0) | (packetNumberLengthBytes - 1));
        dcid.writeTo(writer);
        long packetNumberOffset = writer.position();
        PacketNumber.write(writer, packetNumber, packetNumberLengthBytes);
        return packetNumberOffset;
    }

    /**
     * Writes a Retry packet but for its last 16 bytes, the integrity tag (RFC 9000 §17.2.5, RFC 9001 §5.8).
     *
     * @param token at least one byte
     */
    public static void writeRetry(WireWriter writer, ConnectionId dcid, ConnectionId scid, byte[] token) {
        if (token.length == 0) {
            throw new IllegalArgumentException("a Retry packet without a token");
        }
        writer.writeByte(LONG_FORM_BIT | FIXED_BIT | RETRY_TYPE << LONG_TYPE_SHIFT);
        writeVersionAndIds(writer, Version.V1, dcid.bytes(), scid.bytes());
        writer.writeBytes(token);
    }

    /**
     * Writes a Version Negotiation packet (RFC 9000 §17.2.1).
     *
     * @param dcid the source connection ID of the packet that is answered, 0 to 255 bytes
     * @param scid the destination connection ID of the packet that is answered, 0 to 255 bytes
     * @param unusedBits seven bits of any value for the first byte; a random number keeps peers from relying on it
     * @param versions the versions to offer, at least one
     */
    public static void writeVersionNegotiation(
            WireWriter writer, byte[] dcid, byte[] scid, int unusedBits, int... versions) {
        if (versions.length == 0) {
            throw new IllegalArgumentException("no version to offer");
        }
        // RFC 9000 §17.2.1: where other protocols share the port, the bit that is fixed elsewhere should be 1 here too.
        writer.writeByte(LONG_FORM_BIT | FIXED_BIT | (unusedBits & 0x7f));
        writeVersionAndIds(writer, Version.NEGOTIATION, dcid, scid);
        for (int version : versions) {
            writer.writeInt(version);
        }
    }

    private static void writeLongStart(
            WireWriter writer, int typeBits, int packetNumberLengthBytes, ConnectionId dcid, ConnectionId scid) {
        writer.writeByte(LONG_FORM_BIT | FIXED_BIT | typeBits << LONG_TYPE_SHIFT | (packetNumberLengthBytes - 1));
        writeVersionAndIds(writer, Version.V1, dcid.bytes(), scid.bytes());
    }

    private static long writeLongEnd(WireWriter writer, long packetNumber, int packetNumberLengthBytes) {
        writer.writeVarInt(0, LENGTH_FIELD_BYTES);
        long packetNumberOffset = writer.position();
        PacketNumber.write(writer, packetNumber, packetNumberLengthBytes);
        return packetNumberOffset;
    }

    private static void writeVersionAndIds(WireWriter writer, int version, byte[] dcid, byte[] scid) {
        writer.writeInt(version);
        writer.writeByte(dcid.length).writeBytes(dcid);
        writer.writeByte(scid.length).writeBytes(scid);
    }
}
