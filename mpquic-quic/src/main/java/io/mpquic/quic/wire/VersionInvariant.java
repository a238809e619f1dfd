package io.mpquic.quic.wire;

import java.util.Arrays;
import java.util.HexFormat;

/**
 * What the long headers of all versions have in common (RFC 8999 §5.1). With it a server can answer a version it does
 * not know.
 *
 * <pre>
 *   1 x x x x x x x
 *   Version (32)
 *   Destination Connection ID Length (8), Destination Connection ID (0..2040)
 *   Source Connection ID Length (8), Source Connection ID (0..2040)
 *   version-specific data
 * </pre>
 *
 * @param version the version, 0 in a Version Negotiation packet
 * @param dcid the destination connection ID, 0 to 255 bytes: other versions may have longer ones than version 1
 * @param scid the source connection ID, 0 to 255 bytes
 */
@SuppressWarnings("ArrayRecordComponent") // Copied on the way in and out, and compared by content.
public record VersionInvariant(int version, byte[] dcid, byte[] scid) {
    /** The bit of the first byte that tells a long header (1) from a short one (0). */
    static final int LONG_FORM_BIT = 0x80;

    private static final int MAX_LENGTH_BYTES = 255;

    /** Copies the connection IDs. */
    public VersionInvariant {
        if (dcid.length > MAX_LENGTH_BYTES || scid.length > MAX_LENGTH_BYTES) {
            throw new IllegalArgumentException("a connection ID of more than 255 bytes");
        }
        dcid = dcid.clone();
        scid = scid.clone();
    }

    /**
     * Reads the common part of a long header and leaves the reader behind it.
     *
     * @throws MalformedPacketException if the header is short or incomplete
     */
    public static VersionInvariant parse(WireReader reader) throws MalformedPacketException {
        try {
            if ((reader.readByte() & LONG_FORM_BIT) == 0) {
                throw new MalformedPacketException("not a long header");
            }
            int version = (int) reader.readUnsignedInt();
            byte[] dcid = reader.readBytes(reader.readByte());
            byte[] scid = reader.readBytes(reader.readByte());
            return new VersionInvariant(version, dcid, scid);
        } catch (TransportException cutShort) {
            throw new MalformedPacketException("a long header that is cut short: " + cutShort.reason());
        }
    }

    /** A copy of the destination connection ID. */
    @Override
    public byte[] dcid() {
        return dcid.clone();
    }

    /** A copy of the source connection ID. */
    @Override
    public byte[] scid() {
        return scid.clone();
    }

    /** The destination connection ID, if version 1 could have it. */
    ConnectionId dcidOfV1() throws MalformedPacketException {
        return connectionId(dcid);
    }

    /** The source connection ID, if version 1 could have it. */
    ConnectionId scidOfV1() throws MalformedPacketException {
        return connectionId(scid);
    }

    // RFC 9000 §17.2: a packet of version 1 with a longer connection ID is dropped.
    private static ConnectionId connectionId(byte[] bytes) throws MalformedPacketException {
        if (bytes.length > ConnectionId.MAX_LENGTH_BYTES) {
            throw new MalformedPacketException("a connection ID of " + bytes.length + " bytes");
        }
        return new ConnectionId(bytes);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof VersionInvariant that
                && version == that.version
                && Arrays.equals(dcid, that.dcid)
                && Arrays.equals(scid, that.scid);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * version + Arrays.hashCode(dcid)) + Arrays.hashCode(scid);
    }

    @Override
    public String toString() {
        HexFormat hex = HexFormat.of();
        return "VersionInvariant[version=" + hex.toHexDigits(version) + ", dcid=" + hex.formatHex(dcid) + ", scid="
                + hex.formatHex(scid) + "]";
    }
}
