package io.mpquic.quic.wire;

import java.util.Arrays;
import java.util.List;

/**
 * The long header of a packet of QUIC version 1, or of a Version Negotiation packet, as far as it can be read while
 * header protection is in place (RFC 9000 §17.2).
 *
 * <pre>
 *   1 1 T T x x x x                  T: Initial 0, 0-RTT 1, Handshake 2, Retry 3; x: protected
 *   Version (32)
 *   Destination Connection ID Length (8), Destination Connection ID (0..160)
 *   Source Connection ID Length (8), Source Connection ID (0..160)
 *   [Token Length (i), Token]        Initial only
 *   Length (i)                       of all that follows in this packet
 *   Packet Number (8..32)            protected
 *   payload
 * </pre>
 */
public sealed interface LongHeader {
    /** The version field. */
    int version();

    /** The destination connection ID. */
    ConnectionId dcid();

    /** The source connection ID. */
    ConnectionId scid();

    /** The kind of packet. */
    PacketType packetType();

    /** A long header with a packet number and a protected payload behind it. */
    sealed interface Numbered extends LongHeader {
        /** The Length field: the bytes of the packet number, of the payload and of the AEAD tag. All are there. */
        int payloadLengthBytes();

        /** Where the packet number begins, as an offset in the reader's segment. */
        long packetNumberOffset();

        /** Where the packet ends and the next one of the datagram begins, as an offset in the reader's segment. */
        default long endOffset() {
            return packetNumberOffset() + payloadLengthBytes();
        }

        /** Whether the packet is long enough for header protection to take its sample (RFC 9001 §5.4.2). */
        default boolean hasSample() {
            return payloadLengthBytes() >= PacketNumber.MAX_LENGTH_BYTES + PacketHeader.SAMPLE_BYTES;
        }
    }

    /**
     * An Initial packet (RFC 9000 §17.2.2).
     *
     * @param version the version
     * @param dcid the destination connection ID
     * @param scid the source connection ID
     * @param token of a Retry or a NEW_TOKEN; empty without. Not copied
     * @param payloadLengthBytes the Length field
     * @param packetNumberOffset where the packet number begins in the reader's segment
     */
    @SuppressWarnings("ArrayRecordComponent") // Read once, handed to one owner, and compared by content.
    record Initial(
            int version,
            ConnectionId dcid,
            ConnectionId scid,
            byte[] token,
            int payloadLengthBytes,
            long packetNumberOffset)
            implements Numbered {
        @Override
        public PacketType packetType() {
            return PacketType.INITIAL;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Initial that
                    && version == that.version
                    && dcid.equals(that.dcid)
                    && scid.equals(that.scid)
                    && Arrays.equals(token, that.token)
                    && payloadLengthBytes == that.payloadLengthBytes
                    && packetNumberOffset == that.packetNumberOffset;
        }

        @Override
        public int hashCode() {
            return 31 * (31 * dcid.hashCode() + scid.hashCode()) + Arrays.hashCode(token);
        }
    }

    /**
     * A 0-RTT packet (RFC 9000 §17.2.3).
     *
     * @param version the version
     * @param dcid the destination connection ID
     * @param scid the source connection ID
     * @param payloadLengthBytes the Length field
     * @param packetNumberOffset where the packet number begins in the reader's segment
     */
    record ZeroRtt(int version, ConnectionId dcid, ConnectionId scid, int payloadLengthBytes, long packetNumberOffset)
            implements Numbered {
        @Override
        public PacketType packetType() {
            return PacketType.ZERO_RTT;
        }
    }

    /**
     * A Handshake packet (RFC 9000 §17.2.4).
     *
     * @param version the version
     * @param dcid the destination connection ID
     * @param scid the source connection ID
     * @param payloadLengthBytes the Length field
     * @param packetNumberOffset where the packet number begins in the reader's segment
     */
    record Handshake(int version, ConnectionId dcid, ConnectionId scid, int payloadLengthBytes, long packetNumberOffset)
            implements Numbered {
        @Override
        public PacketType packetType() {
            return PacketType.HANDSHAKE;
        }
    }

    /**
     * A Retry packet (RFC 9000 §17.2.5). It takes the rest of the datagram.
     *
     * @param version the version
     * @param dcid the destination connection ID
     * @param scid the source connection ID
     * @param token what the client puts into its next Initial packets, at least one byte. Not copied
     * @param integrityTag the 16 bytes that RFC 9001 §5.8 computes. Not copied
     */
    @SuppressWarnings("ArrayRecordComponent") // Read once, handed to one owner, and compared by content.
    record Retry(int version, ConnectionId dcid, ConnectionId scid, byte[] token, byte[] integrityTag)
            implements LongHeader {
        @Override
        public PacketType packetType() {
            return PacketType.RETRY;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Retry that
                    && version == that.version
                    && dcid.equals(that.dcid)
                    && scid.equals(that.scid)
                    && Arrays.equals(token, that.token)
                    && Arrays.equals(integrityTag, that.integrityTag);
        }

        @Override
        public int hashCode() {
            return 31 * (31 * dcid.hashCode() + scid.hashCode()) + Arrays.hashCode(token);
        }
    }

    /**
     * A Version Negotiation packet (RFC 9000 §17.2.1). It takes the rest of the datagram.
     *
     * @param dcid the destination connection ID
     * @param scid the source connection ID
     * @param supported the versions of the server, at least one
     */
    record VersionNegotiation(ConnectionId dcid, ConnectionId scid, List<Integer> supported) implements LongHeader {
        /** Copies the list. */
        public VersionNegotiation {
            supported = List.copyOf(supported);
        }

        @Override
        public int version() {
            return Version.NEGOTIATION;
        }

        @Override
        public PacketType packetType() {
            return PacketType.VERSION_NEGOTIATION;
        }
    }

    /**
     * Reads a long header and leaves the reader at the packet number, or at the end for a packet without one.
     *
     * <p>A server that wants to answer other versions reads {@link VersionInvariant} first.
     *
     * @throws MalformedPacketException if this is no complete long header of version 1 or 0
     */
    static LongHeader parse(WireReader reader) throws MalformedPacketException {
        return parse(reader, true);
    }

    /**
     * Reads a long header, as above.
     *
     * @param quicBitIsOne whether a packet of version 1 must have its second highest bit set: false towards a peer that
     *     may vary it (RFC 9287 §3)
     * @throws MalformedPacketException if this is no complete long header of version 1 or 0
     */
    static LongHeader parse(WireReader reader, boolean quicBitIsOne) throws MalformedPacketException {
        try {
            int firstByte = reader.peekByte();
            VersionInvariant invariant = VersionInvariant.parse(reader);
            boolean quicBit = (firstByte & PacketHeader.FIXED_BIT) != 0;
            // RFC 9000 §17.2: without the fixed bit it is no packet of this version.
            if (quicBitIsOne && !quicBit && invariant.version() == Version.V1) {
                throw new MalformedPacketException("the fixed bit is 0");
            }
            return switch (invariant.version()) {
                case Version.NEGOTIATION -> LongHeaderParser.versionNegotiation(reader, invariant);
                case Version.V1 -> LongHeaderParser.v1(reader, invariant, firstByte);
                default ->
                    throw new MalformedPacketException("unknown version " + Integer.toHexString(invariant.version()));
            };
        } catch (TransportException cutShort) {
            throw new MalformedPacketException("a long header that is cut short: " + cutShort.reason());
        }
    }
}
