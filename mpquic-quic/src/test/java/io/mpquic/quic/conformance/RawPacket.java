package io.mpquic.quic.conformance;

import io.mpquic.quic.wire.ConnectionId;
import io.mpquic.quic.wire.Frame;
import io.mpquic.quic.wire.PacketType;
import java.util.List;

/**
 * A packet of the endpoint under test, with both protections removed.
 *
 * @param phase the Key Phase bit of a 1-RTT packet
 * @param bytes its size
 * @param reserved the reserved bits, unprotected
 * @param numberBytes in how many bytes its number is written
 * @param datagram the UDP payload that it came in
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record RawPacket(
        PacketType type,
        long number,
        int phase,
        ConnectionId destination,
        ConnectionId source,
        byte[] token,
        List<Frame> frames,
        int bytes,
        int reserved,
        int numberBytes,
        Target.Sent datagram) {

    <T extends Frame> List<T> all(Class<T> kind) {
        return frames.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    boolean has(Class<? extends Frame> kind) {
        return frames.stream().anyMatch(kind::isInstance);
    }

    boolean isAckEliciting() {
        return frames.stream().anyMatch(Frame::isAckEliciting);
    }
}
