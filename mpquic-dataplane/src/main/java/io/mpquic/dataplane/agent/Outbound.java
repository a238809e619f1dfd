package io.mpquic.dataplane.agent;

import io.mpquic.dataplane.DropCause;
import io.mpquic.dataplane.forward.EcnMark;
import io.mpquic.dataplane.forward.IpPacket;
import io.mpquic.dataplane.forward.Ipv4Fragmenter;
import io.mpquic.dataplane.forward.MssClamp;
import io.mpquic.dataplane.ring.PacketRing;
import java.io.IOException;
import java.time.Duration;

/**
 * Takes packets from the ring and sends them, in order. A packet that cannot go now stays at the head;
 * one that can never go is answered, cut, or dropped and counted: nothing that a packet is or does ends a session.
 *
 * <p>While the first path MTU discovery runs, a packet that is too big for the path as known so far waits for its end:
 * two round trips. To refuse it would be worse: Linux remembers a refusal for ten minutes. A TCP SYN waits as well,
 * because the segment size that it announces holds for the whole connection.
 *
 * <p>The worker's thread.
 */
final class Outbound {
    /**
     * The longest that a packet waits for a session: a little more than the longest pause between two attempts and the
     * handshake after it. What is older than that was given up by whoever sent it.
     */
    static final long SESSION_WAIT_NS = Duration.ofSeconds(5).toNanos();

    private final PacketRing ring;
    private final Inbound inbound;
    private final Tally tally;
    private final Ipv4Fragmenter fragmenter;
    private final boolean clampSegmentSize;
    private final long queueTimeNs;
    private final CoDel delay = new CoDel();
    private boolean pieceWaits;
    private boolean waitedForPath;
    private long pathReadyNs;

    /**
     * Joins a ring.
     *
     * @param inbound takes answers for this host
     * @param queueTimeNs how long a packet may wait for a path that is there but does not take it, in nanoseconds
     */
    Outbound(PacketRing ring, Inbound inbound, Tally tally, boolean clampSegmentSize, long queueTimeNs) {
        this.ring = ring;
        this.inbound = inbound;
        this.tally = tally;
        this.clampSegmentSize = clampSegmentSize;
        this.queueTimeNs = queueTimeNs;
        this.fragmenter = new Ipv4Fragmenter(ring.packetCapacityBytes());
        this.waitedForPath = true;
    }

    /** There is no session any more: what waits now waits for the next one. */
    void onSessionOver() {
        waitedForPath = true;
        abandonPieces();
    }

    /** Drops what has waited too long, while there is no session. */
    void expire(long nowNs) {
        while (!ring.isEmpty() && nowNs - ring.timeNs() > SESSION_WAIT_NS) {
            drop(DropCause.SEND_QUEUE_TIME);
        }
    }

    /**
     * Sends all that waits, as far as the session, the path and the socket take it.
     *
     * @throws IOException when the socket is broken
     */
    void drain(Carrier carrier, long nowNs) throws IOException {
        boolean goesOn = true;
        while (goesOn && !ring.isEmpty()) {
            boolean isBeingCut = pieceWaits || fragmenter.isUnderWay();
            goesOn = isBeingCut ? sendPiece(carrier, nowNs) : sendHead(carrier, nowNs);
        }
    }

    /** Deals with the packet at the head; false when it has to stay there for now. */
    private boolean sendHead(Carrier carrier, long nowNs) throws IOException {
        int lengthBytes = IpPacket.lengthBytes(ring.memory(), ring.offset(), ring.lengthBytes());
        if (lengthBytes == 0) {
            return dropIncomplete(carrier, nowNs);
        }
        if (nowNs - ring.timeNs() > SESSION_WAIT_NS) {
            return drop(DropCause.SEND_QUEUE_TIME);
        }
        int maxPacketBytes = carrier.maxPacketBytes();
        boolean settled = carrier.isPathMtuSettled();
        boolean syn = clampSegmentSize && MssClamp.isTcpSyn(ring.memory(), ring.offset(), lengthBytes);
        if (!settled && (syn || lengthBytes > maxPacketBytes)) {
            waitedForPath = true;
            return false;
        }
        if (settled && waitedForPath) {
            waitedForPath = false;
            pathReadyNs = nowNs;
        }
        if (lengthBytes > maxPacketBytes) {
            return tooBig(lengthBytes, maxPacketBytes, nowNs);
        }
        if (syn && MssClamp.clamp(ring.memory(), ring.offset(), lengthBytes, maxPacketBytes)) {
            tally.count(Counter.CLAMPED_SEGMENT_SIZES, 1);
        }
        return switch (carrier.send(ring.memory(), ring.offset(), lengthBytes, nowNs)) {
            case SENT -> sent(nowNs);
            case BLOCKED -> blocked(nowNs);
            case TOO_LARGE -> drop(DropCause.SEND_TOO_BIG);
            case CLOSED -> false;
        };
    }

