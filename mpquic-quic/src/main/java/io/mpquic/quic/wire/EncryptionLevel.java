package io.mpquic.quic.wire;

/** Which keys protect a packet (RFC 9001 §2.1, §5). */
public enum EncryptionLevel {
    /** Keys that anyone can derive from the client's first destination connection ID. */
    INITIAL(PacketNumberSpace.INITIAL, PacketType.INITIAL),
    /** Keys of a resumed session, for a client's early data. */
    ZERO_RTT(PacketNumberSpace.APPLICATION, PacketType.ZERO_RTT),
    /** Keys of the handshake. */
    HANDSHAKE(PacketNumberSpace.HANDSHAKE, PacketType.HANDSHAKE),
    /** Keys of the established connection. */
    ONE_RTT(PacketNumberSpace.APPLICATION, PacketType.ONE_RTT);

    private final PacketNumberSpace space;
    private final PacketType packetType;

    EncryptionLevel(PacketNumberSpace space, PacketType packetType) {
        this.space = space;
        this.packetType = packetType;
    }

    /** The space that packets of this level are numbered in. */
    public PacketNumberSpace space() {
        return space;
    }

    /** The kind of packet that this level protects. */
    public PacketType packetType() {
        return packetType;
    }
}
