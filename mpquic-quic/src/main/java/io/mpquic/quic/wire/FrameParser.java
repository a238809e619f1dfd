package io.mpquic.quic.wire;

/** Sends each frame type to the record that reads it. */
final class FrameParser {
    private FrameParser() {}

    static Frame parse(WireReader reader, long type) throws TransportException {
        reader.frameType(type);
        if (type > DatagramFrame.TYPE_WITH_LENGTH) {
            throw unknown(reader, type);
        }
        return switch ((int) type) {
            case 0x00 -> PaddingFrame.read(reader);
            case 0x01 -> PingFrame.INSTANCE;
            case 0x02, 0x03 -> AckFrame.read(reader, type);
            case 0x04 -> ResetStreamFrame.read(reader);
            case 0x05 -> StopSendingFrame.read(reader);
            case 0x06 -> CryptoFrame.read(reader);
            case 0x07 -> NewTokenFrame.read(reader);
            case 0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f -> StreamFrame.read(reader, type);
            case 0x10 -> MaxDataFrame.read(reader);
            case 0x11 -> MaxStreamDataFrame.read(reader);
            case 0x12, 0x13 -> MaxStreamsFrame.read(reader, type);
            case 0x14 -> DataBlockedFrame.read(reader);
            case 0x15 -> StreamDataBlockedFrame.read(reader);
            case 0x16, 0x17 -> StreamsBlockedFrame.read(reader, type);
            case 0x18 -> NewConnectionIdFrame.read(reader);
            case 0x19 -> RetireConnectionIdFrame.read(reader);
            case 0x1a -> PathChallengeFrame.read(reader);
            case 0x1b -> PathResponseFrame.read(reader);
            case 0x1c, 0x1d -> ConnectionCloseFrame.read(reader, type);
            case 0x1e -> HandshakeDoneFrame.INSTANCE;
            case 0x30, 0x31 -> DatagramFrame.read(reader, type);
            default -> throw unknown(reader, type);
        };
    }

    // RFC 9000 §12.4: a frame of unknown type ends the connection, as its length is unknown too.
    private static TransportException unknown(WireReader reader, long type) {
        return reader.failure("unknown frame type 0x" + Long.toHexString(type));
    }
}
