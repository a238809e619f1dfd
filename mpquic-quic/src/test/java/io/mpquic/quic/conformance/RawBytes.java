package io.mpquic.quic.conformance;

import io.mpquic.quic.wire.Frame;
import io.mpquic.quic.wire.VarInt;
import io.mpquic.quic.wire.WireWriter;
import java.io.ByteArrayOutputStream;
import java.util.HexFormat;

/** Bytes on the wire, made by hand. */
final class RawBytes {
    private RawBytes() {}

    static byte[] varInt(long value) {
        return varInt(value, VarInt.lengthBytes(value));
    }

    /** An integer in an encoding that may be longer than needed. */
    static byte[] varInt(long value, int lengthBytes) {
        byte[] bytes = new byte[lengthBytes];
        WireWriter.of(bytes).writeVarInt(value, lengthBytes);
        return bytes;
    }

    static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits.replace(" ", ""));
    }

    static byte[] frames(Frame... frames) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (Frame frame : frames) {
            byte[] bytes = new byte[frame.lengthBytes()];
            frame.writeTo(WireWriter.of(bytes));
            out.writeBytes(bytes);
        }
        return out.toByteArray();
    }

    static byte[] join(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }
}
