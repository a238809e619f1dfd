package io.mpquic.quic.connection;

import io.mpquic.quic.wire.DatagramFrame;
import io.mpquic.quic.wire.Frame;
import io.mpquic.quic.wire.PacketType;
import io.mpquic.quic.wire.PingFrame;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The way out: decides what goes into the next UDP payload, and in which order (RFC 9000 §12.2, §13, §14.1).
 *
 * <p>Priorities: a close; acknowledgements, TLS bytes and probes of each space, oldest space first; a path MTU probe;
 * control frames; queued datagrams; streams last, because datagrams are the tunnel. Datagrams that are sealed in place come
 * after all of these, but when one found the window or the pacer shut, streams wait for it.
 */
final class Egress {
    /** With less room than this behind a packet, no further one is coalesced. */
    private static final int MIN_COALESCED_BYTES = 100;
    /** So many acknowledgements in a row cost a PING: hardly any traffic, and numbers of two bytes suffice. */
    private static final int UNANSWERED_PACKETS = 1_000;

    /** The first probes may be lost by chance. */
    private static final int SMALL_PROBE_PTOS = 2;

    private final QuicConnection connection;
    private final PacketAssembler assembler;
    private final DatagramQueue datagrams;
    private final PathDatagrams pathDatagrams;
    final StreamShare streams;
    private final ClosePackets closePackets;
    private Path sentOn;
    private boolean pacerBlocked;

    Egress(QuicConnection connection, PacketAssembler assembler, DatagramQueue datagrams) {
        this.connection = connection;
        this.assembler = assembler;
        this.datagrams = datagrams;
        pathDatagrams = new PathDatagrams(connection, assembler);
        streams = new StreamShare(connection.streamFrames);
        closePackets = new ClosePackets(connection, assembler);
        sentOn = connection.paths.active();
    }

    /** Builds the next UDP payload; 0 when there is nothing to send now. */
    int transmit(MemorySegment out, long offset, int capacity, long nowNs) {
        pacerBlocked = false;
        streams.begin();
        sentOn = connection.paths.active();
        int room = (int) Math.min(Math.min(capacity, connection.mtu.currentBytes()), sentOn.limit.budgetBytes());
        if (!connection.closing.isOpen()) {
            return closePackets.transmit(out, offset, room);
        }
        int written = transmitPathDatagram(out, offset, capacity, nowNs);
        if (written == 0) {
            written = transmitPackets(out, offset, roomForProbe(room), nowNs);
        }
        if (written == 0) {
            written = transmitMtuProbe(out, offset, capacity, nowNs);
        }
        return written;
    }

    private int transmitPathDatagram(MemorySegment out, long offset, int capacity, long nowNs) {
        Path path = pathDatagrams.next();
        PacketSpace space = connection.spaces.application;
        boolean here = path == sentOn;
        boolean probe = here && connection.recovery.probesOwed(space.id) > 0;
        // Answers on the path in use keep to its window; the questions that decide about a path do not wait for it.
        // RFC 9002 §7: nor does a probe, and the answer in it may be all that the peer waits for.
        if (path == null || (here && !probe && !path.validation.isChallengeDue() && !mayElicit(space, nowNs))) {
            return 0;
        }
        int written = pathDatagrams.transmit(path, out, offset, capacity, nowNs);
        if (written > 0) {
            sentOn = path;
            if (probe) {
                connection.recovery.probeSent(space.id);
            }
        }
        return written;
    }

    /** The path of the payload that was built last. */
    Path sentOn() {
        return sentOn;
    }

    /** When something may go that only waits for its time; {@code Long.MAX_VALUE} when nothing does. */
    long nextSendNs() {
        return Math.min(pacerBlocked ? connection.pacer.nextSendNs() : Long.MAX_VALUE, streams.heldUntilNs());
    }

    /** Whether window, pacer and address validation let a full-size packet go now. */
    boolean maySendDatagram(long nowNs) {
        return connection.paths.budgetBytes() >= connection.mtu.currentBytes()
                && mayElicit(connection.spaces.application, nowNs);
    }

