package io.mpquic.dataplane.agent;

import io.mpquic.tun.TunDevice;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * One round of the worker, in two halves: {@link #receive} first, then what the role makes of it, then {@link #send}.
 * The worker's thread.
 */
final class Pump {
    /**
     * After about how many packets of the host the socket has its turn again: acknowledgements must not wait for long. All
     * that was taken is sent in the same round, or those that come would in time push out those that wait.
     */
    private static final int BATCH = 64;

    private final HostReader host;
    private final Outbound outbound;
    private final Inbound inbound;
    private final Waker waker;
    private final SessionBoard board;
    private boolean moreReceived;

    Pump(HostReader host, Outbound outbound, Inbound inbound, Waker waker, SessionBoard board) {
        this.host = host;
        this.outbound = outbound;
        this.inbound = inbound;
        this.waker = waker;
        this.board = board;
    }

    SessionBoard board() {
        return board;
    }

    TunDevice tun() {
        return host.tun();
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
        moreReceived = link.driver().receive(nowNs);
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
        boolean moreFromHost = host.pull(BATCH, nowNs);
        if (session != null && session.isBegun()) {
            outbound.drain(session, nowNs);
        } else {
            outbound.expire(nowNs);
        }
        // Behind the packets of the host: acknowledgements travel with them, and leave in the same call.
        link.driver().flush(nowNs);
        board.onRound(session, nowNs);
        if (moreReceived || moreFromHost) {
            return;
        }
        waker.expectPacket();
        long laterNs = System.nanoTime();
        link.driver().await(Math.min(maxWaitNs, board.maxWaitNs(laterNs)), laterNs);
    }

    /**
     * Waits without a session. What the host sends meanwhile is taken, or it would be as old as the whole wait when the
     * session begins.
     *
     * @param maxWaitNs the longest wait, in nanoseconds; it may be shorter
     */
    void rest(long maxWaitNs) {
        long nowNs = System.nanoTime();
        boolean more = host.pull(BATCH, nowNs);
        outbound.expire(nowNs);
        if (!more) {
            waker.rest(maxWaitNs);
        }
    }
}
