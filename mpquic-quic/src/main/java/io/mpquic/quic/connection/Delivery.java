package io.mpquic.quic.connection;

import io.mpquic.quic.recovery.DeliveryListener;
import io.mpquic.quic.wire.AckRanges;
import io.mpquic.quic.wire.CryptoFrame;
import io.mpquic.quic.wire.Frame;
import io.mpquic.quic.wire.HandshakeDoneFrame;
import io.mpquic.quic.wire.NewConnectionIdFrame;
import io.mpquic.quic.wire.NewTokenFrame;
import io.mpquic.quic.wire.PacketNumberSpace;
import io.mpquic.quic.wire.RetireConnectionIdFrame;
import io.mpquic.quic.wire.TransportException;
import org.jspecify.annotations.Nullable;

/** What follows when a packet arrived or was lost: some frames are sent again, by RFC 9000 §13.3. */
final class Delivery implements DeliveryListener {
    /** RFC 9002 §6.2.4: as many as a probe timeout sends. */
    private static final int PACKETS_FOR_A_PROBE = 2;

    private final QuicConnection connection;
    private boolean probing;
    private int probedPackets;

    Delivery(QuicConnection connection) {
        this.connection = connection;
    }

    void onAck(PacketSpace space, AckRanges ranges, long encodedDelay, long nowNs) throws TransportException {
        connection.recovery.onAckReceived(space.id, ranges, connection.peerLimits.ackDelayNs(encodedDelay), nowNs);
        space.largestAcknowledged = Math.max(space.largestAcknowledged, ranges.largest(0));
        OneRttKeys keys = space.oneRttKeys;
        if (keys != null) {
            keys.onAcknowledged(ranges.largest(0));
        }
        connection.tracing.metricsUpdated(connection);
    }

    @Override
    public void onPacketAcked(
            PacketNumberSpace space, long packetNumber, @Nullable Object frames, long largestAckedInIt) {
        if (largestAckedInIt >= 0) {
            // RFC 9000 §13.2.4: what the peer knows to be acknowledged need not be said again.
            connection.spaces.of(space).received.onAckAcknowledged(largestAckedInIt);
        }
        if (frames instanceof Frame[] all) {
            for (Frame frame : all) {
                onFrameAcked(frame);
            }
        }
    }

    private void onFrameAcked(Frame frame) {
        if (frame instanceof RetireConnectionIdFrame) {
            connection.peerIds.onRetirementAcknowledged();
        } else if (frame instanceof NewConnectionIdFrame) {
            connection.localIds.onIssueAcknowledged();
            connection.localIds.replenish();
        } else {
            connection.streamFrames.onAcknowledged(frame);
        }
    }

    @Override
    public void onPacketLost(
            PacketNumberSpace space, long packetNumber, @Nullable Object frames, int bytes, boolean mtuProbe) {
        connection.counters.packetsLost++;
        connection.tracing.packetLost(space, packetNumber);
        if (mtuProbe) {
            connection.mtu.onProbeLost(bytes);
        } else {
            resend(connection.spaces.of(space), frames);
        }
    }

    @Override
    public void onMtuProbeAcked(int bytes) {
        connection.mtu.onProbeAcked(bytes);
    }

    @Override
    public void onSizeAcked(PacketNumberSpace space, int bytes) {
        if (space == PacketNumberSpace.APPLICATION) {
            connection.mtu.onPacketAcked(bytes);
        }
    }

    @Override
    public void onSizeLost(PacketNumberSpace space, int bytes, long sentNs, long nowNs) {
        if (space == PacketNumberSpace.APPLICATION) {
            connection.mtu.onPacketLost(bytes, sentNs, nowNs);
        }
    }

    /** A late packet proves as much about its size as one in time. */
    @Override
    public void onSpuriousLoss(PacketNumberSpace space, long packetNumber, int bytes) {
        onSizeAcked(space, bytes);
    }

    /** What a probe repeats: of streams only the oldest packets, or all that is under way would go out twice. */
    void repeatForProbe(PacketSpace space) {
        probing = true;
        probedPackets = 0;
        connection.recovery.forEachUnacked(space.id, frames -> {
            probedPackets++;
            resend(space, frames);
        });
        probing = false;
    }

    /** Sends again what is under way in a space, as nobody will tell what becomes of it. */
    void resendAll(PacketSpace space) {
        connection.recovery.forEachUnacked(space.id, frames -> resend(space, frames));
    }

    private void resend(PacketSpace space, @Nullable Object frames) {
        if (frames instanceof Frame[] all) {
            for (Frame frame : all) {
                resend(space, frame);
            }
        }
    }

    private void resend(PacketSpace space, Frame frame) {
        if (frame instanceof CryptoFrame crypto) {
            space.cryptoOut.resend(crypto);
        } else if (frame instanceof HandshakeDoneFrame
                || frame instanceof NewConnectionIdFrame
                || frame instanceof NewTokenFrame
                || frame instanceof RetireConnectionIdFrame) {
            connection.pending.addOnce(frame);
        } else if (!probing || probedPackets <= PACKETS_FOR_A_PROBE) {
            connection.streamFrames.onLost(frame);
        }
        // PING, PATH_CHALLENGE and PATH_RESPONSE are worth nothing later; datagrams are not repeated (RFC 9221 §5).
    }
}
