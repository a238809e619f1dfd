package io.mpquic.quic.wire;

import java.util.Arrays;

/**
 * NEW_TOKEN (RFC 9000 §19.7): a token that the client can put into the Initial packets of its next connection.
 *
 * @param token at least one byte
 */
@SuppressWarnings("ArrayRecordComponent") // Copied on the way in and out, and compared by content.
public record NewTokenFrame(byte[] token) implements Frame {
    /** The frame type. */
    public static final long TYPE = 0x07;

    /** Copies the token. */
    public NewTokenFrame {
        if (token.length == 0) {
            throw new IllegalArgumentException("an empty token");
        }
        token = token.clone();
    }

    static NewTokenFrame read(WireReader reader) throws TransportException {
        int lengthBytes = reader.readLength();
        // RFC 9000 §19.7: an empty token is a FRAME_ENCODING_ERROR.
        if (lengthBytes == 0) {
            throw reader.failure("NEW_TOKEN without a token");
        }
        return new NewTokenFrame(reader.readBytes(lengthBytes));
    }

    /** A copy of the token. */
    @Override
    public byte[] token() {
        return token.clone();
    }

    @Override
    public long type() {
        return TYPE;
    }

    @Override
    public int lengthBytes() {
        return 1 + VarInt.lengthBytes(token.length) + token.length;
    }

    @Override
    public void writeTo(WireWriter writer) {
        writer.writeByte((int) TYPE).writeVarInt(token.length).writeBytes(token);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof NewTokenFrame that && Arrays.equals(token, that.token);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(token);
    }

    @Override
    public String toString() {
        return "NewTokenFrame[length=" + token.length + "]";
    }
}
