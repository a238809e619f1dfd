package io.mpquic.quic.connection;

import io.mpquic.quic.wire.AckFrame;
import io.mpquic.quic.wire.AckRanges;
import io.mpquic.quic.wire.ConnectionCloseFrame;
import io.mpquic.quic.wire.CryptoFrame;
import io.mpquic.quic.wire.DataBlockedFrame;
import io.mpquic.quic.wire.DatagramFrame;
import io.mpquic.quic.wire.Frame;
import io.mpquic.quic.wire.HandshakeDoneFrame;
import io.mpquic.quic.wire.MaxDataFrame;
import io.mpquic.quic.wire.MaxStreamDataFrame;
import io.mpquic.quic.wire.MaxStreamsFrame;
import io.mpquic.quic.wire.NewConnectionIdFrame;
import io.mpquic.quic.wire.NewTokenFrame;
import io.mpquic.quic.wire.PacketType;
import io.mpquic.quic.wire.PaddingFrame;
import io.mpquic.quic.wire.PathChallengeFrame;
import io.mpquic.quic.wire.PathResponseFrame;
import io.mpquic.quic.wire.PingFrame;
import io.mpquic.quic.wire.ResetStreamFrame;
import io.mpquic.quic.wire.RetireConnectionIdFrame;
import io.mpquic.quic.wire.StopSendingFrame;
import io.mpquic.quic.wire.StreamDataBlockedFrame;
import io.mpquic.quic.wire.StreamFrame;
import io.mpquic.quic.wire.StreamsBlockedFrame;
import io.mpquic.quic.wire.TransportError;
import io.mpquic.quic.wire.TransportException;
import io.mpquic.quic.wire.WireReader;
import java.lang.foreign.MemorySegment;

/** Reads the frames of a packet and hands each to the concern that it belongs to (RFC 9000 §12.4). */
final class FrameDispatcher {
    private static final int PADDING = 0x00;
    private static final int ACK = 0x02;
    private static final int ACK_ECN = 0x03;
    private static final int DATAGRAM = 0x30;
    private static final int DATAGRAM_WITH_LENGTH = 0x31;

    private final QuicConnection connection;
    private final DatagramSink sink;
    private final int maxDatagramFrameBytes;
    private final AckRanges ackRanges = new AckRanges();
    private final long[] ecnCounts = new long[3];
    private boolean moreThanProbe;

    FrameDispatcher(QuicConnection connection, DatagramSink sink, int maxDatagramFrameBytes) {
        this.connection = connection;
        this.sink = sink;
        this.maxDatagramFrameBytes = maxDatagramFrameBytes;
    }

    /**
     * Processes a packet's payload.
     *
     * @param packet what kind of packet it is
     * @param destinationOffset where the packet's Destination Connection ID stands in the reader's segment
     * @return whether the packet asks for an acknowledgement (RFC 9000 §13.2.1)
     */
    boolean dispatch(PacketSpace space, PacketType packet, long destinationOffset, WireReader in, long nowNs)
            throws TransportException {
        boolean ackEliciting = false;
        moreThanProbe = false;
        while (in.remaining() > 0) {
            int type = in.peekByte();
            // ACK and DATAGRAM are what a tunnel's packets hold: they are read without an object.
            switch (type) {
                case PADDING -> in.skip(1);
                case ACK, ACK_ECN -> {
                    onAck(space, packet, in, nowNs);
                    moreThanProbe = true;
                }
                case DATAGRAM, DATAGRAM_WITH_LENGTH -> {
                    onDatagram(packet, in);
                    ackEliciting = true;
                    moreThanProbe = true;
                }
                default -> {
                    Frame frame = Frame.parse(in);
                    if (!frame.isAllowedIn(packet)) {
                        throw notAllowed(frame.type(), packet);
                    }
                    onFrame(space, frame, in.segment(), destinationOffset, nowNs);
                    ackEliciting |= frame.isAckEliciting();
                    moreThanProbe |= !frame.isProbing();
                }
            }
        }
        return ackEliciting;
    }