    /**
     * The device's MTU was raised after it was opened, and this packet is longer than a slot of the ring: only its
     * beginning is here. That is enough to tell its sender.
     */
    private boolean dropIncomplete(Carrier carrier, long nowNs) {
        if (!IpPacket.isCut(ring.memory(), ring.offset(), ring.lengthBytes())) {
            return drop(DropCause.SEND_NOT_IP);
        }
        int maxPacketBytes = Math.min(carrier.maxPacketBytes(), ring.packetCapacityBytes());
        if (maxPacketBytes > 0 && carrier.isPathMtuSettled()) {
            inbound.answerTooBig(ring.memory(), ring.offset(), ring.lengthBytes(), maxPacketBytes, nowNs);
        }
        return drop(DropCause.SEND_TOO_BIG);
    }

    private boolean tooBig(int lengthBytes, int maxPacketBytes, long nowNs) {
        if (maxPacketBytes == 0) {
            return false;
        }
        boolean mayBeCut = IpPacket.version(ring.memory(), ring.offset()) == 4
                && !IpPacket.dontFragment(ring.memory(), ring.offset());
        if (mayBeCut) {
            fragmenter.begin(ring.memory(), ring.offset(), lengthBytes, maxPacketBytes);
            return fragmenter.isUnderWay() || drop(DropCause.SEND_TOO_BIG);
        }
        inbound.answerTooBig(ring.memory(), ring.offset(), lengthBytes, maxPacketBytes, nowNs);
        return drop(DropCause.SEND_TOO_BIG);
    }

    /** Sends the next fragment of the packet at the head; false when it has to wait. */
    private boolean sendPiece(Carrier carrier, long nowNs) throws IOException {
        if (!pieceWaits) {
            fragmenter.next();
            pieceWaits = true;
        }
        return switch (carrier.send(fragmenter.memory(), fragmenter.offset(), fragmenter.lengthBytes(), nowNs)) {
            case SENT -> pieceSent(nowNs);
            case BLOCKED -> blocked(nowNs);
            // The path has become narrower since the packet was cut.
            case TOO_LARGE -> drop(DropCause.SEND_TOO_BIG);
            case CLOSED -> false;
        };
    }

    private boolean pieceSent(long nowNs) {
        pieceWaits = false;
        if (!fragmenter.isUnderWay()) {
            tally.count(Counter.FRAGMENTED_PACKETS, 1);
            return sent(nowNs);
        }
        return true;
    }

    private boolean sent(long nowNs) {
        tally.count(Counter.SENT_PACKETS, Counter.SENT_BYTES, ring.lengthBytes());
        long waitedNs = waitedNs(nowNs);
        ring.release();
        if (delay.onSent(waitedNs, ring.isEmpty(), nowNs)) {
            slowDown();
        }
        return true;
    }

    /** RFC 3168 §5: a sender that understands marks is told by one. */
    private void slowDown() {
        if (EcnMark.congested(ring.memory(), ring.offset(), ring.lengthBytes())) {
            tally.count(Counter.MARKED_PACKETS, 1);
        } else {
            drop(DropCause.SEND_QUEUE_DELAY);
        }
    }

    /**
     * The path takes no more just now. Only then does a packet's age count: what can go is never dropped for the pause
     * that a busy host made this thread take.
     */
    private boolean blocked(long nowNs) {
        while (!ring.isEmpty() && waitedNs(nowNs) > queueTimeNs) {
            drop(DropCause.SEND_QUEUE_TIME);
        }
        return false;
    }

    /** How long the head has waited for a path that was ready. */
    private long waitedNs(long nowNs) {
        return Math.min(nowNs - ring.timeNs(), waitedForPath ? 0 : nowNs - pathReadyNs);
    }

    private boolean drop(DropCause cause) {
        abandonPieces();
        tally.drop(cause);
        ring.release();
        return true;
    }

    private void abandonPieces() {
        pieceWaits = false;
        fragmenter.abandon();
    }
}