    /**
     * RFC 8899 §4.3: where even probes are not answered, the path may carry less than before. A small probe is answered
     * then, and shows that the large packets before it are lost.
     */
    private int roomForProbe(int room) {
        boolean unanswered = connection.recovery.ptoCount() >= SMALL_PROBE_PTOS
                && connection.recovery.probesOwed(connection.spaces.application.id) > 0;
        return unanswered ? Math.min(room, TransportSettings.MIN_UDP_PAYLOAD_BYTES) : room;
    }

    private int transmitPackets(MemorySegment out, long offset, int room, long nowNs) {
        int written = 0;
        boolean padded = false;
        PacketSpace next = nextWanting(null, nowNs);
        while (next != null) {
            PacketSpace space = next;
            next = nextWanting(space, nowNs);
            if (!assembler.begin(space, out, offset + written, room - written)) {
                break;
            }
            addFrames(space, nowNs);
            if (assembler.isEmpty() && !padded) {
                break; // what waits needs more room than there is: a packet of mere padding would waste the budget
            }
            // RFC 9000 §14.1: a client pads every datagram with an Initial packet, a server those that elicit an ACK.
            padded |= space.packetType == PacketType.INITIAL && (connection.isClient() || assembler.isAckEliciting());
            boolean last = next == null || room - written - assembler.sizeBytes() < MIN_COALESCED_BYTES;
            if (last && padded) {
                assembler.padTo(Math.min(room, TransportSettings.MIN_UDP_PAYLOAD_BYTES) - written);
            }
            int size = assembler.seal(nowNs);
            written += size;
            connection.sending.onPacketSent(space, size, assembler.isAckEliciting(), nowNs);
            if (last) {
                break;
            }
        }
        return written;
    }

    private @Nullable PacketSpace nextWanting(@Nullable PacketSpace after, long nowNs) {
        boolean seen = after == null;
        // By index: this is asked for each packet, and an iterator is an object.
        List<PacketSpace> all = connection.spaces.all;
        for (int i = 0; i < all.size(); i++) {
            PacketSpace space = all.get(i);
            if (seen && wants(space, nowNs)) {
                return space;
            }
            seen |= space == after;
        }
        return null;
    }

    private boolean wants(PacketSpace space, long nowNs) {
        if (!space.canWrite()) {
            return false;
        }
        if (space.received.ackDue(nowNs)) {
            return true;
        }
        return hasRoomToElicit(space)
                && (connection.recovery.probesOwed(space.id) > 0 || (hasData(space, nowNs) && mayElicit(space, nowNs)));
    }

    // RFC 9000 §14.1: a server's Initial packet that elicits an ACK comes in a datagram of full size, or not at all.
    private boolean hasRoomToElicit(PacketSpace space) {
        return connection.isClient()
                || space.packetType != PacketType.INITIAL
                || connection.paths.budgetBytes() >= TransportSettings.MIN_UDP_PAYLOAD_BYTES;
    }

    private boolean hasData(PacketSpace space, long nowNs) {
        if (space.cryptoOut.hasPending()) {
            return true;
        }
        return space == connection.spaces.application
                && (!connection.pending.isEmpty()
                        || connection.ping.isRequested()
                        || datagramWaits()
                        || streams.isDue(nowNs));
    }

    private boolean datagramWaits() {
        return !datagrams.isEmpty() && (connection.establishment.isComplete() || connection.early.isOpen());
    }

    private boolean mayElicit(PacketSpace space, long nowNs) {
        // RFC 9002 §7: a packet must not take the bytes in flight beyond the window.
        long reserved = space == connection.spaces.application ? connection.early.reservedBytes() : 0;
        if (connection.recovery.bytesInFlight() + connection.congestion.maxDatagramBytes() + reserved
                > connection.congestion.windowBytes()) {
            return false;
        }
        if (space == connection.spaces.application && !connection.pacer.permits(nowNs)) {
            connection.recovery.onPacingLimited(nowNs);
            pacerBlocked = true;
            return false;
        }
        return true;
    }

