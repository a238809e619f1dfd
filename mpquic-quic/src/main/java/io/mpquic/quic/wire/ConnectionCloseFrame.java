package io.mpquic.quic.wire;

import java.nio.charset.StandardCharsets;

/**
 * CONNECTION_CLOSE (RFC 9000 §19.19): the connection is over.
 *
 * @param errorCode a code of {@link TransportError}, or of the application
 * @param frameType the type of the frame that caused it; 0 if none did or the application closes
 * @param reason words for a log; what is not UTF-8 was replaced
 * @param application whether the application closes, which leaves the frame type out
 */
public record ConnectionCloseFrame(long errorCode, long frameType, String reason, boolean application)
        implements Frame {
    /** The frame type of a close by the transport. */
    public static final long TYPE = 0x1c;
    /** The frame type of a close by the application. */
    public static final long TYPE_APPLICATION = 0x1d;

    /** Checks the range of the numbers. */
    public ConnectionCloseFrame {
        VarInt.require(errorCode);
        VarInt.require(frameType);
        if (application && frameType != 0) {
            throw new IllegalArgumentException("a close by the application names no frame type: " + frameType);
        }
    }

    /** A close because the peer broke a rule. */
    public static ConnectionCloseFrame of(TransportException fault) {
        return transport(fault.errorCode(), fault.frameType(), fault.reason());
    }

    /** A close by the transport. */
    public static ConnectionCloseFrame transport(long errorCode, long frameType, String reason) {
        return new ConnectionCloseFrame(errorCode, frameType, reason, false);
    }

    /** A close by the application. */
    public static ConnectionCloseFrame application(long errorCode, String reason) {
        return new ConnectionCloseFrame(errorCode, 0, reason, true);
    }

    static ConnectionCloseFrame read(WireReader reader, long type) throws TransportException {
        boolean application = type == TYPE_APPLICATION;
        long errorCode = reader.readVarInt();
        long frameType = application ? 0 : reader.readVarInt();
        // RFC 9000 §19.19: the reason is UTF-8. A String constructor replaces what is not.
        String reason = new String(reader.readBytes(reader.readLength()), StandardCharsets.UTF_8);
        return new ConnectionCloseFrame(errorCode, frameType, reason, application);
    }

    @Override
    public long type() {
        return application ? TYPE_APPLICATION : TYPE;
    }

    @Override
    public int lengthBytes() {
        int reasonBytes = utf8().length;
        return 1
                + VarInt.lengthBytes(errorCode)
                + (application ? 0 : VarInt.lengthBytes(frameType))
                + VarInt.lengthBytes(reasonBytes)
                + reasonBytes;
    }

    @Override
    public void writeTo(WireWriter writer) {
        writer.writeByte((int) type()).writeVarInt(errorCode);
        if (!application) {
            writer.writeVarInt(frameType);
        }
        byte[] bytes = utf8();
        writer.writeVarInt(bytes.length).writeBytes(bytes);
    }

    private byte[] utf8() {
        return reason.getBytes(StandardCharsets.UTF_8);
    }
}
