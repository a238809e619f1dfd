package io.mpquic.quic.connection;

/** Idle timeout and keep-alive (RFC 9000 §10.1). */
final class IdleTimer {
    private final long keepAliveNs;
    private long timeoutNs;
    private long lastActivityNs;
    private long firstSentNs;
    private boolean sentSinceReceived;

    IdleTimer(long timeoutNs, long keepAliveNs, long nowNs) {
        this.timeoutNs = timeoutNs;
        this.keepAliveNs = keepAliveNs;
        lastActivityNs = nowNs;
    }

    // RFC 9000 §10.1: the lower of both values counts; 0 is none.
    void peerTimeout(long peerTimeoutNs) {
        if (peerTimeoutNs > 0) {
            timeoutNs = timeoutNs == 0 ? peerTimeoutNs : Math.min(timeoutNs, peerTimeoutNs);
        }
    }

    void onPacketReceived(long nowNs) {
        lastActivityNs = nowNs;
        sentSinceReceived = false;
    }

    // RFC 9000 §10.1: only the first ack-eliciting packet after one that was received restarts the timer.
    void onAckElicitingSent(long nowNs) {
        if (!sentSinceReceived) {
            sentSinceReceived = true;
            lastActivityNs = nowNs;
            firstSentNs = nowNs;
        }
    }

    /**
     * When the connection ends silently.
     *
     * @param ptoNs the current probe timeout: RFC 9000 §10.1 asks for at least three of them
     */
    long deadlineNs(long ptoNs) {
        return timeoutNs == 0 ? Long.MAX_VALUE : lastActivityNs + Math.max(timeoutNs, 3 * ptoNs);
    }

    /**
     * When a PING is due to keep the connection alive. None is while an ack-eliciting packet awaits an answer: its
     * acknowledgement or its probes do the same work.
     */
    long keepAliveDeadlineNs() {
        if (keepAliveNs == 0 || sentSinceReceived) {
            return Long.MAX_VALUE;
        }
        // RFC 9000 §10.1.2: early enough that its loss can be repaired before the timeout.
        long interval = timeoutNs == 0 ? keepAliveNs : Math.min(keepAliveNs, timeoutNs / 2);
        return lastActivityNs + interval;
    }

    /** For how long an ack-eliciting packet has waited for any answer; 0 when none waits. */
    long unansweredNs(long nowNs) {
        return sentSinceReceived ? nowNs - firstSentNs : 0;
    }
}