    /** Whether the last packet held a frame that is not a probing one. */
    boolean sawMoreThanProbe() {
        return moreThanProbe;
    }

    private void onAck(PacketSpace space, PacketType packet, WireReader in, long nowNs) throws TransportException {
        int type = in.readByte();
        // RFC 9000 §12.5: whoever still sends 0-RTT packets has received none that he could acknowledge in them.
        if (packet == PacketType.ZERO_RTT) {
            throw notAllowed(type, packet);
        }
        long encodedDelay = AckFrame.readInto(in, type, ackRanges, ecnCounts);
        if (type == ACK_ECN && space == connection.spaces.application) {
            connection.recovery.ecn().report(ecnCounts[0], ecnCounts[1], ecnCounts[2]);
        }
        connection.delivery.onAck(space, ackRanges, encodedDelay, nowNs);
    }

    private void onDatagram(PacketType packet, WireReader in) throws TransportException {
        long start = in.position();
        int type = in.readByte();
        if (packet != PacketType.ONE_RTT && packet != PacketType.ZERO_RTT) {
            throw notAllowed(type, packet);
        }
        int length = DatagramFrame.readHeader(in, type);
        // RFC 9221 §3: the limit counts the whole frame, and 0 forbids all.
        if (in.position() - start + length > maxDatagramFrameBytes) {
            throw new TransportException(
                    TransportError.PROTOCOL_VIOLATION, type, "DATAGRAM above max_datagram_frame_size");
        }
        connection.counters.datagramsReceived++;
        sink.onDatagram(connection, in.segment(), in.position(), length);
        in.skip(length);
    }

    private void onFrame(PacketSpace space, Frame frame, MemorySegment packet, long destinationOffset, long nowNs)
            throws TransportException {
        switch (frame) {
            case CryptoFrame crypto -> connection.establishment.onCrypto(space, crypto, nowNs);
            case HandshakeDoneFrame done -> connection.establishment.onHandshakeDone(done, nowNs);
            case NewConnectionIdFrame newId -> {
                connection.peerIds.onNew(newId);
                connection.paths.onIdsRetired();
            }
            case RetireConnectionIdFrame retire -> {
                connection.localIds.onRetire(retire.sequence(), packet, destinationOffset);
                connection.localIds.replenish();
            }
            case PathChallengeFrame challenge -> connection.reception.onPathChallenge(challenge.data());
            case PathResponseFrame response -> connection.paths.onResponse(response.data(), nowNs);
            case ConnectionCloseFrame close -> connection.closing.onConnectionClose(close, nowNs);
            case NewTokenFrame token -> connection.establishment.onNewToken(token);
            case StreamFrame stream -> connection.streamFrames.onStream(stream);
            case ResetStreamFrame reset -> connection.streamFrames.onReset(reset);
            case StreamDataBlockedFrame blocked -> connection.streamFrames.onStreamDataBlocked(blocked);
            case StopSendingFrame stop -> connection.streamFrames.onStopSending(stop);
            case MaxStreamDataFrame max -> connection.streamFrames.onMaxStreamData(max);
            case MaxDataFrame max -> connection.streamFrames.onMaxData(max);
            case MaxStreamsFrame max -> connection.streamFrames.onMaxStreams(max);
            // Wishes: limits rise as the application reads and streams end.
            case DataBlockedFrame ignored -> {}
            case StreamsBlockedFrame ignored -> {}
            case PingFrame ignored -> {}
            case PaddingFrame ignored -> {}
            case AckFrame ignored -> throw new IllegalStateException("ACK has its own lane");
            case DatagramFrame ignored -> throw new IllegalStateException("DATAGRAM has its own lane");
        }
    }

    private static TransportException notAllowed(long frameType, PacketType packetType) {
        // RFC 9000 §12.4: a frame in a packet type that does not permit it.
        return new TransportException(
                TransportError.PROTOCOL_VIOLATION, frameType, "frame not permitted in a packet of type " + packetType);
    }
}