    private void addFrames(PacketSpace space, long nowNs) {
        boolean probe = connection.recovery.probesOwed(space.id) > 0;
        if (space.received.hasUnacknowledged()) {
            assembler.addAck(space.received, nowNs);
        }
        if (!hasRoomToElicit(space) || (!probe && !mayElicit(space, nowNs))) {
            return;
        }
        if (probe) {
            // RFC 9002 §6.2.4: a probe carries what is most likely missing.
            connection.delivery.repeatForProbe(space);
        }
        for (Frame frame = space.cryptoOut.next(assembler.frameRoomBytes());
                frame != null;
                frame = space.cryptoOut.next(assembler.frameRoomBytes())) {
            assembler.add(frame);
        }
        if (space == connection.spaces.application) {
            if (streams.isOwed()) {
                streams.add(assembler, nowNs);
            }
            addApplicationFrames();
            streams.add(assembler, nowNs);
        }
        if (probe && !assembler.isAckEliciting()) {
            assembler.add(new PingFrame());
        }
        if (probe) {
            connection.recovery.probeSent(space.id);
        }
    }

    // RFC 9000 §13.2.4: acknowledgements are not acknowledged, and without an answer now and then the packet numbers
    // would run out.
    private boolean isAnswerWanted() {
        PacketSpace space = connection.spaces.application;
        return connection.establishment.isConfirmed()
                && connection.recovery.bytesInFlight() == 0
                && space.peekPacketNumber() - space.largestAcknowledged > UNANSWERED_PACKETS;
    }

    private void addApplicationFrames() {
        if (isAnswerWanted()) {
            connection.ping.request();
        }
        for (Frame frame = connection.pending.poll(assembler.frameRoomBytes());
                frame != null;
                frame = connection.pending.poll(assembler.frameRoomBytes())) {
            assembler.add(frame);
        }
        if (connection.ping.take() && !assembler.isAckEliciting()) {
            assembler.add(new PingFrame());
        }
        while (datagramWaits()) {
            int length = datagrams.nextLengthBytes();
            if (length > connection.maxDatagramBytes()) {
                datagrams.drop(); // the path has shrunk since it was queued
                continue;
            }
            int room = assembler.frameRoomBytes();
            boolean withLength = DatagramFrame.headerLengthBytes(length, true) + length <= room;
            // A message of the largest size fits only alone, and without a length: it ends with the packet.
            boolean alone = assembler.isEmpty() && DatagramFrame.headerLengthBytes(length, false) + length <= room;
            if (!withLength && !alone) {
                return;
            }
            byte[] payload = datagrams.poll();
            if (payload != null) {
                assembler.addUntracked(new DatagramFrame(MemorySegment.ofArray(payload), withLength));
                connection.counters.datagramsSent++;
                streams.onDatagramSent();
            }
            if (!withLength) {
                return;
            }
        }
    }

    /** RFC 9000 §14.3, RFC 8899: a packet that only asks whether its size arrives. */
    private int transmitMtuProbe(MemorySegment out, long offset, int capacity, long nowNs) {
        int size = connection.establishment.isComplete() ? connection.mtu.nextProbeBytes() : 0;
        PacketSpace space = connection.spaces.application;
        // RFC 9000 §9.3: after a move, a probe too counts for what may be sent to an address that is not proven.
        if (size == 0
                || size > Math.min(capacity, connection.paths.budgetBytes())
                || !space.canWrite()
                || !mayElicit(space, nowNs)) {
            return 0;
        }
        if (!assembler.begin(space, out, offset, size)) {
            return 0;
        }
        assembler.add(new PingFrame());
        assembler.padTo(size);
        assembler.markMtuProbe();
        int written = assembler.seal(nowNs);
        connection.mtu.onProbeSent(written);
        if (connection.mtu.nextProbeBytes() == 0) {
            // Only a later packet shows that a probe was lost: without one, an idle path waits for a probe timeout.
            connection.ping.request();
        }
        connection.sending.onPacketSent(space, written, true, nowNs);
        return written;
    }
}
