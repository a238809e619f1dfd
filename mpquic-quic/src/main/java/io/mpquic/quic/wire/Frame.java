package io.mpquic.quic.wire;

/**
 * A frame: what a packet carries once its protection is removed (RFC 9000 §12.4, §19; RFC 9221 §4).
 *
 * <p>A frame is an immutable value, except that {@link CryptoFrame}, {@link StreamFrame} and {@link DatagramFrame} show
 * the memory they were read from: whoever keeps such a frame copies its data. The constructors refuse with
 * {@link IllegalArgumentException} what the wire cannot carry.
 */
public sealed interface Frame
        permits PaddingFrame,
                PingFrame,
                AckFrame,
                ResetStreamFrame,
                StopSendingFrame,
                CryptoFrame,
                NewTokenFrame,
                StreamFrame,
                MaxDataFrame,
                MaxStreamDataFrame,
                MaxStreamsFrame,
                DataBlockedFrame,
                StreamDataBlockedFrame,
                StreamsBlockedFrame,
                NewConnectionIdFrame,
                RetireConnectionIdFrame,
                PathChallengeFrame,
                PathResponseFrame,
                ConnectionCloseFrame,
                HandshakeDoneFrame,
                DatagramFrame {

    /**
     * Reads one frame with its type. A run of PADDING becomes one {@link PaddingFrame}.
     *
     * @throws TransportException if the frame breaks a rule; the reader's position is then undefined
     */
    static Frame parse(WireReader reader) throws TransportException {
        return parseBody(reader, readType(reader));
    }

    /**
     * Reads the type of the next frame. For a caller that handles frequent types without allocation and leaves the
     * others to {@link #parseBody}.
     *
     * @throws TransportException PROTOCOL_VIOLATION if the type is encoded longer than necessary
     */
    static long readType(WireReader reader) throws TransportException {
        long from = reader.position();
        long type = reader.readVarInt();
        reader.frameType(type);
        // RFC 9000 §12.4: a frame type has to use the shortest encoding.
        if (reader.position() - from != VarInt.lengthBytes(type)) {
            throw new TransportException(
                    TransportError.PROTOCOL_VIOLATION, type, "a frame type that is encoded longer than necessary");
        }
        return type;
    }

    /**
     * Reads what follows the type of a frame.
     *
     * @param type what {@link #readType} returned
     * @throws TransportException if the frame breaks a rule; the reader's position is then undefined
     */
    static Frame parseBody(WireReader reader, long type) throws TransportException {
        return FrameParser.parse(reader, type);
    }

    /** The type this frame is written with. */
    long type();

    /** How many bytes {@link #writeTo} writes. */
    int lengthBytes();

    /** Writes the frame with its type. */
    void writeTo(WireWriter writer);

    /** Whether the receiver has to acknowledge a packet with this frame (RFC 9000 §13.2; Table 3: not marked N). */
    default boolean isAckEliciting() {
        return switch (this) {
            case PaddingFrame _, AckFrame _, ConnectionCloseFrame _ -> false;
            case PingFrame _,
                    ResetStreamFrame _,
                    StopSendingFrame _,
                    CryptoFrame _,
                    NewTokenFrame _,
                    StreamFrame _,
                    MaxDataFrame _,
                    MaxStreamDataFrame _,
                    MaxStreamsFrame _,
                    DataBlockedFrame _,
                    StreamDataBlockedFrame _,
                    StreamsBlockedFrame _,
                    NewConnectionIdFrame _,
                    RetireConnectionIdFrame _,
                    PathChallengeFrame _,
                    PathResponseFrame _,
                    HandshakeDoneFrame _,
                    DatagramFrame _ -> true;
        };
    }

    /** Whether a frame can validate a path without migrating to it (RFC 9000 §9.1; Table 3: marked P). */
    default boolean isProbing() {
        return this instanceof PaddingFrame
                || this instanceof PathChallengeFrame
                || this instanceof PathResponseFrame
                || this instanceof NewConnectionIdFrame;
    }

    /**
     * Whether a kind of packet may carry this frame (RFC 9000 §12.4, Table 3; RFC 9221 §5). A frame where it may not be
     * is a PROTOCOL_VIOLATION.
     */
    default boolean isAllowedIn(PacketType packet) {
        boolean earlyOrLater = packet == PacketType.ZERO_RTT || packet == PacketType.ONE_RTT;
        boolean handshaking = packet == PacketType.INITIAL || packet == PacketType.HANDSHAKE;
        return switch (this) {
            case PaddingFrame _, PingFrame _ -> handshaking || earlyOrLater;
            case AckFrame _, CryptoFrame _ -> handshaking || packet == PacketType.ONE_RTT;
            case NewTokenFrame _, PathResponseFrame _, HandshakeDoneFrame _ -> packet == PacketType.ONE_RTT;
            // RFC 9000 §12.5: before 1-RTT, a close of the application would show its state to the network.
            case ConnectionCloseFrame close -> earlyOrLater || (handshaking && !close.application());
            case ResetStreamFrame _,
                    StopSendingFrame _,
                    StreamFrame _,
                    MaxDataFrame _,
                    MaxStreamDataFrame _,
                    MaxStreamsFrame _,
                    DataBlockedFrame _,
                    StreamDataBlockedFrame _,
                    StreamsBlockedFrame _,
                    NewConnectionIdFrame _,
                    RetireConnectionIdFrame _,
                    PathChallengeFrame _,
                    DatagramFrame _ -> earlyOrLater;
        };
    }
}
