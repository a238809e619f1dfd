package io.mpquic.quic.wire;

import java.util.ArrayList;
import java.util.List;

/** Reads the part of a long header that follows the connection IDs. */
final class LongHeaderParser {
    private LongHeaderParser() {}

    static LongHeader versionNegotiation(WireReader reader, VersionInvariant invariant)
            throws MalformedPacketException, TransportException {
        // RFC 9000 §17.2.1: the versions fill the packet, four bytes each.
        if (reader.remaining() == 0 || reader.remaining() % Integer.BYTES != 0) {
            throw new MalformedPacketException("a version list of " + reader.remaining() + " bytes");
        }
        List<Integer> versions = new ArrayList<>(reader.remaining() / Integer.BYTES);
        while (reader.remaining() > 0) {
            versions.add((int) reader.readUnsignedInt());
        }
        return new LongHeader.VersionNegotiation(invariant.dcidOfV1(), invariant.scidOfV1(), versions);
    }

    static LongHeader v1(WireReader reader, VersionInvariant invariant, int firstByte)
            throws MalformedPacketException, TransportException {
        ConnectionId dcid = invariant.dcidOfV1();
        ConnectionId scid = invariant.scidOfV1();
        int version = invariant.version();
        int typeBits = (firstByte & PacketHeader.LONG_TYPE_BITS) >>> PacketHeader.LONG_TYPE_SHIFT;
        return switch (typeBits) {
            case PacketHeader.INITIAL_TYPE -> {
                byte[] token = reader.readBytes(reader.readLength());
                int lengthBytes = reader.readLength();
                yield new LongHeader.Initial(version, dcid, scid, token, lengthBytes, reader.position());
            }
            case PacketHeader.ZERO_RTT_TYPE -> {
                int lengthBytes = reader.readLength();
                yield new LongHeader.ZeroRtt(version, dcid, scid, lengthBytes, reader.position());
            }
            case PacketHeader.HANDSHAKE_TYPE -> {
                int lengthBytes = reader.readLength();
                yield new LongHeader.Handshake(version, dcid, scid, lengthBytes, reader.position());
            }
            default -> retry(reader, version, dcid, scid);
        };
    }

    private static LongHeader retry(WireReader reader, int version, ConnectionId dcid, ConnectionId scid)
            throws MalformedPacketException, TransportException {
        int tokenBytes = reader.remaining() - PacketHeader.RETRY_TAG_BYTES;
        // RFC 9000 §17.2.5.2: a Retry packet without a token is dropped.
        if (tokenBytes <= 0) {
            throw new MalformedPacketException("a Retry packet without a token");
        }
        byte[] token = reader.readBytes(tokenBytes);
        byte[] integrityTag = reader.readBytes(PacketHeader.RETRY_TAG_BYTES);
        return new LongHeader.Retry(version, dcid, scid, token, integrityTag);
    }
}
