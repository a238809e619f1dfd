package io.mpquic.quic.wire;

/**
 * NEW_CONNECTION_ID (RFC 9000 §19.15): another connection ID that the receiver can put into its packets.
 *
 * <pre>
 *   type 0x18
 *   Sequence Number (i)
 *   Retire Prior To (i)
 *   Length (8)                     1 to 20
 *   Connection ID
 *   Stateless Reset Token (128)
 * </pre>
 *
 * @param sequence the sequence number of the connection ID
 * @param retirePriorTo all connection IDs with a smaller sequence number are to be retired
 * @param id the connection ID, not empty
 * @param token what a stateless reset for this connection ID ends with
 */
public record NewConnectionIdFrame(long sequence, long retirePriorTo, ConnectionId id, StatelessResetToken token)
        implements Frame {
    /** The frame type. */
    public static final long TYPE = 0x18;

    /** Checks the two numbers and the length of the connection ID. */
    public NewConnectionIdFrame {
        VarInt.require(sequence);
        if (retirePriorTo < 0 || retirePriorTo > sequence) {
            throw new IllegalArgumentException("connection ID " + sequence + " retires up to " + retirePriorTo);
        }
        if (id.isEmpty()) {
            throw new IllegalArgumentException("an empty connection ID");
        }
    }

    static NewConnectionIdFrame read(WireReader reader) throws TransportException {
        long sequence = reader.readVarInt();
        long retirePriorTo = reader.readVarInt();
        // RFC 9000 §19.15: a connection ID cannot retire itself, nor later ones.
        if (retirePriorTo > sequence) {
            throw reader.failure("connection ID " + sequence + " retires up to " + retirePriorTo);
        }
        int lengthBytes = reader.readByte();
        // RFC 9000 §19.15: 1 to 20 bytes.
        if (lengthBytes < 1 || lengthBytes > ConnectionId.MAX_LENGTH_BYTES) {
            throw reader.failure("a connection ID of " + lengthBytes + " bytes");
        }
        ConnectionId id = new ConnectionId(reader.readBytes(lengthBytes));
        return new NewConnectionIdFrame(sequence, retirePriorTo, id, StatelessResetToken.read(reader));
    }

    @Override
    public long type() {
        return TYPE;
    }

    @Override
    public int lengthBytes() {
        return 1
                + VarInt.lengthBytes(sequence)
                + VarInt.lengthBytes(retirePriorTo)
                + 1
                + id.lengthBytes()
                + StatelessResetToken.LENGTH_BYTES;
    }

    @Override
    public void writeTo(WireWriter writer) {
        writer.writeByte((int) TYPE)
                .writeVarInt(sequence)
                .writeVarInt(retirePriorTo)
                .writeByte(id.lengthBytes());
        id.writeTo(writer);
        token.writeTo(writer);
    }
}
