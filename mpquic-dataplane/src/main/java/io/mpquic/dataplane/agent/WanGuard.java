package io.mpquic.dataplane.agent;

import java.time.Duration;

/**
 * Decides what a change of the WAN means to one attempt and the session that came of it.
 *
 * <pre>
 *                          cannot be used                      for longer than the peer may be silent
 *             +--------+ ------------------&gt; +------+ -----------------------------------------&gt; WAIT
 *   dial ---&gt; | STEADY |                     | AWAY |
 *             +--------+ &lt;----+     +------- +------+
 *                  |          |     | can be used again
 *                  | another  |     v
 *                  | address  |  +--------+   no answer within a second
 *                  +----------)&gt; | ASKING | ----------------------------&gt; REDIAL
 *                             |  +--------+
 *                             +------+ the peer answers
 * </pre>
 *
 * <p>QUIC survives a short outage, and a server follows a client whose address has changed; but not every server does,
 * and no NAT need remember what was before. So the path is asked, and given up soon: to dial anew costs a round trip or
 * two. A socket that is bound to an interface which was deleted sends nothing any more: no question is worth while then.
 *
 * <p>The worker's thread.
 */
final class WanGuard {
    /**
     * Several questions get lost before this is over, and traffic flows again within two seconds all the same. An outage
     * can leave the gateway's link address unknown, for which Linux asks once a second: then it is a near thing, and the
     * session may be renewed though it could have been kept.
     */
    static final long ANSWER_PATIENCE_NS = Duration.ofSeconds(1).toNanos();

    /** What to do now. */
    enum Action {
        GO_ON,
        /** Say that the session waits for the WAN, for {@link #reason}. */
        REPORT_LOSS,
        /** Ask the peer for a sign of life over the path as it is now. */
        ASK_PATH,
        /** Say that the session goes on. */
        REPORT_RETURN,
        /** Give the attempt or session up and dial at once. */
        REDIAL,
        /** Give the attempt or session up and wait for the WAN. */
        WAIT
    }

    private enum Phase {
        STEADY,
        AWAY,
        ASKING
    }

    private final long awayLimitNs;
    private WanCondition known;
    private Phase phase = Phase.STEADY;
    private long sinceNs;
    private String reason = "";
    private boolean lossReported;

    /**
     * Begins with an attempt.
     *
     * @param dialled the condition of the WAN before the socket was opened
     * @param awayLimitNs how long a session may wait for the WAN, in nanoseconds
     */
    WanGuard(WanCondition dialled, long awayLimitNs) {
        this.known = dialled;
        this.awayLimitNs = awayLimitNs;
    }

    /** Whether the WAN is as it was; if not, the peer cannot be blamed for its silence. */
    boolean isSteady() {
        return phase == Phase.STEADY;
    }

    /** Why the WAN could not be used when it was last not. */
    String reason() {
        return reason;
    }

    /** How long the worker may wait before it looks again, in nanoseconds. */
    long leftNs(long nowNs) {
        return switch (phase) {
            case STEADY -> Long.MAX_VALUE;
            case AWAY -> Math.max(0, awayLimitNs - (nowNs - sinceNs)) + 1;
            case ASKING -> Math.max(0, ANSWER_PATIENCE_NS - (nowNs - sinceNs)) + 1;
        };
    }

    /**
     * Looks at the WAN. To be called again after anything but GO_ON was done.
     *
     * @param begun whether there is a session, and not only an attempt
     * @param answered whether the peer has answered since the path was asked last
     */
    Action look(WanCondition now, boolean begun, boolean answered, long nowNs) {
        return switch (now) {
            case WanCondition.Unwatched unwatched -> steady();
            case WanCondition.Unusable(String why) -> begun ? away(why, nowNs) : waitFor(why);
            case WanCondition.Usable usable -> begun ? present(usable, answered, nowNs) : dialling(usable);
        };
    }

    private Action steady() {
        phase = Phase.STEADY;
        boolean owed = lossReported;
        lossReported = false;
        return owed ? Action.REPORT_RETURN : Action.GO_ON;
    }

    private Action waitFor(String why) {
        reason = why;
        return Action.WAIT;
    }

    private Action away(String why, long nowNs) {
        if (phase != Phase.AWAY) {
            phase = Phase.AWAY;
            sinceNs = nowNs;
        } else if (nowNs - sinceNs > awayLimitNs) {
            return waitFor(why);
        } else if (why.equals(reason)) {
            return Action.GO_ON;
        }
        reason = why;
        lossReported = true;
        return Action.REPORT_LOSS;
    }

    /** A handshake is repeated by itself; it is hopeless only when its own address or interface is gone. */
    private Action dialling(WanCondition.Usable usable) {
        boolean same = known instanceof WanCondition.Usable(int index, var addresses)
                && index == usable.index()
                && usable.addresses().containsAll(addresses);
        if (same) {
            known = usable;
        }
        return same ? Action.GO_ON : Action.REDIAL;
    }

    private Action present(WanCondition.Usable usable, boolean answered, long nowNs) {
        if (!(known instanceof WanCondition.Usable before) || before.index() != usable.index()) {
            return Action.REDIAL;
        }
        if (phase == Phase.AWAY || !before.equals(usable)) {
            known = usable;
            phase = Phase.ASKING;
            sinceNs = nowNs;
            return Action.ASK_PATH;
        }
        if (phase == Phase.STEADY) {
            return Action.GO_ON;
        }
        if (answered) {
            return steady();
        }
        return nowNs - sinceNs > ANSWER_PATIENCE_NS ? Action.REDIAL : Action.GO_ON;
    }
}
