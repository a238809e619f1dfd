package io.mpquic.quic.wire;

/**
 * How many packets arrived with each ECN codepoint (RFC 9000 §19.3.2).
 *
 * @param ect0 packets marked ECT(0)
 * @param ect1 packets marked ECT(1)
 * @param ce packets marked as having met congestion
 */
public record EcnCounts(long ect0, long ect1, long ce) {
    /** Checks that all counts are variable-length integers. */
    public EcnCounts {
        VarInt.require(ect0);
        VarInt.require(ect1);
        VarInt.require(ce);
    }

    static EcnCounts read(WireReader reader) throws TransportException {
        return new EcnCounts(reader.readVarInt(), reader.readVarInt(), reader.readVarInt());
    }

    int lengthBytes() {
        return VarInt.lengthBytes(ect0) + VarInt.lengthBytes(ect1) + VarInt.lengthBytes(ce);
    }

    void writeTo(WireWriter writer) {
        writer.writeVarInt(ect0).writeVarInt(ect1).writeVarInt(ce);
    }
}
