package io.mpquic.dataplane.agent;

import io.mpquic.dataplane.PacketPath;
import io.mpquic.dataplane.TunnelStatistics;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Shows the session's figures to other threads. The worker puts up a new copy at most ten times a second; and once more
 * when it falls idle, so that the last one is right and an idle tunnel costs nothing.
 */
final class SessionBoard {
    private static final long INTERVAL_NS = Duration.ofMillis(100).toNanos();

    /** What is shown, and when it was true. */
    private record Notice(TunnelStatistics.Session figures, long takenNs) {
        TunnelStatistics.Session at(long nowNs) {
            return new TunnelStatistics.Session(
                    figures.local(),
                    figures.remote(),
                    figures.peerCertificateName(),
                    figures.ageNs() + Math.max(0, nowNs - takenNs),
                    figures.handshakeNs(),
                    figures.maxPacketBytes(),
                    figures.pathMtuSettled(),
                    figures.connection());
        }
    }

    private volatile @Nullable Notice shown;
    private volatile @Nullable PacketPath packetPath;
    private boolean due;
    private long dueNs;

    /** Worker: a round is over. */
    void onRound(@Nullable Session session, long nowNs) {
        if (session == null || !session.isBegun()) {
            clear();
        } else if (!due) {
            due = true;
            dueNs = nowNs + INTERVAL_NS;
        } else if (nowNs - dueNs >= 0) {
            due = false;
            shown = new Notice(session.statistics(nowNs), nowNs);
        }
    }

    /** Worker: shows the figures at once. */
    void show(Session session, long nowNs) {
        due = false;
        shown = new Notice(session.statistics(nowNs), nowNs);
    }

    /** Worker: there is no session. */
    void clear() {
        due = false;
        shown = null;
    }

    /** Worker: how long it may wait before the next {@link #onRound}, in nanoseconds. */
    long maxWaitNs(long nowNs) {
        return due ? Math.max(0, dueNs - nowNs) : Long.MAX_VALUE;
    }

    /** Worker: what packets pass through now; returns whether that is news. */
    boolean show(PacketPath path) {
        boolean news = !path.equals(packetPath);
        packetPath = path;
        return news;
    }

    /** Any thread: what packets pass through; null before the first socket was open. */
    @Nullable PacketPath packetPath() {
        return packetPath;
    }

    /** Any thread: the session's figures, with its age now; null when there is no session. */
    TunnelStatistics.@Nullable Session shown(long nowNs) {
        Notice notice = shown;
        return notice == null ? null : notice.at(nowNs);
    }
}
