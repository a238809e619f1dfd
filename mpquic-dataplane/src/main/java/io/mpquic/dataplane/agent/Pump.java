package io.mpquic.dataplane.agent;

import io.mpquic.dataplane.ring.Doorbell;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * One round of the worker, in two halves: {@link #receive} first, then what the role makes of it, then {@link #send}.
 * The worker's thread.
 */
final class Pump {
    /** Packets to send in a round before the socket has its turn again: acknowledgements must not wait for long. */
    private static final int BATCH = 64;

    private final Outbound outbound;
    private final Inbound inbound;
    private final Doorbell bell;
    private final SessionBoard board;
    private boolean moreReceived;

    /**
     * Creates the pump.
     *
     * @param bell the one that the TUN reader presses
     */
    Pump(Outbound outbound, Inbound inbound, Doorbell bell, SessionBoard board) {
        this.outbound = outbound;
        this.inbound = inbound;
        this.bell = bell;
        this.board = board;
    }

    SessionBoard board() {
        return board;
    }

    Inbound inbound() {
        return inbound;
    }

    /** What waits to be sent waits for another session now. */
    void onSessionOver() {
        outbound.onSessionOver();
        board.clear();
    }

    /**
     * Takes what the network brought.
     *
     * @return the present, in nanoseconds
     */
    long receive(Link link) throws IOException {
        long nowNs = System.nanoTime();
        inbound.now(nowNs);
        moreReceived = link.driver().turn(nowNs);
        inbound.flush();
        return nowNs;
    }

    /**
     * Sends what the host wants sent, then waits until there is something to do.
     *
     * @param session the one to send with; null when there is none
     * @param maxWaitNs the longest wait, in nanoseconds
     */
    void send(Link link, @Nullable Session session, long maxWaitNs) throws IOException {
        long nowNs = System.nanoTime();
        Outbound.Progress progress = Outbound.Progress.BLOCKED;
        if (session != null && session.isBegun()) {
            progress = outbound.drain(session, BATCH, nowNs);
            inbound.flush();
        } else {
            outbound.expire(nowNs);
        }
        board.onRound(session, nowNs);
        if (moreReceived || progress == Outbound.Progress.MORE) {
            return;
        }
        // Only with an empty ring does a packet from the host matter: with a path that takes no more, it has to wait.
        if (progress == Outbound.Progress.EMPTY) {
            bell.arm();
            if (outbound.hasPacket()) {
                bell.disarm();
                return;
            }
        }
        long laterNs = System.nanoTime();
        link.driver().await(Math.min(maxWaitNs, board.maxWaitNs(laterNs)), laterNs);
        bell.disarm();
    }
}
